/** Lambda's own metrics, for each of the dimension sets under which CloudWatch keeps them. */
import type { Account } from "../account.ts";

const NAMESPACE = "AWS/Lambda";
const MINUTE_MS = 60_000;

/** `resource` is `name:alias` or `name:version`; `executedVersion` is given for calls through an alias only. */
export type MetricTarget = { functionName: string; resource: string; executedVersion?: string };

/** One call, or one that was throttled: those are no invocations. */
export type Observed =
  | { at: number; durationMs: number; isError: boolean; concurrent: number }
  | { at: number; isThrottled: true };

const dimensionSets = ({
  functionName,
  resource,
  executedVersion,
}: MetricTarget): Record<string, string>[] => [
  {},
  { FunctionName: functionName },
  { FunctionName: functionName, Resource: resource },
  ...(executedVersion === undefined
    ? []
    : [{ FunctionName: functionName, Resource: resource, ExecutedVersion: executedVersion }]),
];

const valuesOf = (one: Observed): readonly [string, number][] =>
  "isThrottled" in one
    ? [["Throttles", 1]]
    : [
        ["Invocations", 1],
        ["Errors", one.isError ? 1 : 0],
        ["Duration", one.durationMs],
        ["Throttles", 0],
        ["ConcurrentExecutions", one.concurrent],
      ];

/**
 * Records calls under the instant they were made ("when the function was invoked"). Equal values of one minute are recorded
 * together: CloudWatch keeps minutes.
 */
export const recordCalls = (account: Account, target: MetricTarget, calls: readonly Observed[]): void => {
  const counts = new Map<string, { at: number; name: string; value: number; count: number }>();
  for (const call of calls) {
    for (const [name, value] of valuesOf(call)) {
      const key = `${Math.floor(call.at / MINUTE_MS)} ${name} ${value}`;
      const known = counts.get(key) ?? { at: call.at, name, value, count: 0 };
      known.count += 1;
      counts.set(key, known);
    }
  }
  for (const dimensions of dimensionSets(target))
    for (const { at, name, value, count } of counts.values())
      account.cloudwatch.record({ namespace: NAMESPACE, name, dimensions }, at, value, count);
};

/** A lone metric of the function as a whole, such as DestinationDeliveryFailures. */
export const recordOne = (account: Account, functionName: string, name: string, value = 1): void => {
  for (const dimensions of [{}, { FunctionName: functionName }])
    account.cloudwatch.record({ namespace: NAMESPACE, name, dimensions }, account.world.now(), value);
};

/** How many calls are under way as each begins, itself included. Calls come in order of time. */
export const concurrencyOf = (calls: readonly { at: number; durationMs: number }[]): number[] => {
  // In order; those before `over` have passed. New ends belong at the back or close to it.
  const ends: number[] = [];
  let over = 0;
  return calls.map(({ at, durationMs }) => {
    while (over < ends.length && (ends[over] as number) <= at) over += 1;
    const end = at + durationMs;
    let place = ends.length;
    while (place > over && (ends[place - 1] as number) > end) place -= 1;
    ends.splice(place, 0, end);
    return ends.length - over;
  });
};
