/** What more a shift would need to see harm of a given size: more calls, more minutes, or more weight. */
import { POWER_NEEDED, powerAt, type Shift } from "./power.ts";

/** Any of the three would do; one that could not is left out. */
export type Needs = { readonly calls?: number; readonly minutes?: number; readonly weightPercent?: number };

/** A shift that needs more than this many times its calls is told nothing useful by a number. */
const SCALE_MAX = 4_096;
const BISECTIONS = 24;

/** Smallest value in (low, high] that is enough, to one part in 2^24; undefined when `high` is not. */
const leastEnough = (low: number, high: number, isEnough: (value: number) => boolean): number | undefined => {
  if (!isEnough(high)) return undefined;
  let tooLow = low;
  let enough = high;
  for (let step = 0; step < BISECTIONS; step += 1) {
    const middle = (tooLow + enough) / 2;
    if (isEnough(middle)) enough = middle;
    else tooLow = middle;
  }
  return enough;
};

const longer = (shift: Shift, times: number): Shift => ({
  minutes: Math.ceil(shift.minutes * times),
  baselineTotal: shift.baselineTotal * times,
  canaryTotal: shift.canaryTotal * times,
  baselineRate: shift.baselineRate,
});

const heavier = (shift: Shift, weight: number): Shift => {
  const all = shift.baselineTotal + shift.canaryTotal;
  return { ...shift, canaryTotal: all * weight, baselineTotal: all * (1 - weight) };
};

/** What it takes to catch a canary with `canaryRate` bad calls (0-1) with POWER_NEEDED at this bar. */
export const needsOf = (shift: Shift, canaryRate: number, bar: number): Needs => {
  const { canaryTotal, baselineTotal, minutes } = shift;
  if (canaryTotal === 0 || baselineTotal === 0 || minutes === 0) return {};
  const sees = (candidate: Shift): boolean => powerAt(candidate, canaryRate, bar) >= POWER_NEEDED;
  const times = leastEnough(1, SCALE_MAX, (value) => sees(longer(shift, value)));
  const all = canaryTotal + baselineTotal;
  const weight = leastEnough(canaryTotal / all, 0.5, (value) => sees(heavier(shift, value)));
  return {
    ...(times === undefined
      ? {}
      : { calls: Math.ceil(all * (times - 1)), minutes: Math.ceil(minutes * (times - 1)) }),
    ...(weight === undefined ? {} : { weightPercent: Math.ceil(weight * 100) }),
  };
};
