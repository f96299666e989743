import { describe, expect, test } from "vitest";
import {
  betConcurrently,
  type ConcurrentBets,
  concurrentEvidence,
  newConcurrentBets,
} from "../../../lib/judge/concurrent.ts";
import { betOnMemory, memoryEvidence, newMemoryBets } from "../../../lib/judge/memory.ts";
import { isUnlikePast, pastOf } from "../../../lib/judge/past.ts";
import { newScale, weigh } from "../../../lib/judge/scale.ts";
import { binomialChance, splits } from "./like-versions.ts";

const CAP = 8;
const SLACK = 1e-9;

const paid = (a: number, x: number, b: number, y: number): ConcurrentBets => {
  const bets = newConcurrentBets(CAP);
  betConcurrently(bets, a, x, b, y, Math.log(CAP));
  return bets;
};

type Counts = { a: number; b: number; bad: number; oddsRatio: number };

const smallCounts = function* (): Generator<Counts> {
  for (let a = 1; a <= 6; a += 1)
    for (let b = 1; b <= 9; b += 1)
      for (let bad = 1; bad <= a + b; bad += 1)
        for (const oddsRatio of [1, 0.5, 0.01]) yield { a, b, bad, oddsRatio };
};

/** The highest mean pay of any single bet, over every way the bad calls can fall. */
const highestMean = ({ a, b, bad, oddsRatio }: Counts): number => {
  const falls = splits(a, b, bad, oddsRatio).map(({ x, chance }) => ({
    chance,
    logs: paid(a, x, b, bad - x).logs,
  }));
  const means = Array.from({ length: falls[0]?.logs.length ?? 0 }, (_, bet) =>
    falls.reduce((sum, { chance, logs }) => sum + chance * Math.exp(logs[bet] ?? 0), 0),
  );
  return Math.max(...means);
};

describe("the concurrent witness", () => {
  test("pays at most 1 on average for every split of bad calls on versions that are no worse, by enumeration", () => {
    expect([...smallCounts()].filter((counts) => highestMean(counts) > 1 + SLACK)).toEqual([]);
  });

  test("does not depend on the order of the minutes", () => {
    const minutes = [
      [5, 1, 40, 0],
      [600, 9, 5_400, 3],
      [7, 0, 60, 2],
    ] as const;
    const inOrder = (order: readonly number[]): number => {
      const bets = newConcurrentBets(CAP);
      for (const at of order) {
        const [a, x, b, y] = minutes[at] ?? [0, 0, 0, 0];
        betConcurrently(bets, a, x, b, y, Math.log(CAP));
      }
      return concurrentEvidence(bets);
    };
    expect(inOrder([2, 0, 1])).toBeCloseTo(inOrder([0, 1, 2]), 10);
    expect(inOrder([1, 2, 0])).toBeCloseTo(inOrder([0, 1, 2]), 10);
  });
});

describe("the baseline's history as a witness", () => {
  const past = pastOf({ total: 1_000, bad: 40 });

  test.each([0, 0.01, 0.03, 0.047])(
    "pays at most 1 on average while both versions go bad at %s, below its rate, by enumeration",
    (rate) => {
      if (past === undefined) throw new Error("no past");
      for (const [a, b] of [
        [1, 9],
        [5, 5],
        [9, 1],
        [6, 12],
      ] as const) {
        let mean = 0;
        for (let x = 0; x <= a; x += 1)
          for (let y = 0; y <= b; y += 1) {
            const bets = newMemoryBets(past, 20);
            betOnMemory(bets, past, a, x, b, y, Math.log(20));
            mean += binomialChance(a, rate, x) * binomialChance(b, rate, y) * memoryEvidence(bets);
          }
        expect(mean).toBeLessThanOrEqual(1 + SLACK);
      }
    },
  );

  test("takes a short history at an upper bound of its rate", () => {
    expect(pastOf({ total: 98, bad: 0 })?.rate).toBeCloseTo(0.01, 10);
    expect(pastOf({ total: 0, bad: 0 })).toBeUndefined();
    expect(pastOf({ total: 9_998, bad: 100 })?.rate).toBeCloseTo(0.0111, 10);
  });

  test("is dismissed when the baseline itself goes bad", () => {
    const steady = pastOf({ total: 100_000, bad: 99 });
    if (steady === undefined) throw new Error("no past");
    expect(isUnlikePast(steady, { total: 1_000, bad: 2 })).toBe(false);
    expect(isUnlikePast(steady, { total: 1_000, bad: 6 })).toBe(true);
    expect(isUnlikePast(steady, { total: 1e9, bad: 2e6 })).toBe(true);
  });
});

type Course = readonly (readonly [canaryBad: number, baselineBad: number])[];
type World = { alpha: number; rate: number; minutes: number; a: number; b: number; hasHistory: boolean };

/** The exact chance that like versions are convicted, over every possible course of the minutes. */
const convictionChance = (world: World, course: Course = [], chance = 1): number => {
  const { alpha, rate, minutes, a, b, hasHistory } = world;
  const scale = newScale(alpha, hasHistory ? { total: 4_000, bad: 4_000 * rate } : undefined);
  for (const [x, y] of course) weigh(scale, a, x, b, y);
  if (scale.weight.evidence >= scale.bar) return chance;
  if (course.length === minutes) return 0;
  let sum = 0;
  for (let x = 0; x <= a; x += 1)
    for (let y = 0; y <= b; y += 1) {
      const next = chance * binomialChance(a, rate, x) * binomialChance(b, rate, y);
      sum += convictionChance(world, [...course, [x, y]], next);
    }
  return sum;
};

describe("both together", () => {
  test.each([
    { alpha: 0.05, rate: 0.05, minutes: 3, a: 2, b: 6 },
    { alpha: 0.2, rate: 0.02, minutes: 5, a: 1, b: 3 },
    { alpha: 0.1, rate: 0.3, minutes: 3, a: 2, b: 6 },
    { alpha: 0.1, rate: 0.05, minutes: 3, a: 3, b: 5 },
  ])("convict like versions, but with a chance of at most alpha, over every course of %o", (world) => {
    const [without, withHistory] = [false, true].map((hasHistory) =>
      convictionChance({ ...world, hasHistory }),
    );
    expect(without).toBeLessThanOrEqual(world.alpha);
    expect(withHistory).toBeLessThanOrEqual(world.alpha);
    expect(Math.max(without ?? 0, withHistory ?? 0)).toBeGreaterThan(0);
  });

  test("never convict in one minute, whatever happens in it", () => {
    for (const alpha of [0.5, 0.3, 0.05, 0.01, 1e-6])
      for (const history of [undefined, { total: 1e6, bad: 0 }]) {
        const scale = newScale(alpha, history);
        expect(weigh(scale, 1e6, 1e6, 9e6, 0)).toBeLessThan(scale.bar);
      }
  });
});
