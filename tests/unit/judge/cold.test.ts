import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { withoutColdStarts } from "../../../lib/judge/cold.ts";
import type { Minute } from "../../../lib/judge/counts.ts";
import { judge } from "../../../lib/judge/judge.ts";
import type { JudgeInput, Judgement } from "../../../lib/judge/judgement.ts";

const minute = (total: number, bad: number): Minute => ({
  baseline: { total: 1_000, bad: 50 },
  canary: { total, bad },
});
const judged = (minutes: readonly Minute[], coldStarts?: number): Judgement => {
  const input: JudgeInput = {
    alpha: 0.05,
    minHarm: 0.005,
    signals: [{ name: "slow-calls", minutes, ...(coldStarts !== undefined && { about: { coldStarts } }) }],
  };
  return judge(input, { isShiftOver: true });
};

describe("cold starts", () => {
  test("are taken out of the first minute in which the canary had calls, and out of no other", () => {
    expect(withoutColdStarts([null, minute(0, 0), minute(100, 12), minute(100, 12)], 10)).toEqual([
      null,
      minute(0, 0),
      minute(90, 2),
      minute(100, 12),
    ]);
    expect(withoutColdStarts([minute(100, 3)], 10)).toEqual([minute(97, 0)]);
  });

  test("unknown, or none, leave everything as it is", () => {
    const minutes = [minute(100, 12)];
    expect(withoutColdStarts(minutes)).toBe(minutes);
    expect(withoutColdStarts(minutes, 0)).toBe(minutes);
    expect(withoutColdStarts([null], 5)).toEqual([null]);
  });

  test("set apart may spare a canary, and never add a conviction or a pass, for 10 000 shifts", () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(400), fc.nat(400)), { minLength: 1, maxLength: 10 }),
        fc.nat(60),
        (drawn, coldStarts) => {
          const minutes = drawn.map(([one, other]) => minute(Math.max(one, other), Math.min(one, other)));
          const [plain, apart] = [judged(minutes), judged(minutes, coldStarts)];
          if (apart.verdict === "fail") expect(plain.verdict).toBe("fail");
          if (apart.verdict === "pass") expect(plain.verdict).toBe("pass");
        },
      ),
      { numRuns: 10_000 },
    );
  });

  test("of a version that stays slow spare it no longer than its first minute", () => {
    const slow = Array.from({ length: 5 }, () => minute(100, 40));
    expect(judged(slow, 40)).toMatchObject({ verdict: "fail" });
    expect(
      judged([minute(100, 40), minute(100, 5), minute(100, 5), minute(100, 5), minute(100, 5)], 40).verdict,
    ).not.toBe("fail");
  });
});

describe("silence", () => {
  const crowd = (canaryBad: number): Minute => ({
    baseline: { total: 9_000, bad: 90 },
    canary: { total: 1_000, bad: canaryBad },
  });
  const idle: Minute = { baseline: { total: 0, bad: 0 }, canary: { total: 0, bad: 0 } };
  const fanOut = (canaryBad: number): JudgeInput => ({
    alpha: 0.05,
    minHarm: 0.005,
    signals: ["errors", "slow-calls"].map((name) => ({
      name,
      minutes: [idle, crowd(name === "errors" ? canaryBad : 10), idle, idle, idle],
      history: { total: 1_000_000, bad: 10_000 },
    })),
  });

  test("is no proof where all calls came in one minute, and every one of the canary's failed", () => {
    for (const bad of [100, 300, 1_000])
      expect(judge(fanOut(bad), { isShiftOver: true })).toMatchObject({
        verdict: "inconclusive",
        reason: "not-enough-evidence",
        signal: "errors",
      });
  });
});
