/** The judge's counts from CloudWatch's GetMetricData. */
import {
  type CloudWatchClient,
  GetMetricDataCommand,
  type MetricDataQuery,
} from "@aws-sdk/client-cloudwatch";
import { messageOf } from "../kit/errors.ts";
import { HOUR_MS, MINUTE_MS, SECOND_MS } from "../kit/time.ts";
import type { Counts, CountsQuery, History } from "../ports/counts.ts";
import { type Ask, type Found, lambdaAsk, sumOf } from "../signals/ask.ts";
import { gaugeOf, isGauge } from "../signals/gauge.ts";
import { pastAsks, pastOf, slowerThan, thresholdAsks } from "../signals/past.ts";
import { asksFor, callsOf, laddersFor, needsLadder, seriesOf, withLadder } from "../signals/series.ts";
import { reach } from "./failure.ts";

const PAGES_MAX = 20;

type Window = { fromAt: number; untilAt: number; periodMs: number };

const queryFor = (window: Window, { id, namespace, metric, dimensions, stat }: Ask): MetricDataQuery => ({
  Id: id,
  MetricStat: {
    Metric: {
      Namespace: namespace,
      MetricName: metric,
      Dimensions: Object.entries(dimensions).map(([Name, Value]) => ({ Name, Value })),
    },
    Period: window.periodMs / SECOND_MS,
    Stat: stat,
  },
});

/** Reads to the last page; anything but Complete for any query makes the whole read unusable, with the reason. */
const ask = async (
  client: CloudWatchClient,
  window: Window,
  asks: readonly Ask[],
): Promise<Found | { unreadable: string }> => {
  const found = new Map<string, Map<number, number>>(asks.map(({ id }) => [id, new Map()]));
  let NextToken: string | undefined;
  for (let page = 0; page < PAGES_MAX; page += 1) {
    const answer = await reach("reading metrics", () =>
      client.send(
        new GetMetricDataCommand({
          MetricDataQueries: asks.map((each) => queryFor(window, each)),
          StartTime: new Date(window.fromAt),
          EndTime: new Date(window.untilAt),
          ScanBy: "TimestampAscending",
          ...(NextToken && { NextToken }),
        }),
      ),
    );
    for (const result of answer.MetricDataResults ?? []) {
      const isPaging = result.StatusCode === "PartialData" && answer.NextToken !== undefined;
      if (result.StatusCode !== "Complete" && !isPaging)
        return { unreadable: `CloudWatch answered ${result.StatusCode} for ${result.Id}` };
      result.Timestamps?.forEach((at, index) => {
        found.get(result.Id ?? "")?.set(at.getTime(), result.Values?.[index] ?? 0);
      });
    }
    NextToken = answer.NextToken;
    if (NextToken === undefined) return found;
  }
  return { unreadable: `CloudWatch gave more than ${PAGES_MAX} pages` };
};

const isUnreadable = (found: Found | { unreadable: string }): found is { unreadable: string } =>
  "unreadable" in found;

/** Never throws for CloudWatch's sake: not having looked is an answer. */
const askSafely = async (
  client: CloudWatchClient,
  window: Window,
  asks: readonly Ask[],
): Promise<Found | { unreadable: string }> => {
  try {
    return await ask(client, window, asks);
  } catch (error) {
    return { unreadable: messageOf(error) };
  }
};

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
      series: gauges.map(({ name }) => ({ name, minutes: minutes.map(() => null) })),
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
