/** What more a shift would need to see harm of a given size: more calls, more minutes, or more weight. */
import { type Outlook, POWER_NEEDED, powerAt } from "./power.ts";

/** Any of the three would do; one that could not is left out. `minutes` are at the traffic seen so far. */
export type Needs = { readonly calls?: number; readonly minutes?: number; readonly weightPercent?: number };

/** A shift that needs more than this many times its calls is told nothing useful by a number. */
const TIMES_MAX = 4_096;
/** More weight than this is no canary any more. */
const WEIGHT_MAX = 0.5;
/** The numbers are said to be "about": one part in 64 will do. */
const BISECTIONS = 6;

/** About the smallest value in (tooLow, enough] that is enough, given that `enough` is. */
const narrow = (low: number, high: number, isEnough: (value: number) => boolean): number => {
  let tooLow = low;
  let enough = high;
  for (let step = 0; step < BISECTIONS; step += 1) {
    const middle = (tooLow + enough) / 2;
    if (isEnough(middle)) enough = middle;
    else tooLow = middle;
  }
  return enough;
};

const longer = (outlook: Outlook, times: number): Outlook => ({
  ...outlook,
  minutes: Math.ceil(outlook.minutes * times),
  baselineTotal: outlook.baselineTotal * times,
  canaryTotal: outlook.canaryTotal * times,
});

const heavier = (outlook: Outlook, weight: number): Outlook => {
  const all = outlook.baselineTotal + outlook.canaryTotal;
  return { ...outlook, canaryTotal: all * weight, baselineTotal: all * (1 - weight) };
};

/** How many times as long the shift would have to be; 1 when it is long enough. */
const timesNeeded = (isEnough: (times: number) => boolean): number | undefined => {
  if (isEnough(1)) return 1;
  for (let times = 2; times <= TIMES_MAX; times *= 2)
    if (isEnough(times)) return narrow(times / 2, times, isEnough);
  return undefined;
};

/** What it takes to catch a canary with `canaryRate` bad calls (0-1) with POWER_NEEDED. */
export const needsOf = (outlook: Outlook, canaryRate: number): Needs => {
  const { canaryTotal, baselineTotal, minutes } = outlook;
  if (canaryTotal === 0 || baselineTotal === 0 || minutes === 0) return {};
  const all = canaryTotal + baselineTotal;
  const sees = (candidate: Outlook): boolean => powerAt(candidate, canaryRate) >= POWER_NEEDED;
  const isWeightEnough = (weight: number): boolean => sees(heavier(outlook, weight));
  const times = timesNeeded((value) => sees(longer(outlook, value)));
  const share = canaryTotal / all;
  const weight =
    share < WEIGHT_MAX && isWeightEnough(WEIGHT_MAX) ? narrow(share, WEIGHT_MAX, isWeightEnough) : undefined;
  return {
    ...(times === undefined
      ? {}
      : { calls: Math.ceil(all * (times - 1)), minutes: Math.ceil(minutes * (times - 1)) }),
    ...(weight === undefined ? {} : { weightPercent: Math.ceil(weight * 100) }),
  };
};
