/** CloudWatch: minute metrics with exact statistics, and alarms over them. JSON 1.0. */
import type { Account, CloudWatch, Json, Made, Service } from "../account.ts";
import { physicalName } from "../physical-name.ts";
import type { AlarmBook } from "./alarms/alarm.ts";
import { createAlarmChanges } from "./alarms/change.ts";
import { createEvaluation } from "./alarms/evaluation.ts";
import { type AlarmParts, alarmOperations, putCompositeAlarm, putMetricAlarm } from "./alarms/operations.ts";
import { createDashboards } from "./dashboards.ts";
import { metricOperations } from "./metrics-operations.ts";
import { createSeriesStore } from "./series.ts";
import { createSpoiledReads } from "./spoiled.ts";

/** How long after an observation readers see it. AWS documents no figure; one measured incident fits 45 s. */
export const METRIC_DELAY_MS = 45_000;

/** CloudFormation gives numbers and booleans as text at times. */
const NUMBERS = [
  "EvaluationPeriods",
  "DatapointsToAlarm",
  "Threshold",
  "Period",
  "ActionsSuppressorWaitPeriod",
  "ActionsSuppressorExtensionPeriod",
];

const alarmInput = (properties: Json, context: { logicalId: string; stackName: string }): Json => {
  const input: Json = { AlarmName: physicalName(context), ...properties };
  for (const name of NUMBERS) if (input[name] !== undefined) input[name] = Number(input[name]);
  if (typeof input.ActionsEnabled === "string") input.ActionsEnabled = input.ActionsEnabled === "true";
  input.Metrics = input.Metrics?.map((metric: Json) => ({
    ...metric,
    ...(metric.ReturnData !== undefined && { ReturnData: String(metric.ReturnData) === "true" }),
  }));
  if (input.Metrics === undefined) delete input.Metrics;
  return input;
};

export const createCloudWatch = (
  account: Account,
  options: { metricDelayMs?: number } = {},
): CloudWatch & { service: Service } => {
  const delayMs = options.metricDelayMs ?? METRIC_DELAY_MS;
  const store = createSeriesStore();
  const spoiled = createSpoiledReads();
  const book: AlarmBook = new Map();
  const changes = createAlarmChanges(account, book);
  const evaluation = createEvaluation(account, store, book, changes);
  const dashboards = createDashboards(account);
  const parts: AlarmParts = { account, book, changes, start: () => evaluation.start() };

  const maker =
    (put: (parts: AlarmParts, input: Json) => Json) =>
    (properties: Json, context: { logicalId: string; stackName: string }): Made => {
      const input = alarmInput(properties, context);
      put(parts, input);
      return { ref: input.AlarmName, attributes: { Arn: book.get(input.AlarmName)?.arn ?? "" } };
    };

  return {
    record: (series, at, value, count = 1) => {
      store.add(series, { at, visibleAt: Math.max(at, account.world.now()) + delayMs, value, count });
    },
    alarmState: (name) => book.get(name)?.state.value,
    spoil: (rules) => spoiled.set(rules),
    service: {
      name: "cloudwatch",
      signingName: "monitoring",
      protocol: "json-1.0",
      targetPrefix: "GraniteServiceVersion20100801",
      operations: {
        ...metricOperations({ store, spoiled, now: () => account.world.now(), delayMs }),
        ...alarmOperations(parts),
        ...dashboards.operations,
      },
      resources: {
        "AWS::CloudWatch::Alarm": maker(putMetricAlarm),
        "AWS::CloudWatch::CompositeAlarm": maker(putCompositeAlarm),
        "AWS::CloudWatch::Dashboard": dashboards.maker,
      },
    },
  };
};
