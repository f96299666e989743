/**
 * How a minute's bad calls would fall on two like versions.
 *
 * Given a canary calls, b baseline calls and n bad calls in all, the canary's bad calls X of two like
 * versions are hypergeometric, whatever the error rate. Its generating function E[theta^X] has only real
 * roots, so X is a sum of independent Bernoulli variables (Vatutin & Mikhailov 1982); their mean and
 * variance are known, and among all such sums with these two moments E[theta^X] is largest when some
 * of the p_i are 1 and the others equal (the upper principal representation of Chebyshev, Markov and Krein:
 * ln(1 + p(theta-1)) has a positive third derivative), smallest when some are 0 and the others equal.
 * Both bounds cost the same for ten calls and for ten million, and meet the binomial for rare bad calls.
 */

type Moments = { readonly draws: number; readonly mean: number; readonly squares: number };

/** Number, sum and sum of squares of the Bernoulli chances p_i. */
const momentsOf = (canaryTotal: number, baselineTotal: number, bad: number): Moments => {
  const all = canaryTotal + baselineTotal;
  const mean = (bad / all) * canaryTotal;
  const variance = all > 1 ? (mean * (baselineTotal / all) * (all - bad)) / (all - 1) : 0;
  return { draws: Math.min(canaryTotal, bad), mean, squares: Math.max(0, mean - variance) };
};

/** ln of an upper bound of E[odds^X] for two like versions; odds >= 1. Needs at least one call. */
export const logMeanAtMost = (
  canaryTotal: number,
  baselineTotal: number,
  bad: number,
  odds: number,
): number => {
  const { draws, mean, squares } = momentsOf(canaryTotal, baselineTotal, bad);
  if (mean === 0) return 0;
  const spread = squares + draws - 2 * mean;
  if (spread <= 0) return mean * Math.log(odds);
  const certain = Math.min(Math.max(0, (squares * draws - mean * mean) / spread), mean);
  const others = draws - certain;
  if (others <= 0) return mean * Math.log(odds);
  const chance = (mean - certain) / others;
  return others * Math.log1p(chance * (odds - 1)) + certain * Math.log(odds);
};

/** ln of a lower bound of E[odds^X] for two like versions; odds >= 1. Needs at least one call. */
export const logMeanAtLeast = (
  canaryTotal: number,
  baselineTotal: number,
  bad: number,
  odds: number,
): number => {
  const { mean, squares } = momentsOf(canaryTotal, baselineTotal, bad);
  if (mean === 0) return 0;
  if (squares <= 0) return 0;
  const chance = squares / mean;
  return (mean / chance) * Math.log1p(chance * (odds - 1));
};
