/** From answers to what the judge reads: a series a signal, a minute each. */
import type { FunctionShift } from "../deployment/fact.ts";
import type { Arm, Minute, SignalSeries } from "../judge/counts.ts";
import { type Ask, countAt, type Found, lambdaAsk, SIDES, type Side } from "./ask.ts";
import { callsAsk, type Gauge, isGauge } from "./gauge.ts";
import { ladderArmAt, ladderAsks } from "./ladder.ts";

type MaybeGauge = Gauge | { readonly name: string; readonly missing: string };

const SLOW = "slow-calls";
const CONCURRENCY = "concurrency_canary";

/** Each question once, whoever asks it. */
const once = (asks: readonly Ask[]): readonly Ask[] => [
  ...new Map(asks.map((ask) => [ask.id, ask])).values(),
];

/** Everything that the minutes of a shift are counted from. */
export const asksFor = (shift: FunctionShift, gauges: readonly MaybeGauge[]): readonly Ask[] =>
  once([
    ...SIDES.map((side) => callsAsk(shift, side)),
    ...gauges.filter(isGauge).flatMap((gauge) => SIDES.flatMap((side) => gauge.asks(side))),
    ...(gauges.some((gauge) => isGauge(gauge) && gauge.name === SLOW)
      ? [lambdaAsk(CONCURRENCY, shift, shift.to, "ConcurrentExecutions", "Maximum")]
      : []),
  ]);

const minuteFrom = (armAt: (side: Side) => Arm | undefined): Minute => {
  const [baseline, canary] = [armAt("baseline"), armAt("canary")];
  return baseline === undefined || canary === undefined ? null : { baseline, canary };
};

/** One series for each gauge; a gauge that is missing has no minute that was read. */
export const seriesOf = (
  gauges: readonly MaybeGauge[],
  found: Found,
  minutes: readonly number[],
): readonly SignalSeries[] =>
  gauges.map((gauge) => {
    if (!isGauge(gauge)) return { name: gauge.name, minutes: minutes.map(() => null) };
    const series = {
      name: gauge.name,
      minutes: minutes.map((at) => minuteFrom((side) => gauge.armAt(found, side, at))),
      ...(gauge.about && { about: gauge.about }),
    };
    return gauge.name === SLOW ? withColdStarts(series, found, minutes) : series;
  });

/** How many sandboxes the canary can have started with: its highest concurrency in the first minute that it had calls. */
const withColdStarts = (series: SignalSeries, found: Found, minutes: readonly number[]): SignalSeries => {
  const first = series.minutes.findIndex((minute) => minute !== null && minute.canary.total > 0);
  const at = minutes[first];
  const coldStarts = at === undefined ? 0 : countAt(found, CONCURRENCY, at);
  return coldStarts === 0 ? series : { ...series, about: { ...series.about, coldStarts } };
};

/** What is left of the series when nothing could be read: their names, and what they would have meant. */
export const unreadSeries = (
  gauges: readonly MaybeGauge[],
  minutes: readonly number[],
): readonly SignalSeries[] =>
  gauges.map((gauge) => ({
    name: gauge.name,
    minutes: minutes.map(() => null),
    ...(isGauge(gauge) && gauge.about && { about: gauge.about }),
  }));

/** Whether slow calls must be counted another way: what is slower and what is not do not add up to all. */
export const needsLadder = (series: readonly SignalSeries[]): boolean =>
  series.some(({ name, minutes }) => name === SLOW && minutes.includes(null));

export const laddersFor = (shift: FunctionShift): readonly Ask[] =>
  SIDES.flatMap((side) => ladderAsks(shift, side));

/** The series with slow calls counted from percentiles; all minutes, so that they were all measured alike. */
export const withLadder = (
  series: readonly SignalSeries[],
  found: Found,
  ladder: Found,
  minutes: readonly number[],
  slowerThanMs: number,
): readonly SignalSeries[] =>
  series.map((each) => {
    if (each.name !== SLOW) return each;
    const rebuilt = minutes.map((at) => minuteFrom((side) => ladderArmAt(ladder, side, at, slowerThanMs)));
    return withColdStarts(
      { name: SLOW, minutes: rebuilt, about: { slowerThanMs, isEstimated: true } },
      found,
      minutes,
    );
  });

/** Calls of both versions by the minute: what the alias' weight is held against. */
export const callsOf = (found: Found, minutes: readonly number[]): readonly Record<Side, number>[] =>
  minutes.map((at) => ({
    baseline: countAt(found, "calls_baseline", at),
    canary: countAt(found, "calls_canary", at),
  }));
