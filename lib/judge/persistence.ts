/**
 * Whether harm persists: a sick sandbox or a poison batch hits one version in a clump and is gone, a bad version goes on.
 * A cumulative sum that restarts whenever it runs dry (Page 1954) of the same kind of bet: clean canary minutes drain
 * it. It only holds convictions back, so it needs no guarantee of its own.
 */

/** Worse odds that are followed; a clump looks like very large ones, so small ones would be too patient. */
const ODDS = [5, 30, 100] as const;
const LOG_ODDS = ODDS.map(Math.log);

/** The most one minute may add, as odds. */
const LOG_MINUTE_MAX = Math.log(7);

/** Bad calls that stand beside the minute's own, at the usual rate. */
const USUAL_BAD = 5;

/** ln of the running sum for each ratio, not below 0 after a restart. */
export type Persistence = Float64Array;

export const newPersistence = (): Persistence => new Float64Array(ODDS.length);

/**
 * Adds `times` minutes with these counts; `usualRate` 0-1 is how often the baseline goes bad; a minute pays at most
 * e^logCap or 7.
 */
export const persist = (
  sums: Persistence,
  usualRate: number,
  canaryTotal: number,
  canaryBad: number,
  baselineTotal: number,
  baselineBad: number,
  logCap: number,
  times = 1,
): void => {
  const most = Math.min(logCap, LOG_MINUTE_MAX);
  const share = canaryTotal / (canaryTotal + baselineTotal + USUAL_BAD / usualRate);
  const bad = canaryBad + baselineBad + USUAL_BAD;
  for (let at = 0; at < ODDS.length; at += 1) {
    const log = canaryBad * (LOG_ODDS[at] ?? 0) - bad * Math.log1p(share * ((ODDS[at] ?? 1) - 1));
    sums[at] = Math.max(0, sums[at] ?? 0) + times * Math.min(log, most);
  }
};

/** How persistent harm is, as odds. */
export const persistenceOf = (sums: Persistence): number => {
  let sum = 0;
  for (const log of sums) sum += Math.exp(log);
  return Math.min(sum / ODDS.length, Number.MAX_VALUE);
};
