import {
  type CloudWatchClient,
  GetMetricDataCommand,
  type MetricDataQuery,
} from "@aws-sdk/client-cloudwatch";
import type { FunctionShift } from "../deployment/fact.ts";
import type { Minute, SignalSeries } from "../judge/counts.ts";
import { messageOf } from "../kit/errors.ts";
import { MINUTE_MS, SECOND_MS } from "../kit/time.ts";
import type { Counts, CountsQuery } from "../ports/counts.ts";
import { reach } from "./failure.ts";

const PAGES_MAX = 20;
/** Share of the baseline's own calls that count as slow: the threshold is this percentile of its past. */
const SLOW_PERCENTILE = "p95";

type Ask = { id: string; metric: string; version: string; stat: string };
type Window = { function: FunctionShift; fromAt: number; untilAt: number; periodMs: number };
/** Values by query id and by the start of their period. */
type Found = ReadonlyMap<string, ReadonlyMap<number, number>>;

/** The full triple: with a dimension missing CloudWatch answers from another, mostly empty series, and says nothing. */
const queryFor = (window: Window, ask: Ask): MetricDataQuery => ({
  Id: ask.id,
  MetricStat: {
    Metric: {
      Namespace: "AWS/Lambda",
      MetricName: ask.metric,
      Dimensions: [
        { Name: "FunctionName", Value: window.function.name },
        { Name: "Resource", Value: `${window.function.name}:${window.function.alias}` },
        { Name: "ExecutedVersion", Value: ask.version },
      ],
    },
    Period: window.periodMs / SECOND_MS,
    Stat: ask.stat,
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

const SIDES = ["baseline", "canary"] as const;
const versionOf = (shift: FunctionShift, side: (typeof SIDES)[number]): string =>
  side === "baseline" ? shift.from : shift.to;

/** Open at the lower end and closed at the upper, as CloudWatch counts: slower than the threshold, or not. */
const slower = (thresholdMs: number): string => `TC(${thresholdMs}:)`;
const notSlower = (thresholdMs: number): string => `TC(:${thresholdMs})`;

const asksFor = (query: CountsQuery): Ask[] =>
  SIDES.flatMap((side) => {
    const version = versionOf(query.function, side);
    const errors = query.signals.includes("errors")
      ? [
          { id: `calls_${side}`, metric: "Invocations", version, stat: "Sum" },
          { id: `errors_${side}`, metric: "Errors", version, stat: "Sum" },
        ]
      : [];
    const slow =
      query.signals.includes("slow-calls") && query.slowerThanMs !== undefined
        ? [
            { id: `timed_${side}`, metric: "Duration", version, stat: "SampleCount" },
            { id: `slow_${side}`, metric: "Duration", version, stat: slower(query.slowerThanMs) },
            { id: `fast_${side}`, metric: "Duration", version, stat: notSlower(query.slowerThanMs) },
          ]
        : [];
    return [...errors, ...slow];
  });

const minutesOf = (query: CountsQuery): number[] =>
  Array.from(
    { length: Math.max(0, Math.round((query.untilAt - query.fromAt) / MINUTE_MS)) },
    (_, index) => query.fromAt + index * MINUTE_MS,
  );

/** Errors may have no point where Invocations has one: that is zero. More bad than calls is late data: capped. */
const arm = (found: Found, totalId: string, badId: string, at: number): { total: number; bad: number } => {
  const total = Math.round(found.get(totalId)?.get(at) ?? 0);
  return { total, bad: Math.min(total, Math.round(found.get(badId)?.get(at) ?? 0)) };
};

const errorsAt = (found: Found, at: number): Minute => ({
  baseline: arm(found, "calls_baseline", "errors_baseline", at),
  canary: arm(found, "calls_canary", "errors_canary", at),
});

/** Slow and not slow must add up to all: where they do not, this minute's histogram cannot be trusted. */
const slowAt = (found: Found, at: number): Minute => {
  const addsUp = SIDES.every((side) => {
    const value = (id: string): number => Math.round(found.get(`${id}_${side}`)?.get(at) ?? 0);
    return value("slow") + value("fast") === value("timed");
  });
  return addsUp
    ? {
        baseline: arm(found, "timed_baseline", "slow_baseline", at),
        canary: arm(found, "timed_canary", "slow_canary", at),
      }
    : null;
};

const sum = (found: Found, id: string): number =>
  Math.round([...(found.get(id)?.values() ?? [])].reduce((total, value) => total + value, 0));

const readSeries = async (
  client: CloudWatchClient,
  query: CountsQuery,
): Promise<{ series: readonly SignalSeries[]; unreadable?: string }> => {
  const names = query.signals.filter((name) => name !== "slow-calls" || query.slowerThanMs !== undefined);
  const found = await askSafely(client, { ...query, periodMs: MINUTE_MS }, asksFor(query));
  const minutes = minutesOf(query);
  if (isUnreadable(found))
    return {
      series: names.map((name) => ({ name, minutes: minutes.map(() => null) })),
      unreadable: found.unreadable,
    };
  return {
    series: names.map((name) => ({
      name,
      minutes: minutes.map((at) => (name === "errors" ? errorsAt(found, at) : slowAt(found, at))),
    })),
  };
};

export const cloudwatchCounts = (client: CloudWatchClient): Counts => ({
  read: (query) => readSeries(client, query),

  history: async (query) => {
    const version = query.function.from;
    const window = { ...query, periodMs: query.untilAt - query.fromAt };
    const found = await askSafely(client, window, [
      { id: "calls", metric: "Invocations", version, stat: "Sum" },
      { id: "errors", metric: "Errors", version, stat: "Sum" },
      { id: "slow", metric: "Duration", version, stat: SLOW_PERCENTILE },
    ]);
    if (isUnreadable(found) || sum(found, "calls") === 0) return {};
    const calls = sum(found, "calls");
    const errors = { total: calls, bad: Math.min(calls, sum(found, "errors")) };
    const thresholds = [...(found.get("slow")?.values() ?? [])];
    if (thresholds.length === 0) return { errors };
    const slowerThanMs = Math.ceil(Math.max(...thresholds));
    const past = await askSafely(client, window, [
      { id: "timed", metric: "Duration", version, stat: "SampleCount" },
      { id: "slow", metric: "Duration", version, stat: slower(slowerThanMs) },
    ]);
    if (isUnreadable(past)) return { errors, slowerThanMs };
    return {
      errors,
      slowerThanMs,
      slowCalls: { total: sum(past, "timed"), bad: Math.min(sum(past, "timed"), sum(past, "slow")) },
    };
  },

  exposure: async ({ version, ...query }) => {
    const window = {
      ...query,
      untilAt: Math.ceil(query.untilAt / MINUTE_MS) * MINUTE_MS,
      periodMs: MINUTE_MS,
    };
    const found = await askSafely(client, window, [
      { id: "calls", metric: "Invocations", version, stat: "Sum" },
      { id: "errors", metric: "Errors", version, stat: "Sum" },
    ]);
    return isUnreadable(found) ? "unreadable" : { calls: sum(found, "calls"), bad: sum(found, "errors") };
  },
});
