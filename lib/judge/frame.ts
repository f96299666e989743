/**
 * What is fixed before the first minute: the bar, and the most a minute may pay. Caps keep one minute from convicting;
 * their sizes come from the benchmark (docs/adr/0003-judge.md), the guarantee does not depend on them.
 */
import type { Arm } from "./counts.ts";
import { type Past, pastOf } from "./past.ts";

/** Two minutes at the cap pass the bar of two witnesses with a little to spare: no single minute convicts. */
const CAP_TO_BAR = 1.55;
/** History may pay more in a minute, since it speaks through few bad calls. */
const MEMORY_CAP_TO_BAR = 4;
/** Whatever alpha is, one minute's pay stays below this part of what would convict. */
const CAP_MOST = 0.9;
/** A canary with more than this share of the calls has its cap lowered in proportion: a clump is one event. */
const SHARE_FROM = 0.2;

/**
 * The first minute is when sandboxes start cold: it pays a part of the cap that grows with the root of the canary's
 * calls, unless more calls went bad than cold starts and chance explain. Cold starts make calls slow rather than fail,
 * so a signal as rare as errors is not held back.
 */
const RARE_RATE = 0.0015;
const FIRST_CAP_LEAST = 0.27;
const FIRST_CAP_CALLS = 400;

/** Cold starts explain so many bad calls, though at most half of the minute's, and this share of all calls besides. */
const COLD_CALLS = 10;
const COLD_SHARE = 0.01;
/** Chance explains what is usual, so many roots of it, and as many calls more. */
const CHANCE_SPREAD = 2;

/** `bar` and caps are odds. */
export type Frame = {
  readonly bar: number;
  readonly cap: number;
  readonly memoryCap: number;
  readonly past: Past | undefined;
};

/** The frame of one signal that has this share of alpha (0-1, exclusive). */
export const frameOf = (alpha: number, history: Arm | undefined): Frame => {
  const root = Math.sqrt(2 / alpha);
  const bar = 1 / alpha;
  return {
    bar,
    cap: Math.min(CAP_TO_BAR * root, CAP_MOST * bar),
    memoryCap: Math.min(MEMORY_CAP_TO_BAR * root, CAP_MOST * 2 * bar),
    past: pastOf(history),
  };
};

const coldAndChance = (usualRate: number, canaryTotal: number): number => {
  const cold = Math.min(COLD_CALLS, Math.ceil(canaryTotal / 2)) + COLD_SHARE * canaryTotal;
  const usual = usualRate * canaryTotal;
  return cold + usual + CHANCE_SPREAD * (Math.sqrt(usual) + 1);
};

/** The most the first minute with these canary calls may pay, when the baseline goes bad at this rate (0-1). */
export const firstCapOf = (frame: Frame, usualRate: number, canary: Arm): number => {
  if (usualRate < RARE_RATE || canary.bad > coldAndChance(usualRate, canary.total))
    return Number.POSITIVE_INFINITY;
  return frame.cap * Math.min(1, Math.max(FIRST_CAP_LEAST, Math.sqrt(canary.total / FIRST_CAP_CALLS)));
};

/** ln of the most a minute may pay to the concurrent witness and to memory; `share` 0-1 of the calls, above 0. */
export const logCapsOf = (frame: Frame, share: number, firstCap: number): readonly [number, number] => [
  Math.log(Math.min(firstCap, frame.cap * Math.min(1, SHARE_FROM / share))),
  Math.log(Math.min(firstCap, frame.memoryCap * Math.min(1, SHARE_FROM / share))),
];
