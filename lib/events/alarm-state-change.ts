/** EventBridge: "CloudWatch Alarm State Change", of metric, metric-math, anomaly and composite alarms alike. */
import * as z from "zod/mini";
import type { AlarmChange, MetricOfAlarm } from "../incident/alarm-change.ts";
import { InputError } from "../kit/errors.ts";
import { parseTime } from "../kit/time.ts";
import { assertHome, type Home, parse } from "./refuse.ts";

const StateValue = z.enum(["OK", "ALARM", "INSUFFICIENT_DATA"]);
const State = z.object({
  value: StateValue,
  timestamp: z.string(),
  reason: z.optional(z.string()),
  reasonData: z.optional(z.string()),
  actionsSuppressedBy: z.optional(z.string()),
  actionsSuppressedReason: z.optional(z.string()),
});
const MetricEntry = z.object({
  metricStat: z.optional(
    z.object({
      metric: z.object({
        namespace: z.string(),
        name: z.string(),
        dimensions: z.optional(z.record(z.string(), z.string())),
      }),
    }),
  ),
});

/** Source: the samples of the CloudWatch guide; `muteDetail` is a newer, optional part. */
const StateChange = z.object({
  account: z.string(),
  region: z.string(),
  source: z.literal("aws.cloudwatch"),
  "detail-type": z.literal("CloudWatch Alarm State Change"),
  resources: z.array(z.string()).check(z.minLength(1)),
  detail: z.object({
    alarmName: z.string().check(z.minLength(1), z.maxLength(255)),
    state: State,
    previousState: z.optional(z.object({ value: StateValue })),
    configuration: z.optional(z.object({ metrics: z.optional(z.array(MetricEntry)) })),
    muteDetail: z.optional(z.object({ mutedByArn: z.optional(z.string()) })),
  }),
});

const STATES = { OK: "ok", ALARM: "alarm", INSUFFICIENT_DATA: "insufficient-data" } as const;

const Triggering = z.object({ triggeringAlarms: z.optional(z.array(z.object({ arn: z.string() }))) });

/** `reasonData` is JSON inside a string, and may be absent or anything: it only ever adds. */
const childrenOf = (reasonData: string | undefined): string[] => {
  if (reasonData === undefined) return [];
  try {
    const parsed = Triggering.safeParse(JSON.parse(reasonData));
    return parsed.success ? (parsed.data.triggeringAlarms ?? []).map((alarm) => alarm.arn) : [];
  } catch {
    return [];
  }
};

const heldBackBy = (detail: z.infer<typeof StateChange>["detail"]): string | undefined => {
  if (detail.muteDetail !== undefined) return `muted by ${detail.muteDetail.mutedByArn ?? "a mute rule"}`;
  const { actionsSuppressedBy, actionsSuppressedReason } = detail.state;
  return actionsSuppressedBy === undefined
    ? undefined
    : `suppressed by ${actionsSuppressedBy}${actionsSuppressedReason ? `: ${actionsSuppressedReason}` : ""}`;
};

export const alarmChange = (raw: unknown, home: Home): AlarmChange => {
  const event = parse(StateChange, raw, "a CloudWatch alarm state change");
  assertHome(event, home, "alarm state change");
  const { detail } = event;
  const at = parseTime(detail.state.timestamp);
  if (at === undefined)
    throw new InputError(`not a CloudWatch alarm state change: state.timestamp is ${detail.state.timestamp}`);
  const metrics = (detail.configuration?.metrics ?? [])
    .map((entry) => entry.metricStat?.metric)
    .filter((metric) => metric !== undefined)
    .map(
      (metric): MetricOfAlarm => ({
        namespace: metric.namespace,
        name: metric.name,
        dimensions: metric.dimensions ?? {},
      }),
    );
  const heldBack = heldBackBy(detail);
  return {
    arn: event.resources[0] as string,
    name: detail.alarmName,
    state: STATES[detail.state.value],
    ...(detail.previousState && { previous: STATES[detail.previousState.value] }),
    at,
    reason: detail.state.reason ?? "no reason given",
    metrics,
    children: childrenOf(detail.state.reasonData),
    ...(heldBack !== undefined && { heldBack }),
  };
};
