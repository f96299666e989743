/**
 * What a shift can see: how bad the canary would have to be for the judge to convict it with a given chance.
 * The minutes are taken as alike, the baseline as behaving as expected, and the canary's bad calls as spread over as
 * many minutes as they can fill; cold starts are left out. Costs the same for any traffic and length.
 */
import { binomialTail } from "./binomial.ts";
import { betConcurrently, concurrentEvidence, newConcurrentBets } from "./concurrent.ts";
import { type Frame, logCapsOf } from "./frame.ts";
import { betOnMemory, memoryEvidence, newMemoryBets } from "./memory.ts";
import { newPersistence, persist, persistenceOf } from "./persistence.ts";
import { weightOf } from "./weighing.ts";

/** The chance with which a shift must have caught harm for its silence to mean anything. */
export const POWER_NEEDED = 0.8;

/** Calls of both versions over the whole shift, the baseline's usual bad rate and the least harm, both 0-1. */
export type Outlook = {
  readonly frame: Frame;
  readonly minHarm: number;
  readonly minutes: number;
  readonly baselineTotal: number;
  readonly canaryTotal: number;
  readonly baselineRate: number;
};

/** Enough for one part in a million. */
const BISECTIONS = 20;

/** The evidence when `canaryBad` bad calls fall on the canary, spread over the minutes. */
export const evidenceAt = (outlook: Outlook, canaryBad: number): number => {
  const { frame, minutes } = outlook;
  const canaryTotal = outlook.canaryTotal / minutes;
  const baselineTotal = outlook.baselineTotal / minutes;
  const baselineBad = baselineTotal * outlook.baselineRate;
  const share = canaryTotal / (canaryTotal + baselineTotal);
  const [logCap, logMemoryCap] = logCapsOf(frame, share, Number.POSITIVE_INFINITY);
  const concurrent = newConcurrentBets(frame.cap);
  const memory = frame.past && newMemoryBets(frame.past, frame.memoryCap);
  const persistence = newPersistence();
  const usualRate =
    frame.past?.rate ?? (outlook.baselineRate * outlook.baselineTotal + 0.5) / (outlook.baselineTotal + 1);
  const fewer = Math.floor(canaryBad / minutes);
  const withOneMore = canaryBad - fewer * minutes;
  const bet = (bad: number, times: number): void => {
    if (times <= 0) return;
    betConcurrently(concurrent, canaryTotal, bad, baselineTotal, baselineBad, logCap, times);
    persist(persistence, usualRate, canaryTotal, bad, baselineTotal, baselineBad, logCap, times);
    if (frame.past && memory)
      betOnMemory(memory, frame.past, canaryTotal, bad, baselineTotal, baselineBad, logMemoryCap, times);
  };
  bet(fewer, minutes - withOneMore);
  bet(Math.min(fewer + 1, canaryTotal), withOneMore);
  return weightOf(
    frame.bar,
    frame.past !== undefined,
    concurrentEvidence(concurrent),
    memory && memoryEvidence(memory),
    persistenceOf(persistence),
  ).evidence;
};

/** The fewest bad canary calls that convict; undefined when even all of them would not. */
export const badCallsToConvict = (outlook: Outlook): number | undefined => {
  const { minutes, baselineTotal } = outlook;
  const most = Math.floor(outlook.canaryTotal);
  if (minutes < 1 || most < 1 || baselineTotal < 1) return undefined;
  const convicts = (bad: number): boolean => evidenceAt(outlook, bad) >= outlook.frame.bar;
  const harmful = Math.ceil(outlook.canaryTotal * (outlook.baselineRate + outlook.minHarm));
  let tooFew = Math.min(Math.max(0, harmful - 1), most - 1);
  let enough = tooFew + 1;
  while (!convicts(enough)) {
    if (enough >= most) return undefined;
    tooFew = enough;
    enough = Math.min(2 * enough, most);
  }
  while (enough - tooFew > 1) {
    const middle = Math.floor((enough + tooFew) / 2);
    if (convicts(middle)) enough = middle;
    else tooFew = middle;
  }
  return enough;
};

/** The chance 0-1 of convicting a canary with this bad rate. */
export const powerAt = (outlook: Outlook, canaryRate: number): number => {
  const needed = badCallsToConvict(outlook);
  return needed === undefined ? 0 : binomialTail(Math.floor(outlook.canaryTotal), canaryRate, needed);
};

/** The lowest canary bad rate that is caught with POWER_NEEDED; undefined when no rate is. */
export const seeableRate = (outlook: Outlook): number | undefined => {
  const needed = badCallsToConvict(outlook);
  if (needed === undefined) return undefined;
  const calls = Math.floor(outlook.canaryTotal);
  let tooLow = 0;
  let enough = 1;
  for (let step = 0; step < BISECTIONS; step += 1) {
    const middle = (tooLow + enough) / 2;
    if (binomialTail(calls, middle, needed) >= POWER_NEEDED) enough = middle;
    else tooLow = middle;
  }
  return enough;
};
