import { PassThrough, Readable } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { run } from "./run-command.ts";

const minute = { baseline: { total: 5400, bad: 3 }, canary: { total: 600, bad: 60 } };
const line = (id: string): string =>
  JSON.stringify({ id, signals: [{ name: "errors", minutes: [minute, minute, minute] }] });

const answers = (stdout: string): { id: string | null; verdict?: string; error?: string }[] =>
  stdout
    .trimEnd()
    .split("\n")
    .map((each) => JSON.parse(each));

describe("judge --stream", () => {
  test("answers each line with one line, in order, without any stage", async () => {
    const ran = await run(["judge", "--stream"], { stdin: `${line("a1")}\n${line("a2")}\n`, env: {} });
    expect(ran).toMatchObject({ code: 0, stderr: "", stages: [] });
    expect(answers(ran.stdout)).toMatchObject([
      { id: "a1", verdict: "fail" },
      { id: "a2", verdict: "fail" },
    ]);
  });

  test("answers a bad line with its error and goes on", async () => {
    const ran = await run(["judge", "--stream"], {
      stdin: `{"id":"b","signals":7}\nnot json\n\n${line("c")}\n`,
    });
    expect(ran.code).toBe(0);
    expect(answers(ran.stdout)).toMatchObject([
      { id: "b", error: expect.any(String) },
      { id: null, error: expect.any(String) },
      { id: null, error: expect.any(String) },
      { id: "c", verdict: "fail" },
    ]);
  });

  test("reads lines that arrive in pieces, with Windows line ends, characters cut in two and no last line end", async () => {
    const bytes = Buffer.from(`${line("é\u2028")}\r\n${line("last")}`);
    const pieces = Array.from({ length: Math.ceil(bytes.length / 7) }, (_, at) =>
      bytes.subarray(at * 7, at * 7 + 7),
    );
    const ran = await run(["judge", "--stream"], { stdin: Readable.from(pieces) });
    expect(answers(ran.stdout).map(({ id }) => id)).toEqual(["é\u2028", "last"]);
  });

  test("nothing in, nothing out", async () => {
    expect(await run(["judge", "--stream"], { stdin: "" })).toMatchObject({ code: 0, stdout: "" });
  });

  test("reads no faster than its reader takes", async () => {
    const [chunks, linesEach] = [400, 20];
    let pulled = 0;
    const stdin = new Readable({
      highWaterMark: 1,
      read() {
        pulled += 1;
        this.push(pulled > chunks ? null : `${line(String(pulled))}\n`.repeat(linesEach));
      },
    });
    const stdout = new PassThrough();
    const waiting = run(["judge", "--stream"], { stdin, stdout });
    await sleep(300);
    expect(pulled).toBeLessThan(chunks / 4);
    stdout.resume();
    expect((await waiting).code).toBe(0);
    expect(pulled).toBe(chunks + 1);
  });
});
