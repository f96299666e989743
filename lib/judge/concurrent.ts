/**
 * The first witness: both versions in the same minute. It assumes nothing about rates, only that calls are routed by
 * chance, so traffic swings, weight changes and outages that hit both versions cannot fool it.
 *
 * A minute pays odds^x / E[odds^X], where x is the canary's part of the minute's bad calls and the mean is that of two
 * like versions (split.ts). Its mean is at most 1 when the canary is no worse, so the product over minutes, averaged
 * over bets, ever exceeds a bar B with a chance of at most 1/B, however often one looks (Ville 1939; Ramdas, Gruenwald,
 * Vovk & Shafer 2023; Lindon & Malek 2022). Capping a minute's pay only lowers its mean.
 *
 * Two kinds of bet: all is staked in every minute (bad from the start), or a tenth (bad in some minutes only, as when
 * harm sets in later: a minute without harm then costs a tenth, not everything). Except for the first minute's lower
 * cap the result does not depend on the order of the minutes.
 */
import { logMeanAtMost } from "./split.ts";

/** Bets, with equal stakes, on worse odds from twice up to what one bad call can win under the cap. */
const BETS = 3;
const ODDS_LEAST = 1.7;
const ODDS_TO_CAP = 1.3;

/** Part of the winnings staked each minute by the bets on "in some minutes only", and the weight of these bets. */
const PART_STAKED = 0.1;
const PART_WEIGHT = 0.1;

/** These bets may win more in a minute, since they start from little: still far from the bar. */
const LOG_PART_CAP = Math.log(1.4);

/** Above this, 1 + part * (e^l - 1) is part * e^l to double precision. */
const LOG_HUGE = 36;

/** ln(1 - part + part * e^log): what remains and grows when only a part is staked. */
const logPartly = (log: number): number =>
  log > LOG_HUGE ? log + Math.log(PART_STAKED) : Math.log1p(PART_STAKED * Math.expm1(log));

/** ln of each bet's winnings, all-in bets first, then those that stake a part; and the odds bet on. */
export type ConcurrentBets = { readonly logs: Float64Array; readonly odds: readonly number[] };

/** Bets for a minute's pay of at most `cap`: odds in equal ratios. */
export const newConcurrentBets = (cap: number): ConcurrentBets => {
  const most = Math.max(ODDS_LEAST, ODDS_TO_CAP * cap);
  return {
    logs: new Float64Array(2 * BETS),
    odds: Array.from({ length: BETS }, (_, bet) => ODDS_LEAST * (most / ODDS_LEAST) ** (bet / (BETS - 1))),
  };
};

/** Adds `times` minutes with these counts, each paying at most e^logCap. Both versions must have had calls. */
export const betConcurrently = (
  bets: ConcurrentBets,
  canaryTotal: number,
  canaryBad: number,
  baselineTotal: number,
  baselineBad: number,
  logCap: number,
  times = 1,
): void => {
  const bad = canaryBad + baselineBad;
  if (bad === 0) return;
  const { logs, odds } = bets;
  for (let bet = 0; bet < BETS; bet += 1) {
    const ratio = odds[bet] ?? 1;
    const log = canaryBad * Math.log(ratio) - logMeanAtMost(canaryTotal, baselineTotal, bad, ratio);
    const partly = bet + BETS;
    logs[bet] = (logs[bet] ?? 0) + times * Math.min(log, logCap);
    logs[partly] = (logs[partly] ?? 0) + times * Math.min(logPartly(log), logCap + LOG_PART_CAP);
  }
};

/** The mean winnings; 1 = no evidence either way, below 1 speaks for the canary. Never above Number.MAX_VALUE. */
export const concurrentEvidence = (bets: ConcurrentBets): number => {
  let sum = 0;
  for (let bet = 0; bet < BETS; bet += 1) {
    const all = Math.exp(bets.logs[bet] ?? 0);
    const part = Math.exp(bets.logs[bet + BETS] ?? 0);
    sum += (1 - PART_WEIGHT) * all + PART_WEIGHT * part;
  }
  return Math.min(sum / BETS, Number.MAX_VALUE);
};
