/**
 * Cold starts set apart. A new version begins with no sandbox; each first call is slow for a reason that passes. As many of
 * the canary's bad calls as sandboxes can have started are taken out of the first minute in which it had calls, and only
 * where it is to be convicted: what speaks for it, and what was counted, stays as it was. That can take a conviction away,
 * and adds nothing.
 */
import type { Minute } from "./counts.ts";

/** The minutes as a conviction has to stand on them; the same list when there is nothing to set apart. */
export const withoutColdStarts = (minutes: readonly Minute[], coldStarts = 0): readonly Minute[] => {
  const first = minutes.findIndex((minute) => minute !== null && minute.canary.total > 0);
  const minute = minutes[first];
  if (!minute || coldStarts <= 0) return minutes;
  const apart = Math.min(coldStarts, minute.canary.bad);
  const canary = { total: minute.canary.total - apart, bad: minute.canary.bad - apart };
  return minutes.with(first, { ...minute, canary });
};
