import { execFileSync, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { handlerNames, ROOT } from "../../../build/handlers.ts";
import { withLock } from "../../../build/lock.ts";
import { contentHash, ensurePackage, serverless } from "../../../build/package.ts";
import { STAGES } from "../../support/stack.ts";

let folder: string;

beforeAll(() => {
  mkdirSync(join(ROOT, ".bellwether"), { recursive: true });
  folder = mkdtempSync(join(ROOT, ".bellwether", "package-test-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const digests = (dir: string): Record<string, string> =>
  Object.fromEntries(
    readdirSync(dir)
      .filter((file) => file.endsWith(".zip"))
      .map((file) => [
        file,
        createHash("sha256")
          .update(readFileSync(join(dir, file)))
          .digest("hex"),
      ]),
  );

/** The template, but for the instant in its S3 keys. */
const undatedTemplate = (dir: string): string =>
  readFileSync(join(dir, "cloudformation-template-update-stack.json"), "utf8").replace(
    /\/\d{13}-\d{4}-[^/"]+\//g,
    "/then/",
  );

const hasCfnLint = spawnSync("cfn-lint", ["--version"]).status === 0;
if (!hasCfnLint)
  process.stderr.write("cfn-lint is not installed (pip install cfn-lint): templates are not linted\n");

describe("packaging", () => {
  it("makes one zip per handler, and a template, the same byte for byte when made again", async () => {
    const [one, other] = [join(folder, "one"), join(folder, "other")];
    await ensurePackage("dev", one);
    await ensurePackage("dev", other);
    expect(Object.keys(digests(one)).sort()).toEqual(handlerNames().map((name) => `${name}.zip`));
    expect(digests(other)).toEqual(digests(one));
    // A version whose logical id stays is not published anew, and no deployment starts.
    expect(undatedTemplate(one)).toMatch(/"ReconcileLambdaVersion\w+"/);
    expect(undatedTemplate(other)).toBe(undatedTemplate(one));
  });

  it("does nothing while the tree is unchanged", async () => {
    const { dir } = await ensurePackage("local");
    const madeAt = statSync(join(dir, "serverless-state.json")).mtimeMs;
    const lines: string[] = [];
    await ensurePackage("local", dir, { progress: (line) => lines.push(line) });
    expect(lines).toEqual([]);
    expect(statSync(join(dir, "serverless-state.json")).mtimeMs).toBe(madeAt);
  });

  it("knows a changed tree by its content", () => {
    const tree = join(folder, "tree");
    mkdirSync(join(tree, "lib", "kit"), { recursive: true });
    writeFileSync(join(tree, "lib", "kit", "a.ts"), "1");
    const before = contentHash(tree);
    expect(contentHash(tree)).toBe(before);
    writeFileSync(join(tree, "lib", "kit", "a.ts"), "2");
    expect(contentHash(tree)).not.toBe(before);
  });

  it("does not empty a folder that holds other things", async () => {
    const precious = join(folder, "precious");
    mkdirSync(precious);
    writeFileSync(join(precious, "thesis.txt"), "the only copy");
    await expect(ensurePackage("dev", precious)).rejects.toThrow("holds other things than a package");
    expect(existsSync(join(precious, "thesis.txt"))).toBe(true);
  });

  it("refuses a stage that nobody runs, in one line", async () => {
    const refusal = await serverless(["package", "--stage", "nope", "--package", join(folder, "nope")]).catch(
      (error: Error) => error.message,
    );
    expect(refusal).toContain('unknown stage "nope": use one of local, dev, sit, prod\n');
    expect(refusal).not.toContain("    at ");
  });

  it("refuses a deployment configuration that nobody knows, in one line", async () => {
    const args = ["package", "--stage", "dev", "--package", join(folder, "unknown-config")];
    const refusal = await serverless([...args, "--param=selfDeploymentConfig=Canary7Percent"]).catch(
      (error: Error) => error.message,
    );
    expect(refusal).toMatch(
      /custom\.canary: no deployment configuration is called "Canary7Percent": use one of /,
    );
    expect(refusal).not.toContain("    at ");
  });

  it.skipIf(!hasCfnLint).each(STAGES)(
    "makes a template for %s that cfn-lint has nothing to say about",
    async (stage) => {
      const { dir } = await ensurePackage(stage);
      const said = execFileSync("cfn-lint", [join(dir, "cloudformation-template-update-stack.json")], {
        encoding: "utf8",
      });
      expect(said).toBe("");
    },
  );
});

describe("the lock of builders", () => {
  it("lets one in at a time and the next when it is done", async () => {
    const lock = join(folder, "lock");
    const order: string[] = [];
    const work = (name: string) =>
      withLock(lock, async () => {
        order.push(`${name} in`);
        await new Promise((done) => setTimeout(done, 20));
        order.push(`${name} out`);
      });
    await Promise.all([work("a"), work("b")]);
    expect(order).toEqual(["a in", "a out", "b in", "b out"]);
  });

  it("is taken from an owner that died, and freed by one that fails", async () => {
    const lock = join(folder, "orphan");
    mkdirSync(lock);
    const dead = spawnSync(process.execPath, ["-e", ""]).pid;
    writeFileSync(join(lock, "pid"), String(dead));
    await expect(withLock(lock, () => Promise.reject(new Error("burnt")))).rejects.toThrow("burnt");
    expect(existsSync(lock)).toBe(false);
  });
});
