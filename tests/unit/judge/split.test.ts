import { describe, expect, test } from "vitest";
import { logMeanAtLeast, logMeanAtMost } from "../../../lib/judge/split.ts";
import { splits } from "./like-versions.ts";

const ODDS = [1.1, 1.5, 3, 9, 50, 500];
const SLACK = 1e-9;

const exactLogMean = (a: number, b: number, bad: number, odds: number): number =>
  Math.log(splits(a, b, bad).reduce((sum, { x, chance }) => sum + chance * odds ** x, 0));

type Counts = { a: number; b: number; bad: number; odds: number };

const smallCounts = function* (): Generator<Counts> {
  for (let a = 0; a <= 9; a += 1)
    for (let b = 0; b <= 11; b += 1)
      for (let bad = 0; bad <= a + b; bad += 1)
        for (const odds of ODDS) if (a + b > 0) yield { a, b, bad, odds };
};

describe("the split of bad calls over like versions", () => {
  test("lies between its bounds for all counts up to 9 and 11, by enumeration", () => {
    const breaches = [...smallCounts()].filter(({ a, b, bad, odds }) => {
      const exact = exactLogMean(a, b, bad, odds);
      return (
        logMeanAtMost(a, b, bad, odds) < exact - SLACK || logMeanAtLeast(a, b, bad, odds) > exact + SLACK
      );
    });
    expect(breaches).toEqual([]);
  });

  test("never makes one more bad canary call count for the canary, nor a baseline call against it", () => {
    const breaches = [...smallCounts()].filter(({ a, b, bad, odds }) => {
      if (bad === a + b) return false;
      const step = logMeanAtMost(a, b, bad + 1, odds) - logMeanAtMost(a, b, bad, odds);
      return step > Math.log(odds) + SLACK || step < -SLACK;
    });
    expect(breaches).toEqual([]);
  });

  test("is the binomial for rare bad calls, where sampling without replacement makes no difference", () => {
    const binomial = 6 * Math.log1p(0.1 * (3 - 1));
    expect(logMeanAtMost(1e8, 9e8, 6, 3)).toBeCloseTo(binomial, 7);
    expect(logMeanAtLeast(1e8, 9e8, 6, 3)).toBeCloseTo(binomial, 7);
  });

  test("is far closer than the binomial when a third of all calls are bad", () => {
    const exact = exactLogMean(10, 90, 33, 3);
    const binomial = 33 * Math.log1p(0.1 * 2);
    const bound = logMeanAtMost(10, 90, 33, 3);
    expect(bound - exact).toBeLessThan(0.1 * (binomial - exact));
  });
});
