/** The scale one signal is weighed on, minute by minute. It is filled in place: a verdict starts from an empty one. */

import { betConcurrently, type ConcurrentBets, concurrentEvidence, newConcurrentBets } from "./concurrent.ts";
import type { Arm } from "./counts.ts";
import { type Frame, firstCapOf, frameOf, logCapsOf } from "./frame.ts";
import { betOnMemory, type MemoryBets, memoryEvidence, newMemoryBets } from "./memory.ts";
import { isUnlikePast } from "./past.ts";
import { newPersistence, type Persistence, persist, persistenceOf } from "./persistence.ts";
import { type Weight, weightOf } from "./weighing.ts";

export type Scale = Frame & {
  readonly concurrentBets: ConcurrentBets;
  readonly memoryBets: MemoryBets | undefined;
  readonly persistence: Persistence;
  baselineTotal: number;
  baselineBad: number;
  hasCanaryCalls: boolean;
  /** False from the minute on in which the baseline stopped being like its history, or when there is none. */
  isPastTrusted: boolean;
  weight: Weight;
};

/** An empty scale for one signal that has this share of alpha (0-1). */
export const newScale = (alpha: number, history: Arm | undefined): Scale => {
  const frame = frameOf(alpha, history);
  return {
    ...frame,
    concurrentBets: newConcurrentBets(frame.cap),
    memoryBets: frame.past && newMemoryBets(frame.past, frame.memoryCap),
    persistence: newPersistence(),
    baselineTotal: 0,
    baselineBad: 0,
    hasCanaryCalls: false,
    isPastTrusted: frame.past !== undefined,
    weight: { evidence: 1, witness: "concurrent" },
  };
};

/** How often the baseline usually goes bad (0-1): as its history says, or as it does now when that is more. */
const usualRateOf = (scale: Scale): number => {
  const now = (scale.baselineBad + 0.5) / (scale.baselineTotal + 1);
  if (scale.past === undefined) return now;
  return scale.isPastTrusted ? scale.past.rate : Math.max(scale.past.rate, now);
};

const watchBaseline = (scale: Scale, total: number, bad: number): void => {
  scale.baselineTotal += total;
  scale.baselineBad += bad;
  if (scale.past === undefined || !scale.isPastTrusted) return;
  scale.isPastTrusted = !isUnlikePast(scale.past, { total: scale.baselineTotal, bad: scale.baselineBad });
};

/** Puts one minute on the scale, in place, and returns the evidence so far. */
export const weigh = (
  scale: Scale,
  canaryTotal: number,
  canaryBad: number,
  baselineTotal: number,
  baselineBad: number,
): number => {
  watchBaseline(scale, baselineTotal, baselineBad);
  if (canaryTotal === 0) return scale.weight.evidence;
  const { past, memoryBets, concurrentBets, persistence } = scale;
  const usualRate = usualRateOf(scale);
  const firstCap = scale.hasCanaryCalls
    ? Number.POSITIVE_INFINITY
    : firstCapOf(scale, usualRate, { total: canaryTotal, bad: canaryBad });
  scale.hasCanaryCalls = true;
  const share = canaryTotal / (canaryTotal + baselineTotal);
  const [logCap, logMemoryCap] = logCapsOf(scale, share, firstCap);
  if (baselineTotal > 0)
    betConcurrently(concurrentBets, canaryTotal, canaryBad, baselineTotal, baselineBad, logCap);
  if (past && memoryBets && scale.isPastTrusted)
    betOnMemory(memoryBets, past, canaryTotal, canaryBad, baselineTotal, baselineBad, logMemoryCap);
  persist(persistence, usualRate, canaryTotal, canaryBad, baselineTotal, baselineBad, logCap);
  scale.weight = weightOf(
    scale.bar,
    past !== undefined,
    concurrentEvidence(concurrentBets),
    memoryBets && scale.isPastTrusted ? memoryEvidence(memoryBets) : undefined,
    persistenceOf(persistence),
  );
  return scale.weight.evidence;
};
