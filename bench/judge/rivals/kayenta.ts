/**
 * Kayenta's NetflixACAJudge-v1.0 for one metric: clean, compare, classify. In production its tolerance is 0.25 and its
 * confidence 0.98. Source: spinnaker/kayenta a69573be, kayenta-judge/.../NetflixACAJudge.scala and classifiers/metric.
 */
import { mannWhitney } from "./mann-whitney.ts";

export type Classification = "Pass" | "High" | "Low" | "Nodata" | "NodataFailMetric" | "Error";
type Bounds = readonly [decrease: number, increase: number];

export type Metric = {
  readonly tolerance: number;
  readonly confidence: number;
  readonly direction: "increase" | "decrease" | "either";
  readonly nanStrategy: "remove" | "replace";
  readonly isCritical: boolean;
  readonly mustHaveData: boolean;
  readonly measure: "meanRatio" | "cles";
  readonly allowed?: Bounds;
  readonly critical?: Bounds;
};

export const PRODUCTION: Metric = {
  tolerance: 0.25,
  confidence: 0.98,
  direction: "increase",
  nanStrategy: "remove",
  isCritical: false,
  mustHaveData: false,
  measure: "meanRatio",
};

export type Result = {
  readonly classification: Classification;
  readonly isCritical: boolean;
  readonly deviation: number;
};

const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

const clean = (values: readonly number[], strategy: Metric["nanStrategy"]): readonly number[] =>
  strategy === "remove"
    ? values.filter((value) => !Number.isNaN(value))
    : values.map((value) => (Number.isNaN(value) ? 0 : value));

/** mean ratio, NaN when either mean is 0 and they differ. */
const meanRatio = (x: readonly number[], y: readonly number[]): number => {
  const [ofX, ofY] = [mean(x), mean(y)];
  if (ofX === ofY) return 1;
  return ofX === 0 || ofY === 0 ? Number.NaN : ofX / ofY;
};

/** Common language effect size: P(x > y) + P(x = y) / 2. */
export const cles = (x: readonly number[], y: readonly number[]): number => {
  let wins = 0;
  for (const one of x) for (const other of y) wins += one > other ? 1 : one === other ? 0.5 : 0;
  return wins / (x.length * y.length);
};

/** Breaks the tie when each side is constant, as Kayenta does with noise of 1e-5 of the value; here it is fixed. */
const untied = (values: readonly number[]): readonly number[] =>
  new Set(values).size === 1 ? values.map((value, at) => value * (1 + 1e-5 * Math.sin(at + 1))) : values;

const isSame = (x: readonly number[], y: readonly number[]): boolean => {
  const [one, other] = [[...x].sort((a, b) => a - b), [...y].sort((a, b) => a - b)];
  return one.length === other.length && one.every((value, at) => value === other[at]);
};

/** Where the canary's interval lies clear of the tolerated shift; undefined when it does not. */
const sideOf = (metric: Metric, x: readonly number[], y: readonly number[]): "High" | "Low" | undefined => {
  const isFlat = new Set(x).size === 1 && new Set(y).size === 1;
  const shift = mannWhitney(isFlat ? untied(x) : x, isFlat ? untied(y) : y, metric.confidence);
  const lower = metric.direction === "decrease" ? Number.NEGATIVE_INFINITY : shift.lower();
  const upper = metric.direction === "increase" ? Number.POSITIVE_INFINITY : shift.upper();
  if (lower <= 0 && upper >= 0) return undefined;
  const bound = metric.tolerance * Math.abs(shift.estimate());
  if (lower > bound) return "High";
  return upper < -bound ? "Low" : undefined;
};

/** Whether an effect reaches the bound of this side; an unknown one does. */
const reaches = (side: "High" | "Low", effect: number, [decrease, increase]: Bounds): boolean =>
  Number.isNaN(effect) || (side === "High" ? effect >= increase : effect <= decrease);

const compare = (metric: Metric, x: readonly number[], y: readonly number[]): Result => {
  const deviation = meanRatio(x, y);
  const pass: Result = { classification: "Pass", isCritical: false, deviation };
  if (isSame(x, y) || new Set([...x, ...y]).size === 1) return pass;
  const side = sideOf(metric, x, y);
  const effect = metric.measure === "cles" ? cles(x, y) : deviation;
  const neutral = metric.measure === "cles" ? 0.5 : 1;
  const any: Bounds = [neutral, neutral];
  if (side === undefined || !reaches(side, effect, metric.allowed ?? any)) return pass;
  const isCritical = metric.isCritical && reaches(side, effect, metric.critical ?? any);
  return { classification: side, isCritical, deviation };
};

/** Classifies the canary's points against the baseline's. A comparison that fails is an Error, which Kayenta passes. */
export const classify = (
  metric: Metric,
  experiment: readonly number[],
  control: readonly number[],
): Result => {
  const x = clean(experiment, metric.nanStrategy);
  const y = clean(control, metric.nanStrategy);
  if (x.length === 0 || y.length === 0) {
    if (metric.nanStrategy === "replace") return { classification: "Pass", isCritical: false, deviation: 1 };
    return metric.mustHaveData && !metric.isCritical
      ? { classification: "NodataFailMetric", isCritical: false, deviation: 1 }
      : { classification: "Nodata", isCritical: metric.isCritical, deviation: 1 };
  }
  try {
    return compare(metric, x, y);
  } catch {
    return { classification: "Error", isCritical: false, deviation: Number.NaN };
  }
};
