/**
 * Cold starts set apart. Each sandbox starts once, and its first call is slow for a reason that passes: a canary has more
 * such calls than a baseline that is warm. As many of its calls as sandboxes can have started are taken out of the slow
 * ones. Only the canary's, and slow ones first: that can take evidence away, never add any.
 */
import type { Minute, SignalSeries } from "../judge/counts.ts";

/** The most sandboxes that can have started in each minute: how far concurrency rose above all it was before. */
export const startsOf = (concurrency: readonly number[]): readonly number[] => {
  let most = 0;
  return concurrency.map((now) => {
    const started = Math.max(0, Math.round(now) - most);
    most = Math.max(most, Math.round(now));
    return started;
  });
};

const withoutStarts = (minute: Minute, starts: number): { minute: Minute; coldCalls: number } => {
  if (minute === null) return { minute, coldCalls: 0 };
  const { total, bad } = minute.canary;
  const coldCalls = Math.min(starts, bad);
  return { minute: { ...minute, canary: { total: total - coldCalls, bad: bad - coldCalls } }, coldCalls };
};

/** The series without the canary's cold starts; `concurrency` is its highest in each minute, 0 where unknown. */
export const setColdApart = (series: SignalSeries, concurrency: readonly number[]): SignalSeries => {
  const starts = startsOf(concurrency);
  const apart = series.minutes.map((minute, at) => withoutStarts(minute, starts[at] ?? 0));
  const coldCalls = apart.reduce((sum, each) => sum + each.coldCalls, 0);
  return {
    ...series,
    minutes: apart.map(({ minute }) => minute),
    ...(coldCalls > 0 && { about: { ...series.about, coldCalls } }),
  };
};
