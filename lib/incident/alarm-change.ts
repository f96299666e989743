/** A CloudWatch alarm that changed state, in our words. */
import type { FunctionShift } from "../deployment/fact.ts";

export type MetricOfAlarm = { namespace: string; name: string; dimensions: Readonly<Record<string, string>> };

export type AlarmChange = {
  arn: string;
  name: string;
  state: "ok" | "alarm" | "insufficient-data";
  previous?: "ok" | "alarm" | "insufficient-data";
  at: number;
  reason: string;
  /** Metrics the alarm watches; none for a composite alarm. */
  metrics: readonly MetricOfAlarm[];
  /** Alarms that made a composite alarm fire, by ARN. */
  children: readonly string[];
  /** Why its actions are held back: muted or suppressed by its owner. Honoured here as well. */
  heldBack?: string;
};

/** Alarm names at the end of an alarm ARN: `arn:aws:cloudwatch:region:account:alarm:name`. */
export const alarmNameOf = (arn: string): string => arn.split(":").slice(6).join(":");

const LAMBDA_NAMESPACE = "AWS/Lambda";

/** Functions whose own metrics the alarm watches. */
export const functionsOf = (change: AlarmChange): string[] => [
  ...new Set(
    change.metrics
      .filter((metric) => metric.namespace === LAMBDA_NAMESPACE)
      .map((metric) => metric.dimensions.FunctionName)
      .filter((name) => name !== undefined),
  ),
];

/** The metrics of one alias of a function, or of the whole function; those of another alias say nothing about it. */
export const metricsAbout = (change: AlarmChange, shift: FunctionShift): readonly MetricOfAlarm[] =>
  change.metrics.filter(({ namespace, dimensions }) => {
    const { FunctionName, Resource } = dimensions;
    const isOurs =
      Resource === undefined || Resource === FunctionName || Resource === `${shift.name}:${shift.alias}`;
    return namespace === LAMBDA_NAMESPACE && FunctionName === shift.name && isOurs;
  });

/** The one version all these metrics are bound to, if they are bound to one. */
export const versionOf = (metrics: readonly MetricOfAlarm[]): string | undefined => {
  const versions = new Set(metrics.map((metric) => metric.dimensions.ExecutedVersion));
  const [only] = versions;
  return versions.size === 1 ? only : undefined;
};
