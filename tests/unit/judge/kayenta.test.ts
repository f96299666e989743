import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { classify, type Metric, PRODUCTION } from "../../../bench/judge/rivals/kayenta.ts";
import { mannWhitney, normalQuantile, rankDifference } from "../../../bench/judge/rivals/mann-whitney.ts";

type ClassifierVector = {
  name: string;
  line: number;
  classifier: string;
  tolerance: number;
  confLevel: number;
  direction: Metric["direction"];
  nanStrategy: Metric["nanStrategy"];
  critical: boolean;
  dataRequired: boolean;
  effectSizeThresholds?: [number, number];
  effectSizeMeasure?: Metric["measure"];
  criticalThresholds?: [number, number];
  expect: { classification?: string; critical?: boolean; deviation?: number | "NaN" };
  experiment: (number | null)[];
  control: (number | null)[];
};
type RankVector = { name: string; arrays: Record<string, number[]>; consts: Record<string, string> };

const read = <T>(file: string): T =>
  JSON.parse(readFileSync(new URL(`../../fixtures/kayenta/${file}`, import.meta.url), "utf8"));

const classifierVectors = read<ClassifierVector[]>("kayenta-classifier-vectors.json").filter(
  ({ classifier, expect: expected }) =>
    classifier === "MannWhitneyClassifier" && expected.classification !== undefined,
);
const rankVectors = read<RankVector[]>("kayenta-mannwhitney-vectors.json");

const metricOf = (vector: ClassifierVector, judge: { tolerance: number; confidence: number }): Metric => ({
  ...judge,
  direction: vector.direction,
  nanStrategy: vector.nanStrategy,
  isCritical: vector.critical,
  mustHaveData: vector.dataRequired,
  measure: vector.effectSizeMeasure ?? "meanRatio",
  ...(vector.effectSizeThresholds ? { allowed: vector.effectSizeThresholds } : {}),
  ...(vector.criticalThresholds ? { critical: vector.criticalThresholds } : {}),
});
const numbers = (values: (number | null)[]): number[] => values.map((value) => value ?? Number.NaN);

describe("the benchmark's Kayenta", () => {
  test("has all of Kayenta's classifier vectors to answer", () => expect(classifierVectors).toHaveLength(33));

  test.each(classifierVectors)("classifies as line $line, $name", (vector) => {
    const metric = metricOf(vector, { tolerance: vector.tolerance, confidence: vector.confLevel });
    const result = classify(metric, numbers(vector.experiment), numbers(vector.control));
    expect(result.classification).toBe(vector.expect.classification);
    if (vector.expect.critical !== undefined) expect(result.isCritical).toBe(vector.expect.critical);
    if (vector.expect.deviation !== undefined) expect(result.deviation).toBe(Number(vector.expect.deviation));
  });

  test.each(classifierVectors)("answers line $line alike with its production settings", (vector) => {
    const metric = metricOf(vector, PRODUCTION);
    const result = classify(metric, numbers(vector.experiment), numbers(vector.control));
    expect(result.classification).toBe(vector.expect.classification);
  });

  test("passes the lone failed call of a quiet canary, as Kayenta does", () =>
    expect(classify(PRODUCTION, [100], [0, 0, 0]).classification).toBe("Error"));

  test("passes seven 100s among ten against ten 1s and fails eight, as users reported", () => {
    const ones = Array.from({ length: 10 }, () => 1);
    const withHundreds = (count: number): number[] => ones.map((one, at) => (at < count ? 100 : one));
    expect(classify(PRODUCTION, withHundreds(7), ones).classification).toBe("Pass");
    expect(classify(PRODUCTION, withHundreds(8), ones).classification).toBe("High");
  });
});

const vectorOf = (name: string): RankVector => {
  const vector = rankVectors.find((one) => one.name === name);
  if (vector === undefined) throw new Error(`no vector ${name}`);
  return vector;
};
const arrayOf = (vector: RankVector, name: string): number[] => vector.arrays[name] ?? [];

describe("the benchmark's Mann-Whitney test", () => {
  test("has Kayenta's normal quantile", () =>
    expect(normalQuantile(0.01)).toBeCloseTo(-2.3263478740408408, 14));

  test("has Kayenta's rank differences on 850 points", () => {
    const vector = vectorOf("Wilcoxon Diff Function");
    const [x, y] = [arrayOf(vector, "x"), arrayOf(vector, "y")];
    expect(rankDifference(0, 0, x, y)).toBeCloseTo(-1.229416, 5);
    expect(rankDifference(5, 0, x, y)).toBeCloseTo(-35.80606, 4);
  });

  test("has Kayenta's interval on four points", () => {
    const shift = mannWhitney([10, 20, 30, 40], [1, 2, 3, 4], 0.95);
    expect(shift.lower()).toBeCloseTo(6, 4);
    expect(shift.upper()).toBeCloseTo(39, 4);
    expect(shift.estimate()).toBeCloseTo(22.5, 4);
  });

  test("has Kayenta's interval on its 850-point problem case", () => {
    const vector = vectorOf("Mann-Whitney Confidence Interval & Estimate: Problem Case");
    const shift = mannWhitney(arrayOf(vector, "experiment"), arrayOf(vector, "control"), 0.98);
    expect(Math.abs(shift.lower() - -1.4808028936386108e-5)).toBeLessThan(1e-12);
    expect(Math.abs(shift.upper() - 1.808255910873413e-5)).toBeLessThan(1e-12);
    expect(Math.abs(shift.estimate() - 1.808255910873413e-5)).toBeLessThan(1e-12);
  });

  test("ties out with R on 90 points", () => {
    const vector = vectorOf("Mann-Whitney Confidence Interval & Estimate: Tie out with R Version");
    const shift = mannWhitney(arrayOf(vector, "experiment"), arrayOf(vector, "control"), 0.98);
    expect(Math.abs(shift.estimate() - Number(vector.consts.rEst))).toBeLessThan(1e-4);
  });
});
