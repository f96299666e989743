import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { describe, expect, test } from "vitest";

const MAIN = join(import.meta.dirname, "..", "..", "cli", "main.ts");

const start = (args: readonly string[], env: Record<string, string> = {}) =>
  spawn(process.execPath, [MAIN, ...args], { env: { PATH: process.env.PATH, ...env }, stdio: "pipe" });

const run = async (
  args: readonly string[],
  options: { stdin?: string; env?: Record<string, string> } = {},
) => {
  const child = start(args, options.env);
  child.stdin.end(options.stdin ?? "");
  const [stdout, stderr, [code, signal]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, "exit"),
  ]);
  return { code, signal, stdout, stderr };
};

const LINE =
  '{"id":"a","signals":[{"name":"errors","minutes":[{"baseline":{"total":9,"bad":0},"canary":{"total":1,"bad":0}}]}]}\n';
const MANY = 5_000;
const ESCAPE = "\u001b[";

describe("the process", () => {
  test("ends with the command's exit code", async () => {
    expect((await run(["--help"])).code).toBe(0);
    expect((await run(["fly"])).code).toBe(2);
    expect((await run(["status"])).code).toBe(2);
  });

  test("writes all of a long answer before it ends", async () => {
    const { code, stdout } = await run(["judge", "--stream"], { stdin: LINE.repeat(MANY) });
    expect(code).toBe(0);
    expect(stdout.trimEnd().split("\n")).toHaveLength(MANY);
  });

  test("ends quietly when its reader goes away", async () => {
    const child = start(["judge", "--stream"]);
    child.stdin.on("error", () => {});
    child.stdin.end(LINE.repeat(MANY * 10));
    child.stdout.once("data", () => child.stdout.destroy());
    const [stderr, [code]] = await Promise.all([text(child.stderr), once(child, "exit")]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  });

  test.each([
    ["SIGINT", 130],
    ["SIGTERM", 143],
  ] as const)("ends on %s with %i while it waits for input", async (signal, code) => {
    const child = start(["judge", "--stream"]);
    child.stdin.write(LINE);
    await once(child.stdout, "data");
    child.kill(signal);
    expect((await once(child, "exit"))[0]).toBe(code);
  });

  test("is plain into a pipe, and coloured only where it is wanted", async () => {
    expect((await run(["--help"], { env: { FORCE_COLOR: "1", NO_COLOR: "1" } })).stdout).not.toContain(
      ESCAPE,
    );
    expect((await run(["fly"])).stderr).not.toContain(ESCAPE);
  });
});
