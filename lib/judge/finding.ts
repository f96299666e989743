/** One signal's finding: convict at the first minute with evidence and harm, else health, power, or neither. */
import { type Minute, rateOf, readable, type SignalSeries, sumOf } from "./counts.ts";
import { addMinute, evidenceOf, logCapOf, noBets } from "./evidence.ts";
import { logHealth } from "./health.ts";
import type { Reason, SignalFinding, Verdict } from "./judgement.ts";
import { needsOf } from "./needs.ts";
import { POWER_NEEDED, powerAt, type Shift, seeableRate } from "./power.ts";

/** Odds against "too much worse" that prove the canary healthy. */
const HEALTH_BAR = 20;

/** Silence is a pass only if this excess over the baseline's bad rate would have been seen (0-1). */
export const MUST_SEE_EXCESS = 0.05;

export type Terms = {
  readonly bar: number;
  readonly minHarm: number;
  readonly maxTolerated: number;
  /** Minutes the longest signal has: a shorter one has not been read to the end. */
  readonly minutes: number;
  readonly isShiftOver: boolean;
};

type Scan = { readonly evidenceByMinute: number[]; readonly convictedAt: number | undefined };

/** Walks the minutes in order and stops at the first that convicts. */
const scan = (minutes: readonly Minute[], terms: Terms): Scan => {
  const bets = noBets();
  const logCap = logCapOf(terms.bar);
  const evidenceByMinute: number[] = [];
  const seen = { baseline: { total: 0, bad: 0 }, canary: { total: 0, bad: 0 } };
  for (const [at, minute] of minutes.entries()) {
    addMinute(bets, minute, logCap);
    if (minute !== null) {
      seen.baseline.total += minute.baseline.total;
      seen.baseline.bad += minute.baseline.bad;
      seen.canary.total += minute.canary.total;
      seen.canary.bad += minute.canary.bad;
    }
    const evidence = evidenceOf(bets);
    evidenceByMinute.push(evidence);
    if (evidence >= terms.bar && rateOf(seen.canary) - rateOf(seen.baseline) >= terms.minHarm)
      return { evidenceByMinute, convictedAt: at + 1 };
  }
  return { evidenceByMinute, convictedAt: undefined };
};

const shiftOf = (series: SignalSeries, minutes: readonly Minute[]): Shift => {
  const { baseline, canary } = sumOf(minutes);
  const past = series.history ?? { total: 0, bad: 0 };
  const known = { total: baseline.total + past.total, bad: baseline.bad + past.bad };
  const read = minutes.filter((minute) => minute !== null).length;
  return {
    minutes: read,
    baselineTotal: baseline.total,
    canaryTotal: canary.total,
    baselineRate: rateOf(known),
  };
};

const conclude = (
  isConvicted: boolean,
  isMissing: boolean,
  isProven: boolean,
  isShiftOver: boolean,
): { verdict: Verdict; reason?: Reason } => {
  if (isConvicted) return { verdict: "fail" };
  if (isMissing) return { verdict: "inconclusive", reason: "could-not-look" };
  if (isProven && isShiftOver) return { verdict: "pass" };
  return { verdict: "inconclusive", reason: "not-enough-evidence" };
};

/** Judges one signal on its own share of the budget. */
export const findingOf = (series: SignalSeries, terms: Terms): SignalFinding => {
  const all = Array.from({ length: terms.minutes }, (_, at) => readable(series.minutes[at]));
  const { evidenceByMinute, convictedAt } = scan(all, terms);
  const minutes = convictedAt === undefined ? all : all.slice(0, convictedAt);
  const { baseline, canary } = sumOf(minutes);
  const evidence = evidenceByMinute.at(-1) ?? 1;
  const excessRate = rateOf(canary) - rateOf(baseline);
  const minutesMissing = minutes.filter((minute) => minute === null).length;
  const logCap = logCapOf(HEALTH_BAR);
  const health = Math.exp(
    Math.min(
      700,
      minutes.reduce((sum, minute) => sum + logHealth(minute, terms.maxTolerated, logCap), 0),
    ),
  );
  const shift = shiftOf(series, minutes);
  const mustSee = Math.min(1, shift.baselineRate + Math.max(MUST_SEE_EXCESS, terms.minHarm));
  const isSuspect = evidence >= Math.sqrt(terms.bar) && excessRate >= terms.minHarm;
  const hasPower = powerAt(shift, mustSee, terms.bar) >= POWER_NEEDED;
  const isProven = !isSuspect && (health >= HEALTH_BAR || hasPower);
  const outcome = conclude(
    convictedAt !== undefined,
    minutesMissing > 0 || minutes.length === 0,
    isProven,
    terms.isShiftOver,
  );
  const seeable = seeableRate(shift, terms.bar);
  return {
    name: series.name,
    ...outcome,
    minute: minutes.length,
    baseline,
    canary,
    expectedBad: ((baseline.bad + canary.bad) * canary.total) / Math.max(1, baseline.total + canary.total),
    excessRate,
    evidence,
    bar: terms.bar,
    evidenceByMinute,
    health,
    ...(seeable === undefined ? {} : { seeableRate: seeable }),
    minutesMissing,
    ...(outcome.reason === "not-enough-evidence" ? { needs: needsOf(shift, mustSee, terms.bar) } : {}),
  };
};
