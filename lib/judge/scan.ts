/** Walks a signal's minutes in order, each judged on itself and those before, to the first that convicts. */
import { type Arm, type Minute, rateOf } from "./counts.ts";
import { newScale, type Scale, weigh } from "./scale.ts";
import type { Witness } from "./weighing.ts";

/** What was seen up to and including `minute`, 1-based. Excess rate: the canary's bad rate less the baseline's. */
export type Scan = {
  readonly minute: number;
  readonly isConvicted: boolean;
  readonly evidenceByMinute: readonly number[];
  readonly witness: Witness;
  readonly baseline: Arm;
  readonly canary: Arm;
  readonly excessRate: number;
  readonly minutesMissing: number;
  /** The history no longer counts: the baseline itself has gone bad more often than it explains. */
  readonly isPastDismissed: boolean;
};

type Sum = { total: number; bad: number };

const add = (sum: Sum, arm: Arm): void => {
  sum.total += arm.total;
  sum.bad += arm.bad;
};

/** With no concurrent baseline calls, as after a shift, the canary is held against the baseline's history. */
const excessOf = (scale: Scale, canary: Arm, baseline: Arm): number =>
  rateOf(canary) - (baseline.total === 0 ? (scale.past?.rate ?? 0) : rateOf(baseline));

/** `alpha` is this signal's share (0-1), `minHarm` the excess rate (0-1) that a conviction needs besides evidence. */
export const scan = (
  minutes: readonly Minute[],
  history: Arm | undefined,
  alpha: number,
  minHarm: number,
): Scan => {
  const scale = newScale(alpha, history);
  const baseline: Sum = { total: 0, bad: 0 };
  const canary: Sum = { total: 0, bad: 0 };
  const evidenceByMinute: number[] = [];
  let minutesMissing = 0;
  let isConvicted = false;
  for (const minute of minutes) {
    if (minute === null) minutesMissing += 1;
    else {
      add(baseline, minute.baseline);
      add(canary, minute.canary);
      weigh(scale, minute.canary.total, minute.canary.bad, minute.baseline.total, minute.baseline.bad);
    }
    evidenceByMinute.push(scale.weight.evidence);
    isConvicted =
      minute !== null && scale.weight.evidence >= scale.bar && excessOf(scale, canary, baseline) >= minHarm;
    if (isConvicted) break;
  }
  return {
    minute: evidenceByMinute.length,
    isConvicted,
    evidenceByMinute,
    witness: scale.weight.witness,
    baseline,
    canary,
    excessRate: excessOf(scale, canary, baseline),
    minutesMissing,
    isPastDismissed: scale.past !== undefined && !scale.isPastTrusted,
  };
};
