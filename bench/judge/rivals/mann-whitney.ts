/**
 * Kayenta's Mann-Whitney test: a confidence interval of the shift by inverting the rank test, with ties and continuity
 * correction, as R's wilcox.test(x, y, conf.int = TRUE, exact = FALSE) but with the correction on the estimate too.
 * Source: spinnaker/kayenta a69573be, kayenta-mannwhitney/.../MannWhitney.scala.
 */
import { rootBetween } from "./root.ts";

/** Each is computed when asked for: a judge often needs only one. */
export type Shift = {
  readonly lower: () => number;
  readonly upper: () => number;
  readonly estimate: () => number;
};

/** Coefficients of Wichura's AS 241 (PPND16), relative error about 1e-16: value = numerator / denominator. */
const CENTRAL = [
  [
    3.3871328727963665, 133.14166789178438, 1971.5909503065513, 13731.69376550946, 45921.95393154987,
    67265.7709270087, 33430.57558358813, 2509.0809287301227,
  ],
  [
    1, 42.31333070160091, 687.1870074920579, 5394.196021424751, 21213.794301586597, 39307.89580009271,
    28729.085735721943, 5226.495278852546,
  ],
] as const;
const TAIL = [
  [
    1.4234371107496835, 4.630337846156546, 5.769497221460691, 3.6478483247632045, 1.2704582524523684,
    0.2417807251774506, 0.022723844989269184, 0.0007745450142783414,
  ],
  [
    1, 2.053191626637759, 1.6763848301838038, 0.6897673349851, 0.14810397642748008, 0.015198666563616457,
    0.0005475938084995345, 1.0507500716444169e-9,
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
  return {
    lower: () => endAt(z),
    upper: () => endAt(-z),
    estimate: () => rootBetween((mu) => rankDifference(mu, 0, x, y), low, high),
  };
};
