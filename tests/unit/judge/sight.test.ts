import { describe, expect, test } from "vitest";
import { courseOf, type Plan, sightOf } from "../../../lib/judge/sight.ts";

const plan: Plan = {
  callsPerMinute: 600,
  weights: Array.from({ length: 10 }, () => 0.1),
  baselineRate: 0.001,
  alpha: 0.05,
  minHarm: 0.005,
  historyMinutes: 1_440,
};

describe("what a planned shift can see", () => {
  test("is the same for the same seed", () => expect(sightOf(plan, 1)).toEqual(sightOf(plan, 1)));

  test("is about as good with another seed", () => {
    const [one, other] = [sightOf(plan, 1), sightOf(plan, 2)];
    expect((one?.rate ?? 0) / (other?.rate ?? 1)).toBeGreaterThan(0.7);
    expect((one?.rate ?? 9) / (other?.rate ?? 1)).toBeLessThan(1.4);
  });

  test("is caught four times in five, and more when it is worse", () => {
    const sight = sightOf(plan, 1);
    expect(sight?.power).toBeGreaterThanOrEqual(0.8);
    expect(courseOf(plan, 4 * (sight?.rate ?? 1), 7).power).toBeGreaterThan(0.97);
    expect(courseOf(plan, plan.baselineRate, 7).power).toBeLessThan(0.02);
  });

  test("gets better with traffic, and costs more bad calls than two", () => {
    const busy = sightOf({ ...plan, callsPerMinute: 60_000 }, 1);
    expect(busy?.rate).toBeLessThan(sightOf(plan, 1)?.rate ?? 0);
    expect(sightOf(plan, 1)?.badCalls).toBeGreaterThan(1);
  });

  test("gets better with history where calls are few", () => {
    const quiet = { ...plan, callsPerMinute: 60 };
    const without = sightOf({ ...quiet, historyMinutes: 0 }, 1);
    expect(sightOf(quiet, 1)?.rate).toBeLessThan(without?.rate ?? 0);
  });

  test("is nothing at four calls a minute for five minutes, and nothing all at once", () => {
    expect(sightOf({ ...plan, callsPerMinute: 4, weights: [0.1, 0.1, 0.1, 0.1, 0.1] }, 1)).toBeUndefined();
    expect(sightOf({ ...plan, weights: [] }, 1)).toBeUndefined();
  });

  test("is worked out for a two-day shift in well under ten seconds", () => {
    const from = performance.now();
    sightOf({ ...plan, callsPerMinute: 2, weights: Array.from({ length: 2_880 }, () => 0.1) }, 1);
    expect(performance.now() - from).toBeLessThan(10_000);
  });
});
