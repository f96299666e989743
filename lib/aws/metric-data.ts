/** GetMetricData, read to its last page: values, or why there are none. */
import {
  type CloudWatchClient,
  GetMetricDataCommand,
  type MetricDataQuery,
} from "@aws-sdk/client-cloudwatch";
import { messageOf } from "../kit/errors.ts";
import { SECOND_MS } from "../kit/time.ts";
import type { Ask, Found } from "../signals/ask.ts";
import { reach } from "./failure.ts";

const PAGES_MAX = 20;

/** `fromAt` inclusive, `untilAt` exclusive; whole minutes, as the period. */
export type Window = { fromAt: number; untilAt: number; periodMs: number };

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
  const answered = new Set<string>();
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
      answered.add(result.Id ?? "");
      result.Timestamps?.forEach((at, index) => {
        found.get(result.Id ?? "")?.set(at.getTime(), result.Values?.[index] ?? 0);
      });
    }
    NextToken = answer.NextToken;
    const unanswered = asks.find(({ id }) => !answered.has(id));
    if (NextToken === undefined)
      return unanswered === undefined
        ? found
        : { unreadable: `CloudWatch gave no answer for ${unanswered.id}` };
  }
  return { unreadable: `CloudWatch gave more than ${PAGES_MAX} pages` };
};

export const isUnreadable = (found: Found | { unreadable: string }): found is { unreadable: string } =>
  "unreadable" in found;

/** Never throws for CloudWatch's sake: not having looked is an answer. */
export const askSafely = async (
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
