import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { MINUTE_MS } from "../../../lib/kit/time.ts";
import {
  customConfig,
  type DeploymentConfig,
  PREDEFINED,
  predefinedNamed,
} from "../../../lib/traffic/config.ts";
import { canaryPercentAt, stepsOf, weightsByMinute } from "../../../lib/traffic/shift.ts";

const named = (name: string): DeploymentConfig => {
  const config = predefinedNamed(name);
  if (config === undefined) throw new Error(`no ${name}`);
  return config;
};

describe("a shift", () => {
  test("by canary serves both versions until its interval is over, then the canary alone", () => {
    const config = named("LambdaCanary10Percent5Minutes");
    expect(weightsByMinute(config)).toEqual([0.1, 0.1, 0.1, 0.1, 0.1]);
    expect(canaryPercentAt(config, 5 * MINUTE_MS - 1)).toBe(10);
    expect(canaryPercentAt(config, 5 * MINUTE_MS)).toBe(100);
    expect(canaryPercentAt(config, -1)).toBe(0);
  });

  test("by tenths every minute takes nine minutes from the first step to the last", () => {
    const config = named("LambdaLinear10PercentEvery1Minute");
    expect(weightsByMinute(config)).toEqual([0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9]);
    expect(stepsOf(config).at(-1)).toEqual({ afterMs: 9 * MINUTE_MS, canaryPercent: 100 });
  });

  test("all at once leaves the judge nothing to compare", () => {
    expect(weightsByMinute(named("LambdaAllAtOnce"))).toEqual([]);
    expect(canaryPercentAt(named("LambdaAllAtOnce"), 0)).toBe(100);
  });

  test("by thirds ends at 100 %, not at 99 %", () =>
    expect(stepsOf(customConfig("linear", 33, 2)).map(({ canaryPercent }) => canaryPercent)).toEqual([
      33, 66, 99, 100,
    ]));

  test("never gives traffic back, and ends with all of it, whatever the configuration", () => {
    const custom = fc
      .record({
        kind: fc.constantFrom("canary" as const, "linear" as const),
        percent: fc.integer({ min: 1, max: 99 }),
      })
      .map(({ kind, percent }) => customConfig(kind, percent, 3));
    fc.assert(
      fc.property(fc.oneof(custom, fc.constantFrom(...PREDEFINED)), (config) => {
        const percents = stepsOf(config).map(({ canaryPercent }) => canaryPercent);
        expect(percents).toEqual(percents.toSorted((a, b) => a - b));
        expect(percents.at(-1)).toBe(100);
        expect(weightsByMinute(config).every((weight) => weight > 0 && weight < 1)).toBe(true);
      }),
      { numRuns: 500 },
    );
  });
});
