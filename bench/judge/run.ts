/** One simulated traffic shift: what the judges see, and the true rates that only the all-knowing one is told. */
import { binomial, poisson, type Random } from "../../lib/judge/chance.ts";

/** Counts per minute; `isRead[t]` is 0 for a minute that could not be read. */
export type Run = {
  readonly minutes: number;
  readonly canaryTotal: Float64Array;
  readonly canaryBad: Float64Array;
  readonly baselineTotal: Float64Array;
  readonly baselineBad: Float64Array;
  readonly isRead: Uint8Array;
  /** True bad rates 0-1 in each minute. */
  readonly canaryRate: Float64Array;
  readonly baselineRate: Float64Array;
  /** The baseline's counts before the shift. */
  history: { total: number; bad: number };
};

export const newRun = (minutes: number): Run => ({
  minutes,
  canaryTotal: new Float64Array(minutes),
  canaryBad: new Float64Array(minutes),
  baselineTotal: new Float64Array(minutes),
  baselineBad: new Float64Array(minutes),
  isRead: new Uint8Array(minutes),
  canaryRate: new Float64Array(minutes),
  baselineRate: new Float64Array(minutes),
  history: { total: 0, bad: 0 },
});

/** Minutes of history before the shift: one day. */
export const HISTORY_MINUTES = 1_440;

/** Draws both versions' calls and bad calls of one minute. */
export const drawMinute = (
  run: Run,
  at: number,
  random: Random,
  traffic: number,
  weight: number,
  baselineRate: number,
  canaryRate: number,
): void => {
  const calls = poisson(random, traffic * 60);
  const canary = binomial(random, calls, weight);
  run.canaryTotal[at] = canary;
  run.baselineTotal[at] = calls - canary;
  run.canaryBad[at] = binomial(random, canary, canaryRate);
  run.baselineBad[at] = binomial(random, calls - canary, baselineRate);
  run.canaryRate[at] = canaryRate;
  run.baselineRate[at] = baselineRate;
  run.isRead[at] = 1;
};

/** A day of history at this mean bad rate. */
export const drawHistory = (run: Run, random: Random, traffic: number, rate: number): void => {
  const total = poisson(random, traffic * 60 * HISTORY_MINUTES);
  run.history = { total, bad: binomial(random, total, rate) };
};
