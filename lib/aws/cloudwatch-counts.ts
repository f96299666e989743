/** The judge's counts from CloudWatch's GetMetricData. */
import type { CloudWatchClient } from "@aws-sdk/client-cloudwatch";
import { HOUR_MS, MINUTE_MS } from "../kit/time.ts";
import type { Counts, CountsQuery, History } from "../ports/counts.ts";
import { lambdaAsk, sumOf } from "../signals/ask.ts";
import { gaugeOf, isGauge } from "../signals/gauge.ts";
import { pastAsks, pastOf, slowerThan, thresholdAsks } from "../signals/past.ts";
import {
  asksFor,
  callsOf,
  laddersFor,
  needsLadder,
  seriesOf,
  unreadSeries,
  withLadder,
} from "../signals/series.ts";
import { askSafely, isUnreadable } from "./metric-data.ts";

const minutesOf = (query: CountsQuery): number[] =>
  Array.from(
    { length: Math.max(0, Math.round((query.untilAt - query.fromAt) / MINUTE_MS)) },
    (_, index) => query.fromAt + index * MINUTE_MS,
  );

const gaugesOf = (query: CountsQuery & { slowerThanMs?: number }) => {
  const { function: shift, slowerThanMs, timeoutsMs } = query;
  return query.signals.map((signal) => gaugeOf(signal, { shift, slowerThanMs, timeoutsMs }));
};

const read = async (
  client: CloudWatchClient,
  query: Parameters<Counts["read"]>[0],
): ReturnType<Counts["read"]> => {
  const minutes = minutesOf(query);
  const window = { ...query, periodMs: MINUTE_MS };
  const gauges = gaugesOf(query);
  const found = await askSafely(client, window, asksFor(query.function, gauges));
  if (isUnreadable(found))
    return {
      series: unreadSeries(gauges, minutes),
      calls: minutes.map(() => null),
      unreadable: found.unreadable,
    };
  const series = seriesOf(gauges, found, minutes);
  const missing = gauges.find((gauge) => !isGauge(gauge));
  const answer = {
    series,
    calls: callsOf(found, minutes),
    ...(missing && !isGauge(missing) && { unreadable: `${missing.name}: ${missing.missing}` }),
  };
  if (query.slowerThanMs === undefined || !needsLadder(series)) return answer;
  const ladder = await askSafely(client, window, laddersFor(query.function));
  if (isUnreadable(ladder)) return { ...answer, unreadable: ladder.unreadable };
  return { ...answer, series: withLadder(series, found, ladder, minutes, query.slowerThanMs) };
};

/** Whole hours back from the shift: a percentile of a shorter period would be noise, of the whole day a single number. */
const history = async (client: CloudWatchClient, query: CountsQuery): Promise<History> => {
  const window = { ...query, periodMs: HOUR_MS };
  const isSlowAsked = query.signals.includes("slow-calls");
  const thresholds = isSlowAsked ? await askSafely(client, window, thresholdAsks(query.function)) : undefined;
  const slowerThanMs = thresholds && !isUnreadable(thresholds) ? slowerThan(thresholds) : undefined;
  const known = { ...query, ...(slowerThanMs !== undefined && { slowerThanMs }) };
  const found = await askSafely(client, window, pastAsks(gaugesOf(known)));
  return {
    ...(slowerThanMs !== undefined && { slowerThanMs }),
    past: isUnreadable(found) ? {} : pastOf(gaugesOf(known), found),
  };
};

export const cloudwatchCounts = (client: CloudWatchClient): Counts => ({
  read: (query) => read(client, query),
  history: (query) => history(client, query),
  exposure: async ({ version, function: shift, ...query }) => {
    const window = {
      ...query,
      untilAt: Math.ceil(query.untilAt / MINUTE_MS) * MINUTE_MS,
      periodMs: MINUTE_MS,
    };
    const found = await askSafely(client, window, [
      lambdaAsk("calls", shift, version, "Invocations", "Sum"),
      lambdaAsk("errors", shift, version, "Errors", "Sum"),
    ]);
    return isUnreadable(found) ? "unreadable" : { calls: sumOf(found, "calls"), bad: sumOf(found, "errors") };
  },
});
