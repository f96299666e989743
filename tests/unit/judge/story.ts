/** Builders for judge tests: a shift told in a few words. */

import type { Minute, SignalSeries } from "../../../lib/judge/counts.ts";
import { ALPHA_DEFAULT, judge, MIN_HARM_DEFAULT } from "../../../lib/judge/judge.ts";
import type { JudgeInput, Judgement } from "../../../lib/judge/judgement.ts";

export const minute = (
  baseline: [total: number, bad: number],
  canary: [total: number, bad: number],
): Minute => ({
  baseline: { total: baseline[0], bad: baseline[1] },
  canary: { total: canary[0], bad: canary[1] },
});

/** The same minute `count` times. */
export const times = (count: number, one: Minute): Minute[] => Array.from({ length: count }, () => one);

export const signal = (name: string, ...minutes: (Minute | Minute[])[]): SignalSeries => ({
  name,
  minutes: minutes.flat(),
});

export const input = (signals: readonly SignalSeries[], extra: Partial<JudgeInput> = {}): JudgeInput => ({
  alpha: ALPHA_DEFAULT,
  minHarm: MIN_HARM_DEFAULT,
  signals,
  ...extra,
});

/** Judges a finished shift. */
export const over = (...signals: SignalSeries[]): Judgement => judge(input(signals), { isShiftOver: true });

/** Judges a shift that still runs. */
export const during = (...signals: SignalSeries[]): Judgement =>
  judge(input(signals), { isShiftOver: false });
