/**
 * What the baseline's history is worth as a witness. Its rate is taken at an upper bound, so that a short history
 * accuses nobody, and only a little of it is lent to each minute: a rate that wanders by about half from minute to minute
 * (gamma-distributed with LENT_BAD bad calls) is then no surprise. It stops counting as soon as the baseline itself
 * goes bad more often than its history explains, as in an outage or a drift.
 */
import type { Arm } from "./counts.ts";

/** Most bad calls, and most of the whole history, that are lent to one minute. */
const LENT_BAD = 5;
const LENT_SHARE = 0.1;

/** History is dismissed when it gives the baseline's bad calls so far less than this chance. */
const SURPRISE = 0.05;

/** Up to this mean the Poisson tail is summed; beyond, the normal tail does. */
const SUMMED_TO = 50;

/** z of SURPRISE under the normal tail. */
const SURPRISE_Z = 1.6449;

/** `rate` 0-1 exclusive; `lentTotal` calls with `lentBad` bad ones (fractions) stand beside each minute's baseline. */
export type Past = { readonly rate: number; readonly lentTotal: number; readonly lentBad: number };

/** The history as a witness; undefined when there is none. */
export const pastOf = (history: Arm | undefined): Past | undefined => {
  if (history === undefined || history.total === 0) return undefined;
  const rate = Math.min(0.999, (history.bad + Math.sqrt(history.bad) + 1) / (history.total + 2));
  const lentTotal = Math.min(LENT_BAD / rate, history.total * LENT_SHARE);
  return { rate, lentTotal, lentBad: lentTotal * rate };
};

const poissonBelow = (mean: number, count: number): number => {
  let term = Math.exp(-mean);
  let sum = 0;
  for (let hits = 0; hits < count; hits += 1) {
    sum += term;
    term *= mean / (hits + 1);
  }
  return sum;
};

/** Whether the baseline's bad calls so far are too many for its history. More bad calls never make it say no. */
export const isUnlikePast = (past: Past, baseline: Arm): boolean => {
  const mean = baseline.total * past.rate;
  if (baseline.bad <= mean) return false;
  if (mean > SUMMED_TO || baseline.bad > 4 * SUMMED_TO)
    return baseline.bad > mean + SURPRISE_Z * Math.sqrt(mean);
  return 1 - poissonBelow(mean, baseline.bad) < SURPRISE;
};
