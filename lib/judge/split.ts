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

/** `certain` draws that surely fall on the canary, and `others` that do so with this `chance`. */
type Extreme = { readonly certain: number; readonly others: number; readonly chance: number };

/**
 * The sum of Bernoulli variables with the true mean and variance whose E[odds^X] is largest. Drawing `drawn` bad calls out of
 * all, `marked` of which are the canary's (or the other way round: the law is the same, and fewer draws are closer). Written
 * out so that nothing cancels, however lopsided the counts.
 */
const upperExtreme = (all: number, drawn: number, marked: number): Extreme => {
  const mean = (drawn / all) * marked;
  const scale = all * (all - marked - 1) + marked * drawn;
  const certain = scale > 0 ? (drawn * marked * (drawn - 1)) / scale : drawn;
  if (certain <= 0) return { certain: 0, others: drawn, chance: mean / drawn };
  if (certain >= mean) return { certain: mean, others: 0, chance: 0 };
  return {
    certain,
    others: (drawn * (all - marked) * (all - 1)) / scale,
    chance: ((marked / all) * (all - drawn)) / (all - 1),
  };
};

/** ln of an upper bound of E[odds^X] for two like versions; odds >= 1. Needs at least one call. */
export const logMeanAtMost = (
  canaryTotal: number,
  baselineTotal: number,
  bad: number,
  odds: number,
): number => {
  if (bad === 0 || canaryTotal === 0) return 0;
  const all = canaryTotal + baselineTotal;
  const { certain, others, chance } = upperExtreme(
    all,
    Math.min(bad, canaryTotal),
    Math.max(bad, canaryTotal),
  );
  return others * Math.log1p(chance * (odds - 1)) + certain * Math.log(odds);
};

/** ln of a lower bound of E[odds^X] for two like versions; odds >= 1. Needs at least one call. */
export const logMeanAtLeast = (
  canaryTotal: number,
  baselineTotal: number,
  bad: number,
  odds: number,
): number => {
  const all = canaryTotal + baselineTotal;
  const mean = (bad / all) * canaryTotal;
  if (mean === 0) return 0;
  if (all <= 1) return mean * Math.log(odds);
  const chance = (all * (canaryTotal - 1) + baselineTotal * bad) / all / (all - 1);
  return chance > 0 ? (mean / chance) * Math.log1p(chance * (odds - 1)) : 0;
};
