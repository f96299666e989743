/** The upper tail of the binomial, at the same cost for ten trials and for a billion. */

/** Above this mean (and this many expected misses) the normal tail is right to about a percent. */
const NORMAL_FROM = 400;

/** P(Z >= z) for a standard normal Z; absolute error below 1.5e-7 (Abramowitz & Stegun 7.1.26). */
export const normalTail = (z: number): number => {
  const x = Math.abs(z) / Math.SQRT2;
  const t = 1 / (1 + 0.3275911 * x);
  const poly =
    t * (0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429))));
  const tail = 0.5 * poly * Math.exp(-x * x);
  return z >= 0 ? tail : 1 - tail;
};

/** P(X >= least) for X binomial with `trials` and `chance`, both ends included. */
export const binomialTail = (trials: number, chance: number, least: number): number => {
  if (least <= 0) return 1;
  if (least > trials || chance <= 0) return 0;
  if (chance >= 1) return 1;
  const mean = trials * chance;
  if (Math.min(mean, trials - mean) > NORMAL_FROM || least > 4 * NORMAL_FROM)
    return normalTail((least - 0.5 - mean) / Math.sqrt(mean * (1 - chance)));
  let term = trials * Math.log1p(-chance);
  let below = 0;
  const logOdds = Math.log(chance) - Math.log1p(-chance);
  for (let hits = 0; hits < least; hits += 1) {
    below += Math.exp(term);
    term += Math.log((trials - hits) / (hits + 1)) + logOdds;
  }
  return Math.max(0, 1 - below);
};
