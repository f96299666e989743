/** Looks at every metric alarm once a minute of account time. */
import type { Account } from "../../account.ts";
import { type QueryResult, runQueries } from "../query.ts";
import { MINUTE_MS, type SeriesStore } from "../series.ts";
import type { SpoiledReads } from "../spoiled.ts";
import type { AlarmBook, AlarmValue, MetricAlarm } from "./alarm.ts";
import type { AlarmChanges } from "./change.ts";
import { decide, EXTRA_PERIODS } from "./decide.ts";
import { breaches, periodSecondsOf, queriesOf, ruleOf } from "./settings.ts";
import { alarmTime, type Datapoint, decimal, reasonText } from "./wording.ts";

/**
 * How far into each minute alarms are looked at. With the default metric delay the whole last minute is visible by then,
 * and a bad minute raises an alarm at most 110 s after its first call: a measured incident took 105 s.
 */
export const EVALUATION_OFFSET_MS = 50_000;

/** No alarm reads what went wrong on purpose for GetMetricData. */
const UNSPOILED: SpoiledReads = { set: () => {}, statusOf: () => undefined };

const windowOf = (alarm: MetricAlarm, now: number) => {
  const untilAt = Math.floor(now / MINUTE_MS) * MINUTE_MS;
  const periods = ruleOf(alarm).evaluationPeriods + EXTRA_PERIODS;
  return { fromAt: untilAt - periods * periodSecondsOf(alarm) * 1000, untilAt, now };
};

/** The alarm's points over its evaluation range, oldest first. */
const datapointsOf = (store: SeriesStore, alarm: MetricAlarm, now: number): Datapoint[] => {
  const window = windowOf(alarm, now);
  const returned = runQueries(store, UNSPOILED, queriesOf(alarm), window).find(
    (result: QueryResult) => result.returnsData,
  );
  const points: Datapoint[] = [];
  for (let at = window.fromAt; at < window.untilAt; at += periodSecondsOf(alarm) * 1000)
    points.push({ at, value: returned?.series.get(at) });
  return points;
};

const reasonDataOf = (alarm: MetricAlarm, points: readonly Datapoint[], now: number): string => {
  const real = points.filter((point) => point.value !== undefined).slice(-ruleOf(alarm).evaluationPeriods);
  const statistic = alarm.settings.Statistic ?? alarm.settings.ExtendedStatistic;
  const fields = [
    `"version":"1.0"`,
    `"queryDate":"${alarmTime(now)}"`,
    ...(real[0] === undefined ? [] : [`"startDate":"${alarmTime(real[0].at)}"`]),
    ...(statistic === undefined ? [] : [`"statistic":${JSON.stringify(statistic)}`]),
    `"period":${periodSecondsOf(alarm)}`,
    `"recentDatapoints":[${real.map(({ value = Number.NaN }) => decimal(value)).join(",")}]`,
    `"threshold":${decimal(Number(alarm.settings.Threshold))}`,
  ];
  return `{${fields.join(",")}}`;
};

/** Samples below which a percentile says little: 10/(1-p), or 10/p under the median (CloudWatch user guide). */
const samplesNeeded = (statistic: string | undefined): number => {
  const percent = Number(/^p([\d.]+)$/.exec(statistic ?? "")?.[1] ?? Number.NaN);
  if (Number.isNaN(percent)) return 0;
  return percent >= 50 ? 1000 / (100 - percent) : 1000 / percent;
};

const hasTooFewSamples = (store: SeriesStore, alarm: MetricAlarm, now: number): boolean => {
  const { settings } = alarm;
  if (settings.EvaluateLowSampleCountPercentile !== "ignore" || settings.ExtendedStatistic === undefined)
    return false;
  const [query] = queriesOf(alarm);
  const counting = { ...query, MetricStat: { ...query.MetricStat, Stat: "SampleCount" } };
  const [result] = runQueries(store, UNSPOILED, [counting], windowOf(alarm, now));
  const samples = [...(result?.series.values() ?? [])].at(-1) ?? 0;
  return samples < samplesNeeded(settings.ExtendedStatistic);
};

export const evaluateAlarm = (
  store: SeriesStore,
  alarm: MetricAlarm,
  now: number,
): { value: AlarmValue; points: readonly Datapoint[] } => {
  const points = datapointsOf(store, alarm, now);
  if (hasTooFewSamples(store, alarm, now)) return { value: alarm.state.value, points };
  const marks = points.map(({ value }) => (value === undefined ? undefined : breaches(alarm, value)));
  return { value: decide(marks, ruleOf(alarm), alarm.state.value), points };
};

/** Starts with the first metric alarm and rests while there is none. */
export const createEvaluation = (
  account: Account,
  store: SeriesStore,
  book: AlarmBook,
  changes: AlarmChanges,
): { start(): void } => {
  let isRunning = false;

  const evaluateAll = (): void => {
    const now = account.world.now();
    for (const alarm of [...book.values()]) {
      if (alarm.kind !== "metric" || now < alarm.heldUntil) continue;
      const { value, points } = evaluateAlarm(store, alarm, now);
      changes.to(alarm, {
        value,
        reason: reasonText(alarm, points, alarm.state.value, value),
        reasonData: reasonDataOf(alarm, points, now),
        at: now,
      });
    }
  };

  const schedule = (): void => {
    const minute = Math.floor((account.world.now() - EVALUATION_OFFSET_MS) / MINUTE_MS) + 1;
    account.world.at(minute * MINUTE_MS + EVALUATION_OFFSET_MS, "alarms are evaluated", () => {
      evaluateAll();
      isRunning = [...book.values()].some((alarm) => alarm.kind === "metric");
      if (isRunning) schedule();
    });
  };

  return {
    start: () => {
      if (isRunning) return;
      isRunning = true;
      schedule();
    },
  };
};
