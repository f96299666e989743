/**
 * Evidence of harm: an e-process, so that it may be looked at every minute.
 *
 * For each worse ratio `odds` a minute pays odds^x / E[odds^X], where x is the canary's share of the minute's bad
 * calls and the mean is that of two like versions (split.ts). Its mean is at most 1 when the canary is no worse, so the
 * product over minutes, averaged over ratios, exceeds 1/alpha at any time with a chance of at most alpha (Ville 1939;
 * Ramdas, Gruenwald, Vovk & Shafer 2023; Lindon & Malek 2022). The minute's factor is capped, which only lowers its
 * mean and makes a bar take at least two minutes. The result does not depend on the order of the minutes.
 */
import type { Minute } from "./counts.ts";
import { logMeanAtMost } from "./split.ts";

/** The worse ratios that are bet on, all with the same stake. */
const ODDS_BET = [1.5, 2, 3, 5, 10] as const;
const LOG_ODDS = ODDS_BET.map(Math.log);

/** Two minutes at the cap reach the bar with a little to spare: no single minute convicts. */
const CAP_TO_BAR = 1.118;

/** ln of the most one minute may pay, for a bar of 1/alpha. */
export const logCapOf = (bar: number): number => Math.log(CAP_TO_BAR * Math.sqrt(bar));

/** Log of every bet's winnings so far, in the order of ODDS_BET. */
export type Bets = Float64Array;

export const noBets = (): Bets => new Float64Array(ODDS_BET.length);

/** Adds one minute to the winnings of every bet, in place. A minute that was not read pays nothing. */
export const addMinute = (bets: Bets, minute: Minute, logCap: number): void => {
  if (minute === null) return;
  const { baseline, canary } = minute;
  const bad = baseline.bad + canary.bad;
  if (bad === 0 || canary.total === 0 || baseline.total === 0) return;
  for (const [bet, odds] of ODDS_BET.entries()) {
    const logFactor =
      canary.bad * (LOG_ODDS[bet] ?? 0) - logMeanAtMost(canary.total, baseline.total, bad, odds);
    bets[bet] = (bets[bet] ?? 0) + Math.min(logFactor, logCap);
  }
};

/** The evidence: mean winnings of all bets. 1 = none either way; below 1 speaks for the canary. */
export const evidenceOf = (bets: Bets): number => {
  let best = Number.NEGATIVE_INFINITY;
  for (const log of bets) best = Math.max(best, log);
  let sum = 0;
  for (const log of bets) sum += Math.exp(log - best);
  return Math.min(Math.exp(best) * (sum / bets.length), Number.MAX_VALUE);
};
