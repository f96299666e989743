import { describe, expect, test } from "vitest";
import { binomial, seeded } from "../../../lib/judge/chance.ts";
import type { Minute } from "../../../lib/judge/counts.ts";
import { judge } from "../../../lib/judge/judge.ts";
import { type Routed, volumeOf } from "../../../lib/judge/volume.ts";
import { binomialChance } from "./like-versions.ts";

const SHARE = 0.1;
const minutes = (count: number, all: number, canary: number): Routed[] =>
  Array.from({ length: count }, () => ({ share: SHARE, all, canary }));

describe("the calls a canary gets", () => {
  test("a minute's odds have a mean of 1 at exactly its share, and less above it", () => {
    const meanAt = (true_: number, all: number): number =>
      Array.from({ length: all + 1 }, (_, canary) => {
        const odds = volumeOf([{ share: SHARE, all, canary }])?.evidence ?? Number.NaN;
        return binomialChance(all, true_, canary) * odds;
      }).reduce((sum, each) => sum + each, 0);
    expect(meanAt(SHARE, 30)).toBeCloseTo(1, 9);
    expect(meanAt(0.15, 30)).toBeLessThan(1);
    expect(meanAt(0.05, 30)).toBeGreaterThan(1);
  });

  test("10 000 canaries that get their share are never called short more than one time in a thousand", () => {
    const random = seeded(11);
    let short = 0;
    for (let run = 0; run < 10_000; run += 1) {
      const course = Array.from({ length: 10 }, () => ({
        share: SHARE,
        all: 120,
        canary: binomial(random, 120, SHARE),
      }));
      if (course.some((_, at) => volumeOf(course.slice(0, at + 1))?.isShort)) short += 1;
    }
    expect(short).toBeLessThanOrEqual(10);
  });

  test("a canary that is throttled away is called short within minutes, one that misses a twentieth is not", () => {
    expect(volumeOf(minutes(2, 600, 0))).toMatchObject({ isShort: true, expected: 120, got: 0 });
    expect(volumeOf(minutes(5, 600, 20))?.isShort).toBe(true);
    expect(volumeOf(minutes(5, 960, 60))?.isShort).toBe(true);
    expect(volumeOf(minutes(30, 600, 57))?.isShort).toBe(false);
    expect(volumeOf(minutes(5, 4, 0))?.isShort).toBe(false);
  });

  test("what is not known says nothing; figures stay finite at any size", () => {
    expect(volumeOf([])).toBeUndefined();
    expect(
      volumeOf([null, { share: 0, all: 100, canary: 0 }, { share: 1, all: 9, canary: 9 }]),
    ).toBeUndefined();
    expect(volumeOf(minutes(2_880, 1e9, 0))?.evidence).toBe(Number.MAX_VALUE);
    expect(volumeOf(minutes(2_880, 1e9, 1e9))?.evidence).toBe(0);
  });
});

describe("a canary that did not get its calls", () => {
  const healthy: Minute = { baseline: { total: 5_400, bad: 5 }, canary: { total: 60, bad: 0 } };
  const input = (canary: number, bad = 0) => ({
    alpha: 0.05,
    minHarm: 0.005,
    signals: [
      {
        name: "errors",
        minutes: Array.from({ length: 10 }, () => ({ ...healthy, canary: { total: canary, bad } })),
        history: { total: 300_000, bad: 300 },
      },
    ],
    routed: minutes(10, 5_400 + canary, canary),
  });

  test("cannot pass, and is told to be throttled or not routed to, in numbers", () => {
    expect(judge(input(600), { isShiftOver: true }).verdict).toBe("pass");
    const short = judge(input(150), { isShiftOver: true });
    expect(short).toMatchObject({
      verdict: "inconclusive",
      reason: "could-not-look",
      volume: { isShort: true },
    });
    expect(short.why).toMatch(/served 1 500 of the 5 550 calls .* throttled, or calls are not routed to it/);
  });

  test("fails all the same when what it got went bad", () => {
    expect(judge(input(150, 90), { isShiftOver: true }).verdict).toBe("fail");
  });
});
