import { describe, expect, test } from "vitest";
import { UnavailableError } from "../../../lib/kit/errors.ts";
import { run } from "./run-command.ts";

const COMMANDS = [
  "status",
  "history",
  "show",
  "explain",
  "evaluate",
  "rollback",
  "reconcile",
  "policy",
  "judge",
  "local",
  "demo",
];
const ACTING = [
  ...COMMANDS.filter((name) => name !== "policy" && name !== "local"),
  "policy put",
  "policy validate",
  "policy show",
  "local up",
];

describe("the command line", () => {
  test("prints help on stdout and ends with 0", async () => {
    const ran = await run(["--help"]);
    expect(ran).toMatchObject({ code: 0, stderr: "" });
    for (const name of COMMANDS) expect(ran.stdout).toContain(`  ${name} `);
  });

  test.each(ACTING)("%s --help shows examples and the options that all commands share", async (name) => {
    const ran = await run([...name.split(" "), "--help"]);
    expect(ran.code).toBe(0);
    expect(ran.stdout).toContain("$ bellwether");
    expect(ran.stdout).toContain("--stage");
  });

  test("prints its version", async () => {
    expect(await run(["--version"])).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^\d+\.\d+\.\d+\n$/),
    });
  });

  test.each([
    ["no command", []],
    ["an unknown command", ["fly"]],
    ["an unknown flag", ["status", "--loud"]],
    ["a missing argument", ["show"]],
    ["an argument too many", ["show", "d-A", "d-B"]],
    ["a limit that is no number", ["history", "--limit", "ten"]],
    ["a limit out of range", ["history", "--limit", "0"]],
    ["an unknown stage", ["status", "--stage", "moon"]],
    ["a judge without --stream", ["judge"]],
    ["an unknown scenario", ["demo", "--scenario", "apocalypse"]],
    ["a seed that is no number", ["demo", "--seed", "-1"]],
    ["a port out of range", ["local", "up", "--port", "70000"]],
    ["a subcommand that is none", ["policy", "burn"]],
  ])("ends with 2 and says so on stderr for %s", async (_what, args) => {
    const ran = await run(args);
    expect(ran.code).toBe(2);
    expect(ran.stdout).toBe("");
    expect(ran.stderr).not.toBe("");
    expect(ran.stderr).not.toContain("    at ");
  });

  test("suggests the command that was probably meant", async () => {
    expect((await run(["histroy"])).stderr).toContain("history");
  });
});

describe("the stage", () => {
  test.each([
    ["--stage", ["status", "--stage", "prod"], { BELLWETHER_STAGE: "dev" }, "prod"],
    ["--stage before the command", ["--stage", "sit", "status"], {}, "sit"],
    ["BELLWETHER_STAGE", ["status"], { BELLWETHER_STAGE: "DEV" }, "dev"],
    ["a loopback endpoint", ["status"], { AWS_ENDPOINT_URL: "http://127.0.0.1:4566" }, "local"],
  ])("is taken from %s", async (_from, args, env, stage) => {
    const ran = await run(args, { env });
    expect(ran.stages).toEqual([stage]);
  });

  test("is never guessed", async () => {
    const ran = await run(["status"], {
      env: { AWS_ENDPOINT_URL: "https://codedeploy.eu-west-1.amazonaws.com" },
    });
    expect(ran).toMatchObject({ code: 2, stages: [] });
    expect(ran.stderr).toContain("--stage");
  });
});

describe("what goes wrong", () => {
  const failing = (thrown: Error) => ({ parts: { connect: () => Promise.reject(thrown) } });

  test("ends with 4 when something did not answer", async () => {
    const ran = await run(["status"], failing(new UnavailableError("reading the table: TimeoutError")));
    expect(ran).toMatchObject({ code: 4, stdout: "" });
    expect(ran.stderr).toBe("bellwether: reading the table: TimeoutError\n");
  });

  test("ends with 1 and one line for anything unforeseen, with the stack only on demand", async () => {
    const thrown = new Error("unforeseen\nin two lines");
    expect(await run(["status"], failing(thrown))).toMatchObject({
      code: 1,
      stderr: "bellwether: unforeseen in two lines\n",
    });
    expect((await run(["status", "--debug"], failing(thrown))).stderr).toContain("    at ");
  });

  test.each([
    ["SIGINT", 130],
    ["SIGTERM", 143],
  ])("ends on %s with %i while it waits", async (signal, code) => {
    const stopper = new AbortController();
    const waiting = run(["status"], {
      stop: stopper.signal,
      parts: { connect: () => new Promise<never>(() => {}) },
    });
    stopper.abort(signal);
    expect(await waiting).toMatchObject({ code, stdout: "" });
  });
});
