import { describe, expect, test } from "vitest";
import { judgeAnswer, type SmokeAnswer } from "../../../lib/smoke/judge-answer.ts";

const answer = (change: Partial<SmokeAnswer> = {}): SmokeAnswer => ({
  ok: true,
  payload: '{"statusCode":200,"body":"total 12"}',
  executedVersion: "2",
  durationMs: 40,
  ...change,
});
const found = (expectation: object, given: Partial<SmokeAnswer> = {}) =>
  judgeAnswer({ name: "a cart", payload: {}, expect: expectation }, answer(given), "2");

describe("a canary's answer to a smoke check", () => {
  test.each([
    ["the promised status", { statusCode: 200 }, {}, true, "answered in 40 ms"],
    [
      "another status",
      { statusCode: 200 },
      { payload: '{"statusCode":502}' },
      false,
      "status 502, expected 200",
    ],
    ["no status", { statusCode: 200 }, { payload: '"hello"' }, false, "status missing, expected 200"],
    ["no JSON", { statusCode: 200 }, { payload: "hello" }, false, "status missing, expected 200"],
    ["the promised text", { bodyIncludes: "total 12" }, {}, true, "answered in 40 ms"],
    [
      "the promised text inside a web answer's body",
      { bodyIncludes: '"totalCents":5938' },
      { payload: JSON.stringify({ statusCode: 200, body: JSON.stringify({ totalCents: 5938 }) }) },
      true,
      "answered",
    ],
    ["another text", { bodyIncludes: "total 13" }, {}, false, 'the answer lacks "total 13"'],
    ["too late", { maxDurationMs: 30 }, {}, false, "took 40 ms, allowed 30 ms"],
    ["an error", {}, { ok: false, error: "TypeError: x" }, false, "it failed: TypeError: x"],
    ["from the wrong version", {}, { executedVersion: "1" }, false, "version 1 answered instead of 2"],
  ])("%s", (_what, expectation, given, ok, why) => {
    const finding = found(expectation, given);
    expect(finding.ok).toBe(ok);
    expect(finding.why).toContain(why);
  });

  test("is quoted short: an answer may be long, and may hold what nobody should read", () => {
    expect(found({ bodyIncludes: "x!" }, { payload: "y".repeat(5_000) }).why.length).toBeLessThan(200);
  });
});
