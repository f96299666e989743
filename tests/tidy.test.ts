import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { describe, expect, it } from "vitest";
import { untidy } from "./support/tidy.ts";

const ROOT = join(import.meta.dirname, "..");
const FOLDERS = ["lib", "handlers", "cli", "web", "local", "demo", "build", "bench", "tests", "examples"];

const sourcesOfThisTree = (): Map<string, string> => {
  const paths = FOLDERS.map((folder) => join(ROOT, folder))
    .filter(existsSync)
    .flatMap((folder) => readdirSync(folder, { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile() && !entry.parentPath.includes("node_modules"))
    .map((entry) => relative(ROOT, join(entry.parentPath, entry.name)));
  return new Map(
    paths
      .filter((path) => /\.(ts|mjs)$/.test(path))
      .map((path) => [path, readFileSync(join(ROOT, path), "utf8")]),
  );
};

const faultsOf = (path: string, ...lines: string[]): string[] =>
  untidy(new Map([[path, `${lines.join("\n")}\n`]]));

describe("this tree", () => {
  it("is tidy", () => {
    expect(untidy(sourcesOfThisTree())).toEqual([]);
  });

  it("is looked at as a whole", () => {
    const rooms = new Set([...sourcesOfThisTree().keys()].map((path) => path.split("/")[0]));
    for (const room of ["lib", "handlers", "local", "build", "tests"]) expect(rooms).toContain(room);
  });

  it("has a lock file that names no registry", () => {
    expect(readFileSync(join(ROOT, "package-lock.json"), "utf8")).not.toMatch(/"resolved"/);
  });
});

describe("the checker", () => {
  it.each([
    [
      "a core room that looks up",
      "lib/kit/a.ts",
      'import { x } from "../policy/policy.ts";',
      "lib/kit may not import lib/policy",
    ],
    [
      "a judge that knows deployments",
      "lib/judge/a.ts",
      'import { x } from "../deployment/fact.ts";',
      "lib/judge may not import lib/deployment",
    ],
    [
      "a judge that knows traffic",
      "lib/judge/a.ts",
      'import { x } from "../traffic/plan.ts";',
      "lib/judge may not import lib/traffic",
    ],
    [
      "a port that knows its adapter",
      "lib/ports/a.ts",
      'import { x } from "../aws/table.ts";',
      "lib/ports may not import lib/aws",
    ],
    [
      "a use case that knows AWS",
      "lib/app/a.ts",
      'import { x } from "../aws/table.ts";',
      "lib/app may not import lib/aws",
    ],
    [
      "an adapter that calls a use case",
      "lib/aws/a.ts",
      'import { x } from "../app/track.ts";',
      "lib/aws may not import lib/app",
    ],
    [
      "an event that knows the runtime",
      "lib/events/a.ts",
      'import { x } from "../runtime/log.ts";',
      "lib/events may not import lib/runtime",
    ],
    [
      "a handler past the runtime",
      "handlers/a.ts",
      'import { x } from "../lib/aws/table.ts";',
      "handlers may not import lib/aws",
    ],
    [
      "a local account that shares our code",
      "local/a.ts",
      'import { x } from "../lib/kit/time.ts";',
      "local may not import lib/kit",
    ],
    [
      "a demo that calls the command line",
      "demo/a.ts",
      'import { x } from "../cli/main.ts";',
      "demo may not import cli",
    ],
    [
      "an import for its type",
      "lib/kit/a.ts",
      'import type { X } from "../policy/policy.ts";',
      "lib/kit may not import lib/policy",
    ],
    [
      "an import at run time",
      "lib/kit/a.ts",
      'const x = import("../policy/policy.ts");',
      "lib/kit may not import lib/policy",
    ],
    [
      "an SDK in the core",
      "lib/deployment/a.ts",
      'import { X } from "@aws-sdk/client-codedeploy";',
      "lib/deployment may not use @aws-sdk/client-codedeploy",
    ],
    [
      "an SDK in a use case",
      "lib/app/a.ts",
      'import { X } from "@aws-sdk/client-lambda";',
      "lib/app may not use @aws-sdk/client-lambda",
    ],
    [
      "Node in the core",
      "lib/views/a.ts",
      'import { readFileSync } from "node:fs";',
      "lib/views may not use node:fs",
    ],
    ["zod's heavy face", "lib/policy/a.ts", 'import { z } from "zod";', "lib/policy may not use zod"],
    ["an unknown package", "cli/a.ts", 'import chalk from "chalk";', "cli may not use chalk"],
    [
      "the environment in an adapter",
      "lib/aws/a.ts",
      "const x = process.env.STAGE;",
      "the environment does not belong here (process.env)",
    ],
    [
      "the clock in a use case",
      "lib/app/a.ts",
      "const at = Date.now();",
      "the clock does not belong here (Date.now()",
    ],
    [
      "the clock by another name",
      "lib/judge/a.ts",
      "const at = new Date();",
      "the clock does not belong here (new Date())",
    ],
    [
      "randomness in the core",
      "lib/notice/a.ts",
      "const id = randomUUID();",
      "randomness does not belong here (randomUUID()",
    ],
    [
      "a client made by the way",
      "cli/a.ts",
      "const c = new LambdaClient({});",
      "an SDK client does not belong here (new LambdaClient()",
    ],
    [
      "an SDK error's class",
      "lib/aws/a.ts",
      "if (e instanceof ParameterNotFoundException) x();",
      "an SDK error's class does not belong here (instanceof ParameterNotFoundException)",
    ],
    [
      "waiting in the core",
      "lib/incident/a.ts",
      "const f = async () => 1;",
      "waiting does not belong here (async)",
    ],
    [
      "a module mock",
      "tests/unit/a.test.ts",
      'vi.mock("../../lib/kit/time.ts");',
      "a module mock does not belong here (vi.mock()",
    ],
    [
      "a test left alone",
      "tests/unit/a.test.ts",
      'it.only("x", () => {});',
      "an unfinished test does not belong here (it.only()",
    ],
    ["a drawer for anything", "lib/app/utils/a.ts", "const x = 1;", "name it by what it is about"],
    [
      "a room nobody planned",
      "lib/stuff/a.ts",
      "const x = 1;",
      "no rule for the room lib/stuff; add it to tests/support/tidy.ts",
    ],
  ])("sees %s", (_what, path, line, fault) => {
    expect(faultsOf(path, line)).toEqual([`${path}: ${fault}`]);
  });

  it.each([
    ["lib/app/a.ts", 250],
    ["handlers/a.ts", 25],
    ["lib/ports/a.ts", 40],
    ["tests/unit/a.test.ts", 400],
  ])("lets %s have %i lines and not one more", (path, most) => {
    const lines = Array.from({ length: most }, () => "// a line");
    expect(faultsOf(path, ...lines)).toEqual([]);
    expect(faultsOf(path, ...lines, "// one more")).toEqual([
      `${path}: ${most + 1} lines, the most is ${most}`,
    ]);
  });

  it.each([
    ["lib/judge/a.ts", 'import { x } from "../policy/policy.ts";'],
    ["lib/judge/a.ts", 'import { y } from "./counts.ts";'],
    ["lib/app/a.ts", 'import type { Clock } from "../ports/clock.ts";'],
    ["lib/runtime/wire.ts", 'import { S3Client } from "@aws-sdk/client-s3";\nnew S3Client({});'],
    ["lib/runtime/clock.ts", "export const now = () => Date.now();"],
    ["lib/runtime/config.ts", "export const stage = process.env.STAGE;"],
    ["demo/a.ts", 'import { ensurePackage } from "../build/package.ts";'],
    ["local/a.ts", "const at = Date.now();"],
    ["lib/kit/a.ts", "// process.env is read by the runtime\nexport const x = new Date(0);"],
  ])("finds nothing wrong with what the law allows in %s: %s", (path, line) => {
    expect(faultsOf(path, line)).toEqual([]);
  });
});
