/**
 * What a shift can see: how bad the canary would have to be for the judge to convict it with a given chance.
 * The minutes are taken as alike, the baseline as behaving as expected, and the canary's bad calls as spread over as
 * many minutes as they can fill.
 */
import { binomialTail } from "./binomial.ts";
import type { Arm } from "./counts.ts";
import { addMinute, type Bets, evidenceOf, logCapOf, noBets } from "./evidence.ts";

/** The chance with which a shift must have caught harm for its silence to mean anything. */
export const POWER_NEEDED = 0.8;

/** Calls of both versions over the whole shift, and the baseline's usual bad rate 0-1. */
export type Shift = {
  readonly minutes: number;
  readonly baselineTotal: number;
  readonly canaryTotal: number;
  readonly baselineRate: number;
};

const BISECTIONS = 48;

/** Winnings of every bet after `minutes` equal minutes. */
const afterAlike = (baseline: Arm, canary: Arm, minutes: number, logCap: number): Bets => {
  const bets = noBets();
  addMinute(bets, { baseline, canary }, logCap);
  return bets.map((log) => log * minutes);
};

/** The evidence when `canaryBad` bad calls fall on the canary, spread over the minutes. */
export const evidenceAt = (shift: Shift, canaryBad: number, bar: number): number => {
  const { minutes } = shift;
  const logCap = logCapOf(bar);
  const baseline = {
    total: shift.baselineTotal / minutes,
    bad: (shift.baselineTotal / minutes) * shift.baselineRate,
  };
  const fewer = Math.floor(canaryBad / minutes);
  const withOneMore = canaryBad - fewer * minutes;
  const total = shift.canaryTotal / minutes;
  const few = afterAlike(baseline, { total, bad: fewer }, minutes - withOneMore, logCap);
  const more = afterAlike(baseline, { total, bad: fewer + 1 }, withOneMore, logCap);
  return evidenceOf(few.map((log, bet) => log + (more[bet] ?? 0)));
};

/** The fewest bad canary calls that convict; undefined when even all of them would not. */
export const badCallsToConvict = (shift: Shift, bar: number): number | undefined => {
  const { minutes, canaryTotal, baselineTotal } = shift;
  if (minutes < 1 || canaryTotal < 1 || baselineTotal < 1) return undefined;
  let tooFew = 0;
  let enough = Math.floor(canaryTotal);
  if (evidenceAt(shift, enough, bar) < bar) return undefined;
  while (enough - tooFew > 1) {
    const middle = Math.floor((enough + tooFew) / 2);
    if (evidenceAt(shift, middle, bar) >= bar) enough = middle;
    else tooFew = middle;
  }
  return enough;
};

/** The chance 0-1 of convicting a canary with this bad rate. */
export const powerAt = (shift: Shift, canaryRate: number, bar: number): number => {
  const needed = badCallsToConvict(shift, bar);
  return needed === undefined ? 0 : binomialTail(Math.floor(shift.canaryTotal), canaryRate, needed);
};

/** The lowest canary bad rate that is caught with POWER_NEEDED; undefined when no rate is. */
export const seeableRate = (shift: Shift, bar: number): number | undefined => {
  const needed = badCallsToConvict(shift, bar);
  if (needed === undefined) return undefined;
  const calls = Math.floor(shift.canaryTotal);
  let tooLow = 0;
  let enough = 1;
  for (let step = 0; step < BISECTIONS; step += 1) {
    const middle = (tooLow + enough) / 2;
    if (binomialTail(calls, middle, needed) >= POWER_NEEDED) enough = middle;
    else tooLow = middle;
  }
  return enough;
};
