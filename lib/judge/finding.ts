/** One signal's finding: convicted at a minute, or healthy, or silent with enough power, or neither. */
import { type Arm, isArm, type Minute, rateOf, readable, type SignalSeries } from "./counts.ts";
import { frameOf } from "./frame.ts";
import { healthOf } from "./health.ts";
import type { Reason, SignalFinding, Verdict } from "./judgement.ts";
import { type Needs, needsOf } from "./needs.ts";
import { type Outlook, POWER_NEEDED, powerAt, seeableRate } from "./power.ts";
import { type Scan, scan } from "./scan.ts";

/** Odds against "too much worse" that prove the canary healthy. */
const HEALTH_BAR = 20;

/** Silence is a pass only if this excess over the baseline's bad rate would have been seen (0-1). */
export const MUST_SEE_EXCESS = 0.05;

export type Terms = {
  /** This signal's share of alpha, 0-1. */
  readonly alpha: number;
  readonly minHarm: number;
  readonly maxTolerated: number;
  /** Minutes the longest signal has: a shorter one has not been read to the end. */
  readonly minutes: number;
  readonly isShiftOver: boolean;
};

type Outcome = { readonly verdict: Verdict; readonly reason?: Reason; readonly needs?: Needs };

const outlookOf = (history: Arm | undefined, seen: Scan, { alpha, minHarm }: Terms): Outlook => {
  const past = history ?? { total: 0, bad: 0 };
  return {
    frame: frameOf(alpha, seen.isPastDismissed ? undefined : history),
    minHarm,
    minutes: seen.minute - seen.minutesMissing,
    baselineTotal: seen.baseline.total,
    canaryTotal: seen.canary.total,
    baselineRate: rateOf({
      total: seen.baseline.total + past.total,
      bad: seen.baseline.bad + past.bad,
    }),
  };
};

const conclude = (seen: Scan, health: number, outlook: Outlook, terms: Terms): Outcome => {
  if (seen.isConvicted) return { verdict: "fail" };
  if (seen.minutesMissing > 0 || seen.minute === 0)
    return { verdict: "inconclusive", reason: "could-not-look" };
  const mustSee = Math.min(1, outlook.baselineRate + Math.max(MUST_SEE_EXCESS, terms.minHarm));
  const evidence = seen.evidenceByMinute.at(-1) ?? 1;
  const isSuspect = evidence >= Math.sqrt(1 / terms.alpha) && seen.excessRate >= terms.minHarm;
  const isSilenceProof = (): boolean => powerAt(outlook, mustSee) >= POWER_NEEDED;
  if (terms.isShiftOver && !isSuspect && (health >= HEALTH_BAR || isSilenceProof()))
    return { verdict: "pass" };
  return {
    verdict: "inconclusive",
    reason: "not-enough-evidence",
    needs: needsOf(outlook, mustSee),
  };
};

/** Judges one signal on its own share of the budget. */
export const findingOf = (series: SignalSeries, terms: Terms): SignalFinding => {
  const all: Minute[] = Array.from({ length: terms.minutes }, (_, at) => readable(series.minutes[at]));
  const history = series.history !== undefined && isArm(series.history) ? series.history : undefined;
  const seen = scan(all, history, terms.alpha, terms.minHarm);
  const { baseline, canary } = seen;
  const health = healthOf(all.slice(0, seen.minute), terms.maxTolerated, HEALTH_BAR);
  const outlook = outlookOf(history, seen, terms);
  const seeable = seeableRate(outlook);
  const calls = baseline.total + canary.total;
  return {
    name: series.name,
    ...conclude(seen, health, outlook, terms),
    minute: seen.minute,
    baseline,
    canary,
    ...(history === undefined ? {} : { history }),
    ...(series.about === undefined ? {} : { about: series.about }),
    expectedBad: calls === 0 ? 0 : (canary.total / calls) * (baseline.bad + canary.bad),
    excessRate: seen.excessRate,
    evidence: seen.evidenceByMinute.at(-1) ?? 1,
    bar: 1 / terms.alpha,
    witness: seen.witness,
    evidenceByMinute: seen.evidenceByMinute,
    health,
    ...(seeable === undefined ? {} : { seeableRate: seeable }),
    minutesMissing: seen.minutesMissing,
  };
};
