/** How an alias is usually called: what a shift that begins at any hour has to work with. */
import { HOUR_MS, SECOND_MS } from "../kit/time.ts";

export type Usual = {
  /** Calls a second in the middle hour, and in one of the quietest tenth. */
  readonly callsPerSecond: number;
  readonly quietCallsPerSecond: number;
  /** Bad calls of all calls, 0-1. */
  readonly badRate: number;
  readonly calls: number;
};

/** The quietest tenth of hours is the one that a late-evening deployment meets. */
const QUIET_SHARE = 0.1;

const at = (sorted: readonly number[], share: number): number =>
  sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0;

/** `hoursAll` counts hours without calls too. Undefined without a call. */
export const usualOf = (
  hours: readonly { readonly calls: number; readonly bad: number }[],
  hoursAll: number,
): Usual | undefined => {
  const calls = hours.reduce((sum, hour) => sum + hour.calls, 0);
  if (calls === 0) return undefined;
  const empty = Math.max(0, hoursAll - hours.length);
  const sorted = [...Array.from({ length: empty }, () => 0), ...hours.map((hour) => hour.calls)].sort(
    (left, right) => left - right,
  );
  const perSecond = (count: number): number => count / (HOUR_MS / SECOND_MS);
  return {
    callsPerSecond: perSecond(at(sorted, 0.5)),
    quietCallsPerSecond: perSecond(at(sorted, QUIET_SHARE)),
    badRate: hours.reduce((sum, hour) => sum + hour.bad, 0) / calls,
    calls,
  };
};
