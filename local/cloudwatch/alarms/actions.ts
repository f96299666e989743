/** What an alarm does on a change of state: SNS messages and direct Lambda calls. */
import { type Account, AwsError, type Json } from "../../account.ts";
import type { Alarm, AlarmMoment } from "./alarm.ts";
import { lambdaActionPayload } from "./event.ts";
import { queriesOf } from "./settings.ts";
import { alarmTime } from "./wording.ts";

/** Region names as alarm mails spell them; others stand as their code. */
const REGION_NAMES: Readonly<Record<string, string>> = {
  "us-east-1": "US East (N. Virginia)",
  "us-west-2": "US West (Oregon)",
  "eu-west-1": "EU (Ireland)",
  "eu-central-1": "EU (Frankfurt)",
  "af-south-1": "Africa (Cape Town)",
};

const SUBJECT_LIMIT = 99;

const triggerOf = (alarm: Alarm): Json => {
  const { settings } = alarm;
  const common = {
    EvaluationPeriods: Number(settings.EvaluationPeriods),
    ...(settings.DatapointsToAlarm !== undefined && {
      DatapointsToAlarm: Number(settings.DatapointsToAlarm),
    }),
    ComparisonOperator: settings.ComparisonOperator,
    Threshold: Number(settings.Threshold),
    TreatMissingData: settings.TreatMissingData ?? "missing",
    EvaluateLowSampleCountPercentile: settings.EvaluateLowSampleCountPercentile ?? "",
  };
  if (alarm.kind === "metric" && settings.Metrics !== undefined)
    return {
      ...common,
      Period: Number(settings.Metrics[0]?.MetricStat?.Period ?? 60),
      Metrics: queriesOf(alarm),
    };
  return {
    MetricName: settings.MetricName,
    Namespace: settings.Namespace,
    StatisticType: settings.Statistic === undefined ? "ExtendedStatistic" : "Statistic",
    ...(settings.Statistic === undefined
      ? { ExtendedStatistic: settings.ExtendedStatistic }
      : {
          Statistic: String(settings.Statistic)
            .replace(/(?<=[a-z])(?=[A-Z])/g, "_")
            .toUpperCase(),
        }),
    Unit: settings.Unit ?? null,
    Dimensions: (settings.Dimensions ?? []).map((one: Json) => ({ value: one.Value, name: one.Name })),
    Period: Number(settings.Period),
    ...common,
  };
};

const messageOf = (alarm: Alarm, previous: AlarmMoment, account: Account): Json => ({
  AlarmName: alarm.name,
  AlarmDescription: alarm.settings.AlarmDescription ?? null,
  AWSAccountId: account.id,
  AlarmConfigurationUpdatedTimestamp: alarmTime(alarm.updatedAt),
  NewStateValue: alarm.state.value,
  NewStateReason: alarm.state.reason,
  StateChangeTime: alarmTime(alarm.state.at),
  Region: REGION_NAMES[account.region] ?? account.region,
  AlarmArn: alarm.arn,
  OldStateValue: previous.value,
  OKActions: alarm.settings.OKActions ?? [],
  AlarmActions: alarm.settings.AlarmActions ?? [],
  InsufficientDataActions: alarm.settings.InsufficientDataActions ?? [],
  ...(alarm.kind === "metric"
    ? { Trigger: triggerOf(alarm) }
    : {
        AlarmRule: alarm.settings.AlarmRule,
        TriggeringChildren: JSON.parse(alarm.state.reasonData ?? "{}").triggeringAlarms ?? [],
      }),
});

const ACTIONS = {
  OK: "OKActions",
  ALARM: "AlarmActions",
  INSUFFICIENT_DATA: "InsufficientDataActions",
} as const;

const runAction = (account: Account, alarm: Alarm, previous: AlarmMoment, arn: string): void => {
  if (arn.includes(":lambda:")) {
    if (account.lambda.permits(arn, "lambda.alarms.cloudwatch.amazonaws.com", alarm.arn))
      account.lambda.invokeAsync(arn, lambdaActionPayload(alarm, previous, account));
    return;
  }
  const region = REGION_NAMES[account.region] ?? account.region;
  const subject = `${alarm.state.value}: "${alarm.name}" in ${region}`.slice(0, SUBJECT_LIMIT);
  account.sns.publish(
    arn,
    JSON.stringify(messageOf(alarm, previous, account)),
    subject,
    {},
    {
      principal: "cloudwatch.amazonaws.com",
      sourceArn: alarm.arn,
    },
  );
};

/** Runs the actions of the alarm's present state. An action that fails is lost without a trace but the alarm's history, as on AWS. */
export const runActions = (account: Account, alarm: Alarm, previous: AlarmMoment): void => {
  if (alarm.settings.ActionsEnabled === false) return;
  for (const arn of alarm.settings[ACTIONS[alarm.state.value]] ?? []) {
    try {
      runAction(account, alarm, previous, arn);
    } catch (error) {
      if (!(error instanceof AwsError)) throw error;
    }
  }
};
