/** One signal's finding: convicted at a minute, or healthy, or silent with enough power, or neither. */
import { withoutColdStarts } from "./cold.ts";
import { type Arm, isArm, type Minute, rateOf, readable, type SignalSeries, sumOf } from "./counts.ts";
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

/** Power is that of the minutes in which the canary had calls: all of them in one minute convict nobody. */
const outlookOf = (
  history: Arm | undefined,
  seen: Scan,
  minutesCalled: number,
  { alpha, minHarm }: Terms,
): Outlook => {
  const past = history ?? { total: 0, bad: 0 };
  return {
    frame: frameOf(alpha, seen.isPastDismissed ? undefined : history),
    minHarm,
    minutes: minutesCalled,
    baselineTotal: seen.baseline.total,
    canaryTotal: seen.canary.total,
    baselineRate: rateOf({
      total: seen.baseline.total + past.total,
      bad: seen.baseline.bad + past.bad,
    }),
  };
};

/** `counted`: the same without anything set apart, which is what silence is judged by. */
const conclude = (seen: Scan, counted: Scan, health: number, outlook: Outlook, terms: Terms): Outcome => {
  if (seen.isConvicted) return { verdict: "fail" };
  if (seen.minutesMissing > 0 || seen.minute === 0)
    return { verdict: "inconclusive", reason: "could-not-look" };
  const mustSeeExcess = Math.max(MUST_SEE_EXCESS, terms.minHarm);
  const mustSee = Math.min(1, outlook.baselineRate + mustSeeExcess);
  const evidence = counted.evidenceByMinute.at(-1) ?? 1;
  const isSuspect =
    counted.isConvicted || (evidence >= Math.sqrt(1 / terms.alpha) && counted.excessRate >= terms.minHarm);
  // What was to be ruled out has been seen: that no minute convicts is then no silence.
  const isSilenceProof = (): boolean =>
    counted.excessRate < mustSeeExcess && powerAt(outlook, mustSee) >= POWER_NEEDED;
  if (terms.isShiftOver && !isSuspect && (health >= HEALTH_BAR || isSilenceProof()))
    return { verdict: "pass" };
  return {
    verdict: "inconclusive",
    reason: "not-enough-evidence",
    needs: needsOf(outlook, mustSee),
  };
};

/** A conviction has to stand both ways, and from the later of the two minutes on. */
const agreed = (counted: Scan, apart: Scan): Scan => {
  if (!apart.isConvicted) return apart;
  return counted.isConvicted && counted.minute <= apart.minute ? apart : counted;
};

/** Judges one signal on its own share of the budget. */
export const findingOf = (series: SignalSeries, terms: Terms): SignalFinding => {
  const all: Minute[] = Array.from({ length: terms.minutes }, (_, at) => readable(series.minutes[at]));
  const history = series.history !== undefined && isArm(series.history) ? series.history : undefined;
  const apart = withoutColdStarts(all, series.about?.coldStarts);
  const counted = scan(all, history, terms.alpha, terms.minHarm);
  const seen = apart === all ? counted : agreed(counted, scan(apart, history, terms.alpha, terms.minHarm));
  const minutes = all.slice(0, seen.minute);
  const { baseline, canary } = sumOf(minutes);
  const health = healthOf(minutes, terms.maxTolerated, HEALTH_BAR);
  const minutesCalled = minutes.filter((minute) => minute !== null && minute.canary.total > 0).length;
  const outlook = outlookOf(history, { ...seen, baseline, canary }, minutesCalled, terms);
  const seeable = seeableRate(outlook);
  const calls = baseline.total + canary.total;
  return {
    name: series.name,
    ...conclude(seen, counted, health, outlook, terms),
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
