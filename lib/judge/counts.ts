/** What the judge reads: bad calls out of all calls, per version and minute. Everything is a count. */

/** Calls of one version: `total` of them, `bad` of which went wrong. Whole numbers, 0 <= bad <= total <= COUNT_MAX. */
export type Arm = { readonly total: number; readonly bad: number };

/** Both versions in one minute; `null` when the minute could not be read (never when it was merely empty). */
export type Minute = { readonly baseline: Arm; readonly canary: Arm } | null;

/**
 * One thing that can go wrong, over the minutes of one traffic shift, oldest first.
 * `history` holds the baseline's counts from before the shift: a second witness that only counts while
 * the baseline still behaves as it did.
 */
export type SignalSeries = {
  readonly name: string;
  readonly minutes: readonly Minute[];
  readonly history?: Arm;
  /** What the counts mean; the judge itself looks at `coldStarts` alone. */
  readonly about?: SignalNote;
};

/** `slowerThanMs`: what a slow call is. `coldStarts`: sandboxes that the canary can have started with, see cold.ts. */
export type SignalNote = {
  readonly slowerThanMs?: number;
  readonly coldStarts?: number;
  /** Counts rebuilt from percentiles, where CloudWatch would not count: good to a few calls in a hundred. */
  readonly isEstimated?: boolean;
};

/** The largest count taken as exact: sums of all minutes must stay whole numbers in a double. */
export const COUNT_MAX = 1e12;

/** The longest series: two days, CodeDeploy's longest linear or canary shift. */
export const MINUTES_MAX = 2_880;

/** The most signals judged together; each one takes a share of `alpha`. */
export const SIGNALS_MAX = 50;

const isCount = (value: number): boolean => Number.isInteger(value) && value >= 0 && value <= COUNT_MAX;

/** Whether an arm holds two whole numbers with 0 <= bad <= total. */
export const isArm = (arm: Arm): boolean => isCount(arm.total) && isCount(arm.bad) && arm.bad <= arm.total;

/** The minute as it may be judged: a minute with counts that cannot be counts was not read. */
export const readable = (minute: Minute | undefined): Minute =>
  minute && isArm(minute.baseline) && isArm(minute.canary) ? minute : null;

/** All minutes that were read, added up. */
export const sumOf = (minutes: readonly Minute[]): { baseline: Arm; canary: Arm } => {
  const sum = { baseline: { total: 0, bad: 0 }, canary: { total: 0, bad: 0 } };
  for (const minute of minutes) {
    if (minute === null) continue;
    sum.baseline.total += minute.baseline.total;
    sum.baseline.bad += minute.baseline.bad;
    sum.canary.total += minute.canary.total;
    sum.canary.bad += minute.canary.bad;
  }
  return sum;
};

/** bad / total as a rate 0-1; 0 for an arm without calls. */
export const rateOf = (arm: Arm): number => (arm.total === 0 ? 0 : arm.bad / arm.total);
