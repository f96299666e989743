/**
 * Kayenta's Mann-Whitney test: a confidence interval of the shift by inverting the rank test, with ties and continuity
 * correction, as R's wilcox.test(x, y, conf.int = TRUE, exact = FALSE) but with the correction on the estimate too.
 * Source: spinnaker/kayenta a69573be, kayenta-mannwhitney/.../MannWhitney.scala.
 */
import { rootBetween } from "./root.ts";

export type Shift = { readonly lower: number; readonly upper: number; readonly estimate: number };

/** Coefficients of Wichura's AS 241 (PPND16), relative error about 1e-16: value = numerator / denominator. */
const CENTRAL = [
  [
    3.387132872796366608, 133.14166789178437745, 1971.5909503065514427, 13731.693765509461125,
    45921.953931549871457, 67265.770927008700853, 33430.575583588128105, 2509.0809287301226727,
  ],
  [
    1, 42.313330701600911252, 687.1870074920579083, 5394.1960214247511077, 21213.794301586595867,
    39307.89580009271061, 28729.085735721942674, 5226.495278852545925,
  ],
] as const;
const TAIL = [
  [
    1.42343711074968357734, 4.6303378461565452959, 5.7694972214606914055, 3.64784832476320460504,
    1.27045825245236838258, 0.24178072517745061177, 0.0227238449892691845833, 7.7454501427834140764e-4,
  ],
  [
    1, 2.05319162663775882187, 1.6763848301838038494, 0.68976733498510000455, 0.14810397642748007459,
    0.0151986665636164571966, 5.475938084995344946e-4, 1.05075007164441684324e-9,
  ],
] as const;

const polynomial = (coefficients: readonly number[], at: number): number =>
  coefficients.reduceRight((sum, coefficient) => sum * at + coefficient, 0);

/** The standard normal quantile for 1e-10 < p < 1 - 1e-10 (Wichura 1988, AS 241). */
export const normalQuantile = (p: number): number => {
  const q = p - 0.5;
  if (Math.abs(q) <= 0.425) {
    const r = 0.180625 - q * q;
    return (q * polynomial(CENTRAL[0], r)) / polynomial(CENTRAL[1], r);
  }
  const r = Math.sqrt(-Math.log(q < 0 ? p : 1 - p)) - 1.6;
  const value = polynomial(TAIL[0], r) / polynomial(TAIL[1], r);
  return q < 0 ? -value : value;
};

/** The standardised rank-sum of x - mu against y, less `quantile`; throws when all values are tied. */
export const rankDifference = (
  mu: number,
  quantile: number,
  x: readonly number[],
  y: readonly number[],
): number => {
  const m = x.length;
  const n = y.length;
  const values = [...x.map((value) => ({ value: value - mu, isX: true }))];
  for (const value of y) values.push({ value, isX: false });
  values.sort((one, other) => one.value - other.value);
  let rankSum = 0;
  let ties = 0;
  for (let start = 0; start < values.length; ) {
    let end = start;
    let ofX = 0;
    while (end < values.length && values[end]?.value === values[start]?.value) {
      if (values[end]?.isX) ofX += 1;
      end += 1;
    }
    rankSum += ofX * ((start + 1 + end) / 2);
    ties += (end - start) ** 3 - (end - start);
    start = end;
  }
  const difference = rankSum - (m * (m + 1)) / 2 - (m * n) / 2;
  const sigma = Math.sqrt(((m * n) / 12) * (m + n + 1 - ties / ((m + n) * (m + n - 1))));
  if (!(sigma > 0)) throw new RangeError("all observations are tied");
  return (difference - Math.sign(difference) * 0.5) / sigma - quantile;
};

/** Interval and Hodges-Lehmann estimate of x - y at this confidence level (0-1). */
export const mannWhitney = (x: readonly number[], y: readonly number[], confidence: number): Shift => {
  const low = Math.min(...x) - Math.max(...y);
  const high = Math.max(...x) - Math.min(...y);
  const z = -normalQuantile((1 - confidence) / 2);
  const endAt = (quantile: number): number => {
    const f = (mu: number): number => rankDifference(mu, quantile, x, y);
    if (f(low) <= 0) return low;
    return f(high) >= 0 ? high : rootBetween(f, low, high);
  };
  const estimate = rootBetween((mu) => rankDifference(mu, 0, x, y), low, high);
  return { lower: endAt(z), upper: endAt(-z), estimate };
};
