import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { binomial, poisson, seeded } from "../../../lib/judge/chance.ts";
import { judge } from "../../../lib/judge/judge.ts";
import { customConfig, PREDEFINED, predefinedNamed } from "../../../lib/traffic/config.ts";
import { weightsByMinute } from "../../../lib/traffic/shift.ts";
import { usualOf } from "../../../lib/traffic/usual.ts";
import { type Circumstances, createCommand, planFor, planOf, rowSentence } from "../../../lib/views/plan.ts";

const BUSY: Circumstances = {
  callsPerSecond: 12,
  baselineRate: 0.001,
  alpha: 0.025,
  minHarm: 0.005,
  historyMinutes: 1_440,
};

/** The judge itself on shifts drawn here, not by the plan: how many of 400 are convicted. */
const caughtShare = (weights: readonly number[], canaryRate: number, at: Circumstances): number => {
  const random = seeded(20_261_123, 9);
  const RUNS = 400;
  const past = at.callsPerSecond * 60 * at.historyMinutes;
  let caught = 0;
  for (let run = 0; run < RUNS; run += 1) {
    const minutes = weights.map((weight) => {
      const calls = poisson(random, at.callsPerSecond * 60);
      const canary = binomial(random, calls, weight);
      return {
        baseline: { total: calls - canary, bad: binomial(random, calls - canary, at.baselineRate) },
        canary: { total: canary, bad: binomial(random, canary, canaryRate) },
      };
    });
    const history = { total: past, bad: binomial(random, past, at.baselineRate) };
    const { verdict } = judge(
      { alpha: at.alpha, minHarm: at.minHarm, signals: [{ name: "errors", minutes, history }] },
      { isShiftOver: true },
    );
    if (verdict === "fail") caught += 1;
  }
  return caught / RUNS;
};

describe("what each configuration sees", () => {
  test.each(
    PREDEFINED.filter(({ kind }) => kind !== "all-at-once").map((config) => [config.name, config] as const),
  )(
    "%s catches the rate it is said to see about four times in five, by the judge's own word",
    (_, config) => {
      const { sight } = planFor(config, BUSY);
      const share = caughtShare(weightsByMinute(config), sight?.rate ?? 0, BUSY);
      expect(share).toBeGreaterThan(0.72);
      expect(share).toBeLessThan(0.9);
    },
  );

  test("all at once sees nothing, whatever the traffic", () => {
    const [row] = planOf({ ...BUSY, callsPerSecond: 10_000 }).rows;
    expect(row).toMatchObject({ config: { kind: "all-at-once" }, isEnough: false });
    expect(row).not.toHaveProperty("sight");
    expect(row && rowSentence(row, 0.05)).toMatch(/all calls at once: nothing can be seen/);
  });

  test("more calls never see less, but for the noise of playing, and longer shifts neither", () => {
    const NOISE = 1.3;
    const rates = [0.3, 3, 30, 300].map(
      (callsPerSecond) =>
        planFor(customConfig("canary", 10, 10), { ...BUSY, callsPerSecond }).sight?.rate ?? 1,
    );
    rates.slice(1).forEach((rate, index) => {
      expect(rate).toBeLessThanOrEqual((rates[index] ?? 0) * NOISE);
    });
    const longer = [5, 10, 30, 120].map(
      (minutes) => planFor(customConfig("canary", 10, minutes), BUSY).sight?.rate ?? 1,
    );
    longer.slice(1).forEach((rate, index) => {
      expect(rate).toBeLessThanOrEqual((longer[index] ?? 0) * NOISE);
    });
  });

  test("rates are rates at any traffic, budget and baseline", () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0.001, max: 20_000, noNaN: true }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.constantFrom(0.5, 0.05, 1e-6),
        (callsPerSecond, baselineRate, alpha) => {
          const { sight } = planFor(customConfig("canary", 10, 5), {
            ...BUSY,
            callsPerSecond,
            baselineRate,
            alpha,
          });
          if (sight === undefined) return;
          expect(sight.rate).toBeGreaterThan(0);
          expect(sight.rate).toBeLessThanOrEqual(1);
          expect(sight.minutes).toBeLessThanOrEqual(5);
        },
      ),
      { numRuns: 200 },
    );
  });
});

describe("the plan", () => {
  test("recommends the quickest that is enough, and a custom one, with its command, where none is", () => {
    expect(planOf(BUSY).best?.config.name).toBe("CodeDeployDefault.LambdaCanary10Percent5Minutes");
    const quiet = planOf({ ...BUSY, callsPerSecond: 0.05, baselineRate: 0.01 });
    expect(quiet.best?.config.name).toMatch(/^LambdaCanary\d+Percent\d+Minutes$/);
    expect(quiet.best && createCommand(quiet.best)).toMatch(
      /^aws deploy create-deployment-config --compute-platform Lambda .*timeBasedCanary=\{canaryPercentage=\d+,canaryInterval=\d+\}"$/,
    );
    expect(planOf({ ...BUSY, callsPerSecond: 0.0001 })).not.toHaveProperty("best");
  });

  test("lists the configuration in use, once, be it predefined or not", () => {
    const canary = predefinedNamed("LambdaCanary10Percent5Minutes");
    expect(planOf(BUSY, canary).rows).toHaveLength(9);
    expect(planOf(BUSY, customConfig("linear", 20, 2)).rows.map(({ config }) => config.name)).toContain(
      "LambdaLinear20PercentEvery2Minutes",
    );
  });

  test("asks for what is wanted, else for what silence must rule out", () => {
    expect(planOf(BUSY).circumstances.mustSeeRate).toBeCloseTo(0.051, 9);
    expect(planOf({ ...BUSY, minHarm: 0.2 }).circumstances.mustSeeRate).toBeCloseTo(0.201, 9);
    expect(planOf({ ...BUSY, mustSeeRate: 0.01 }).circumstances.mustSeeRate).toBe(0.01);
  });
});

describe("usual traffic", () => {
  const hour = (calls: number, bad = 0) => ({ calls, bad });

  test("is the middle hour's, and a quiet hour's; hours without calls count", () => {
    const hours = [
      ...Array.from({ length: 60 }, () => hour(3_600, 36)),
      ...Array.from({ length: 20 }, () => hour(360)),
    ];
    expect(usualOf(hours, 80)).toMatchObject({ callsPerSecond: 1, quietCallsPerSecond: 0.1 });
    expect(usualOf(hours, 80)?.badRate).toBeCloseTo((60 * 36) / (60 * 3_600 + 20 * 360), 12);
    expect(usualOf(hours, 200)).toMatchObject({ callsPerSecond: 0, quietCallsPerSecond: 0 });
  });

  test("is not known without a call", () => {
    expect(usualOf([], 336)).toBeUndefined();
  });
});
