/** Exact chances for small counts, computed by enumeration: an independent check on the judge's formulas. */

export const factorial = (n: number): number => (n <= 1 ? 1 : n * factorial(n - 1));
export const choose = (n: number, k: number): number =>
  k < 0 || k > n ? 0 : factorial(n) / factorial(k) / factorial(n - k);

/** P(X = x) for `bad` bad calls falling on two versions whose odds of going bad stand as `oddsRatio` to 1. */
export const splits = (
  canaryTotal: number,
  baselineTotal: number,
  bad: number,
  oddsRatio = 1,
): { x: number; chance: number }[] => {
  const least = Math.max(0, bad - baselineTotal);
  const most = Math.min(bad, canaryTotal);
  const weights = Array.from({ length: most - least + 1 }, (_, at) => {
    const x = least + at;
    return { x, weight: choose(canaryTotal, x) * choose(baselineTotal, bad - x) * oddsRatio ** x };
  });
  const all = weights.reduce((sum, { weight }) => sum + weight, 0);
  return weights.map(({ x, weight }) => ({ x, chance: weight / all }));
};

/** P(X = x) for a binomial. */
export const binomialChance = (trials: number, chance: number, hits: number): number =>
  choose(trials, hits) * chance ** hits * (1 - chance) ** (trials - hits);
