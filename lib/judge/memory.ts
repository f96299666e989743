/**
 * The second witness: the baseline's own history, standing beside the minute's baseline calls (past.ts). It knows how
 * rare bad calls used to be, which a few concurrent calls cannot tell, and it holds a canary's clean minutes against
 * the accusation.
 *
 * A minute pays odds^x / M^(x + y + lent), M = 1 + share * (odds - 1), where `lent` bad calls of L calls at the history's
 * rate r join the baseline. For versions that share a rate p its mean is at most e^(L (p (1 - 1/M) - r ln M)), which is at
 * most 1 for every p <= r, since 1 - 1/M <= ln M. So it is an e-process while the baseline is no worse than its history
 * says; it never convicts alone (weighing.ts), and a verdict that rests on it says so.
 */
import type { Past } from "./past.ts";

/** Excess bad rates (0-1) over the history's that are bet on, with equal stakes. */
const EXCESS = [0.015, 0.05, 0.25] as const;

/** Chance p as odds. */
const oddsOf = (chance: number): number => chance / (1 - chance);
const CHANCE_MAX = 0.999;

/** ln of the winnings, and the odds bet on. */
export type MemoryBets = { readonly logs: Float64Array; readonly odds: readonly number[] };

/** Odds are bet on up to this many times the cap: more could not be paid for one bad call. */
const ODDS_TO_CAP = 1.5;

/** Bets for a minute's pay of at most `cap`. */
export const newMemoryBets = (past: Past, cap: number): MemoryBets => ({
  logs: new Float64Array(EXCESS.length),
  odds: EXCESS.map((excess) => {
    const canaryRate = Math.min(CHANCE_MAX, past.rate + excess);
    return Math.max(1, Math.min(ODDS_TO_CAP * cap, oddsOf(canaryRate) / oddsOf(past.rate)));
  }),
});

/** Adds `times` minutes with these counts, each paying at most e^logCap. */
export const betOnMemory = (
  bets: MemoryBets,
  past: Past,
  canaryTotal: number,
  canaryBad: number,
  baselineTotal: number,
  baselineBad: number,
  logCap: number,
  times = 1,
): void => {
  const share = canaryTotal / (canaryTotal + baselineTotal + past.lentTotal);
  const bad = canaryBad + baselineBad + past.lentBad;
  for (let bet = 0; bet < EXCESS.length; bet += 1) {
    const odds = bets.odds[bet] ?? 1;
    const log = canaryBad * Math.log(odds) - bad * Math.log1p(share * (odds - 1));
    bets.logs[bet] = (bets.logs[bet] ?? 0) + times * Math.min(log, logCap);
  }
};

/** The mean winnings. Never above Number.MAX_VALUE. */
export const memoryEvidence = (bets: MemoryBets): number => {
  let sum = 0;
  for (const log of bets.logs) sum += Math.exp(log);
  return Math.min(sum / EXCESS.length, Number.MAX_VALUE);
};
