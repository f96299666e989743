/**
 * Evidence of health: the same e-process the other way round. The assumption to refute is that the canary's odds
 * of going bad are at least `maxTolerated` times the baseline's; what is bet on is two like versions.
 *
 * Under odds R the mean of R^-X is 1 / E[R^X] of like versions, so R^-x times a lower bound of E[R^X] has a mean of at
 * most 1; higher odds only lower it. (The binomial form would not do here: it bounds E[R^X] from above.)
 */
import type { Minute } from "./counts.ts";
import { logMeanAtLeast } from "./split.ts";

/** ln of what one minute says for the canary, at most `logCap`. */
const logHealth = (minute: Minute, maxTolerated: number, logCap: number): number => {
  if (minute === null) return 0;
  const { baseline, canary } = minute;
  const bad = baseline.bad + canary.bad;
  if (bad === 0 || canary.total === 0 || baseline.total === 0) return 0;
  const logMean = logMeanAtLeast(canary.total, baseline.total, bad, maxTolerated);
  return Math.min(logMean - canary.bad * Math.log(maxTolerated), logCap);
};

/**
 * Odds that the canary is less than `maxTolerated` times worse; `bar` is what will be asked of them. No minute may pay
 * more than its square root, so that health, like harm, takes at least two.
 */
export const healthOf = (minutes: readonly Minute[], maxTolerated: number, bar: number): number => {
  const logCap = Math.log(bar) / 2;
  let log = 0;
  for (const minute of minutes) log += logHealth(minute, maxTolerated, logCap);
  return Math.min(Math.exp(log), Number.MAX_VALUE);
};
