/** Reads and checks the settings of alarms. */
import { AwsError, type Json } from "../../account.ts";
import { parseExpression } from "../expression.ts";
import { checkQuery, periodMsOf, seriesKeyOf } from "../query.ts";
import { parseStatistic } from "../statistics.ts";
import type { MetricAlarm } from "./alarm.ts";
import type { Rule, TreatMissingData } from "./decide.ts";

const MAX_ACTIONS = 5;
const MAX_NAME = 255;
const DAY_SECONDS = 86_400;
const WEEK_SECONDS = 604_800;
const MAX_ALARM_METRICS = 10;

const OPERATORS: Readonly<Record<string, (value: number, threshold: number) => boolean>> = {
  GreaterThanThreshold: (value, threshold) => value > threshold,
  GreaterThanOrEqualToThreshold: (value, threshold) => value >= threshold,
  LessThanThreshold: (value, threshold) => value < threshold,
  LessThanOrEqualToThreshold: (value, threshold) => value <= threshold,
};

const TREATMENTS = ["missing", "ignore", "breaching", "notBreaching"] as const;

const invalid = (message: string): AwsError => new AwsError("ValidationError", message);

export const treatMissingDataOf = (alarm: MetricAlarm): TreatMissingData =>
  alarm.settings.TreatMissingData ?? "missing";

export const ruleOf = (alarm: MetricAlarm): Rule => ({
  evaluationPeriods: Number(alarm.settings.EvaluationPeriods),
  datapointsToAlarm: Number(alarm.settings.DatapointsToAlarm ?? alarm.settings.EvaluationPeriods),
  treatMissingData: treatMissingDataOf(alarm),
});

export const breaches = (alarm: MetricAlarm, value: number): boolean =>
  OPERATORS[alarm.settings.ComparisonOperator]?.(value, Number(alarm.settings.Threshold)) ?? false;

/** Every alarm as MetricDataQueries: a single metric becomes one query with the alarm's own id. */
export const queriesOf = (alarm: MetricAlarm): Json[] => {
  const { settings } = alarm;
  if (settings.Metrics !== undefined) return settings.Metrics;
  return [
    {
      Id: alarm.queryId,
      MetricStat: {
        Metric: {
          Namespace: settings.Namespace,
          MetricName: settings.MetricName,
          Dimensions: settings.Dimensions ?? [],
        },
        Period: settings.Period,
        Stat: settings.Statistic ?? settings.ExtendedStatistic,
        ...(settings.Unit !== undefined && { Unit: settings.Unit }),
      },
      ReturnData: true,
    },
  ];
};

export const periodSecondsOf = (alarm: MetricAlarm): number =>
  Math.min(...queriesOf(alarm).map((query) => Number(query.MetricStat?.Period ?? query.Period ?? Infinity)));

const checkSingleMetric = (input: Json): void => {
  seriesKeyOf(input);
  if ((input.Statistic === undefined) === (input.ExtendedStatistic === undefined))
    throw invalid("Exactly one of Statistic and ExtendedStatistic must be given.");
  const statistic = input.Statistic ?? input.ExtendedStatistic;
  parseStatistic(statistic);
  // Alarms know no trimmed count over absolute bounds, unlike GetMetricData.
  if (/^(TC|TM|TS|WM)\([^%]*\)$/.test(statistic))
    throw invalid(`The value ${statistic} for parameter ExtendedStatistic is not supported.`);
  periodMsOf(input.Period);
};

const checkMetrics = (metrics: readonly Json[]): void => {
  const returned = metrics.filter((metric) => metric.ReturnData !== false);
  if (returned.length !== 1) throw invalid("Exactly one element of the metrics list should return data.");
  if (metrics.filter((metric) => metric.MetricStat !== undefined).length > MAX_ALARM_METRICS)
    throw invalid(`An alarm takes at most ${MAX_ALARM_METRICS} metrics.`);
  for (const metric of metrics) {
    checkQuery(metric);
    if (metric.MetricStat === undefined) parseExpression(String(metric.Expression));
    else {
      seriesKeyOf(metric.MetricStat.Metric);
      parseStatistic(metric.MetricStat.Stat);
      periodMsOf(metric.MetricStat.Period);
    }
  }
};

const checkRange = (input: Json): void => {
  const periods = Number(input.EvaluationPeriods);
  if (!Number.isInteger(periods) || periods < 1) throw invalid("EvaluationPeriods must be 1 or more.");
  const needed = Number(input.DatapointsToAlarm ?? periods);
  if (!Number.isInteger(needed) || needed < 1 || needed > periods)
    throw invalid("DatapointsToAlarm must lie between 1 and EvaluationPeriods.");
  const periodSeconds = Number(input.Period ?? input.Metrics?.[0]?.MetricStat?.Period ?? 60);
  if (periods * periodSeconds > (periodSeconds < 3600 ? DAY_SECONDS : WEEK_SECONDS))
    throw invalid("EvaluationPeriods times Period must not exceed one day.");
};

export const checkActions = (input: Json): void => {
  if (!input.AlarmName || String(input.AlarmName).length > MAX_NAME)
    throw invalid(`AlarmName must have 1 to ${MAX_NAME} characters.`);
  for (const list of ["AlarmActions", "OKActions", "InsufficientDataActions"]) {
    if ((input[list] ?? []).length > MAX_ACTIONS)
      throw invalid(`${list} takes at most ${MAX_ACTIONS} actions.`);
  }
};

/** Throws ValidationError as PutMetricAlarm does. */
export const checkMetricAlarm = (input: Json): void => {
  checkActions(input);
  if (OPERATORS[input.ComparisonOperator] === undefined)
    throw invalid(`Unsupported comparison operator '${input.ComparisonOperator}'.`);
  if (input.TreatMissingData !== undefined && !TREATMENTS.includes(input.TreatMissingData))
    throw invalid(`Option '${input.TreatMissingData}' is not supported for TreatMissingData parameter.`);
  if (!Number.isFinite(Number(input.Threshold ?? Number.NaN))) throw invalid("Threshold must be a number.");
  checkRange(input);
  if (input.Metrics === undefined) checkSingleMetric(input);
  else checkMetrics(input.Metrics);
};
