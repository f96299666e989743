/**
 * The scale on which one signal is weighed, minute by minute: two witnesses and one restraint become one number, the
 * evidence, which convicts when it reaches the bar.
 *
 * - `concurrent` alone convicts when harm also persists (or when it reaches the square of the bar).
 * - `memory` convicts when the concurrent witness agrees with at least AGREEMENT and harm persists a little.
 * Each is held down to what its conditions allow, so that evidence >= bar means that all of them are met.
 *
 * Guarantee: with a bar of 2/alpha for each witness, a canary that is no worse is convicted with a chance of at most
 * alpha if the baseline is as its history says; whatever happens to the baseline, a conviction needs a concurrent
 * e-process to pass AGREEMENT, and one by the concurrent witness alone has a chance of at most alpha/2.
 * Without history the concurrent witness has all of alpha.
 */
import type { Arm } from "./counts.ts";
import { betConcurrently, type ConcurrentBets, concurrentEvidence, newConcurrentBets } from "./concurrent.ts";
import { betOnMemory, type MemoryBets, memoryEvidence, newMemoryBets } from "./memory.ts";
import { isUnlikePast, type Past, pastOf } from "./past.ts";
import { newPersistence, type Persistence, persist, persistenceOf } from "./persistence.ts";

/** Odds that the concurrent witness must give before history may convict. */
export const AGREEMENT = 5;

/** Persistence that a conviction needs: by the concurrent witness alone, and with history's word for it. */
const PERSISTENT_ALONE = 35;
const PERSISTENT_WITH_MEMORY = 12;

/** Two minutes at the cap pass the bar of two witnesses with a little to spare: no single minute convicts. */
const CAP_TO_BAR = 1.2;
/** History may pay more in a minute: it speaks through few bad calls. Still less than the bar. */
const MEMORY_CAP_TO_BAR = 4;
/** A canary with more than this share of the calls has its cap lowered in proportion: a clump is one event. */
const SHARE_FROM = 0.3;
const MEMORY_SHARE_FROM = 0.2;
const MEMORY_ODDS_TO_CAP = 1.5;
/**
 * The first minute is when sandboxes start cold: it pays a part of the cap that grows with the root of the canary's
 * calls. Cold starts make calls slow rather than fail, so a signal as rare as errors is not held back.
 */
const RARE_RATE = 0.003;
const FIRST_CAP_LEAST = 0.15;
const FIRST_CAP_CALLS = 200;

/** What is known before the first minute. */
type Frame = {
  /** Odds that convict. */
  readonly bar: number;
  readonly cap: number;
  readonly memoryCap: number;
  readonly past: Past | undefined;
};

/** Which witness the evidence comes from. */
export type Witness = "concurrent" | "memory";

export type Scale = Frame & {
  readonly concurrentBets: ConcurrentBets;
  readonly memoryBets: MemoryBets | undefined;
  readonly persistence: Persistence;
  baselineTotal: number;
  baselineBad: number;
  minutesRead: number;
  isPastTrusted: boolean;
  evidence: number;
  witness: Witness;
};

/** An empty scale for one signal that has this share of alpha (0-1). */
export const newScale = (alpha: number, history: Arm | undefined): Scale => {
  const past = pastOf(history);
  const cap = CAP_TO_BAR * Math.sqrt(2 / alpha);
  const memoryCap = MEMORY_CAP_TO_BAR * Math.sqrt(2 / alpha);
  return {
    bar: 1 / alpha,
    cap,
    memoryCap,
    past,
    concurrentBets: newConcurrentBets(cap),
    memoryBets: past && newMemoryBets(past, MEMORY_ODDS_TO_CAP * memoryCap),
    persistence: newPersistence(),
    baselineTotal: 0,
    baselineBad: 0,
    minutesRead: 0,
    isPastTrusted: past !== undefined,
    evidence: 1,
    witness: "concurrent",
  };
};

/** How often the baseline usually goes bad (0-1): as its history says, or as it does now when that is more. */
const usualRateOf = (scale: Scale): number => {
  const now = (scale.baselineBad + 0.5) / (scale.baselineTotal + 1);
  if (scale.past === undefined) return now;
  return scale.isPastTrusted ? scale.past.rate : Math.max(scale.past.rate, now);
};

/** The most that the first minute may pay. */
const firstCapOf = (scale: Scale, canaryTotal: number): number => {
  if (usualRateOf(scale) < RARE_RATE) return scale.cap;
  return scale.cap * Math.min(1, Math.max(FIRST_CAP_LEAST, Math.sqrt(canaryTotal / FIRST_CAP_CALLS)));
};

/** ln of the most a minute may pay to either witness, given the calls in it. */
const capsOf = (scale: Scale, canaryTotal: number, baselineTotal: number): readonly [number, number] => {
  const share = canaryTotal / (canaryTotal + baselineTotal);
  const first = scale.minutesRead === 1 ? firstCapOf(scale, canaryTotal) : Number.POSITIVE_INFINITY;
  return [
    Math.log(Math.min(first, scale.cap * Math.min(1, SHARE_FROM / share))),
    Math.log(Math.min(first, scale.memoryCap * Math.min(1, MEMORY_SHARE_FROM / share))),
  ];
};

const combine = (scale: Scale): void => {
  const { bar } = scale;
  const concurrent = concurrentEvidence(scale.concurrentBets);
  const persistence = persistenceOf(scale.persistence);
  const half = scale.past === undefined ? concurrent : concurrent / 2;
  const alone = Math.min(half, bar * Math.max(persistence / PERSISTENT_ALONE, half / bar ** 2));
  const isHeard = scale.memoryBets !== undefined && scale.isPastTrusted;
  const backed = isHeard
    ? Math.min(
        memoryEvidence(scale.memoryBets) / 2,
        bar * Math.min(concurrent / AGREEMENT, persistence / PERSISTENT_WITH_MEMORY),
      )
    : 0;
  scale.evidence = Math.max(alone, backed);
  scale.witness = backed > alone ? "memory" : "concurrent";
};

/** Puts one minute on the scale, in place, and returns the evidence so far. */
export const weigh = (
  scale: Scale,
  canaryTotal: number,
  canaryBad: number,
  baselineTotal: number,
  baselineBad: number,
): number => {
  scale.baselineTotal += baselineTotal;
  scale.baselineBad += baselineBad;
  scale.minutesRead += 1;
  const { past, memoryBets } = scale;
  if (past !== undefined && scale.isPastTrusted)
    scale.isPastTrusted = !isUnlikePast(past, { total: scale.baselineTotal, bad: scale.baselineBad });
  if (canaryTotal === 0) return scale.evidence;
  const counts = [canaryTotal, canaryBad, baselineTotal, baselineBad] as const;
  const [logCap, logMemoryCap] = capsOf(scale, canaryTotal, baselineTotal);
  if (baselineTotal > 0) betConcurrently(scale.concurrentBets, ...counts, logCap);
  if (past !== undefined && memoryBets !== undefined && scale.isPastTrusted)
    betOnMemory(memoryBets, past, ...counts, logMemoryCap);
  persist(scale.persistence, usualRateOf(scale), ...counts, logCap);
  combine(scale);
  return scale.evidence;
};
