/** The "CloudWatch Alarm State Change" event's detail, and the payload of a direct Lambda action. */
import type { Json } from "../../account.ts";
import { dimensionsOf } from "../query.ts";
import type { Alarm, AlarmMoment } from "./alarm.ts";
import { queriesOf } from "./settings.ts";
import { alarmTime } from "./wording.ts";

const metricOf = (query: Json): Json => ({
  id: query.Id,
  ...(query.Expression !== undefined && { expression: query.Expression }),
  ...(query.Label !== undefined && { label: query.Label }),
  ...(query.MetricStat !== undefined && {
    metricStat: {
      metric: {
        dimensions: dimensionsOf(query.MetricStat.Metric.Dimensions),
        name: query.MetricStat.Metric.MetricName,
        namespace: query.MetricStat.Metric.Namespace,
      },
      period: Number(query.MetricStat.Period),
      stat: query.MetricStat.Stat,
      ...(query.MetricStat.Unit !== undefined && { unit: query.MetricStat.Unit }),
    },
  }),
  returnData: query.ReturnData !== false,
});

const configurationOf = (alarm: Alarm): Json => {
  const { settings } = alarm;
  const description = settings.AlarmDescription && { description: settings.AlarmDescription };
  if (alarm.kind === "metric") return { ...description, metrics: queriesOf(alarm).map(metricOf) };
  return {
    ...description,
    alarmRule: settings.AlarmRule,
    ...(settings.ActionsSuppressor !== undefined && {
      actionsSuppressor: settings.ActionsSuppressor,
      actionsSuppressorWaitPeriod: Number(settings.ActionsSuppressorWaitPeriod ?? 0),
      actionsSuppressorExtensionPeriod: Number(settings.ActionsSuppressorExtensionPeriod ?? 0),
    }),
  };
};

const stateOf = (moment: AlarmMoment): Json => ({
  ...(moment.suppressedBy !== undefined && {
    actionsSuppressedBy: moment.suppressedBy,
    actionsSuppressedReason: `Actions suppressed by ${moment.suppressedBy}`,
  }),
  reason: moment.reason,
  ...(moment.reasonData !== undefined && { reasonData: moment.reasonData }),
  timestamp: alarmTime(moment.at),
  value: moment.value,
});

export const stateChangeDetail = (alarm: Alarm, previous: AlarmMoment): Json => ({
  alarmName: alarm.name,
  configuration: configurationOf(alarm),
  previousState: stateOf(previous),
  state: stateOf(alarm.state),
});

export const lambdaActionPayload = (
  alarm: Alarm,
  previous: AlarmMoment,
  place: { id: string; region: string },
): Json => ({
  source: "aws.cloudwatch",
  alarmArn: alarm.arn,
  accountId: place.id,
  time: alarmTime(alarm.state.at),
  region: place.region,
  alarmData: {
    alarmName: alarm.name,
    state: stateOf(alarm.state),
    previousState: stateOf(previous),
    configuration: configurationOf(alarm),
  },
});
