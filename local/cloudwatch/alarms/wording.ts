/** The texts CloudWatch gives as reasons, and its time forms. */
import type { AlarmValue, MetricAlarm } from "./alarm.ts";
import { treatMissingDataOf } from "./settings.ts";

/** A period's start and its value; undefined is a missing point. */
export type Datapoint = { at: number; value: number | undefined };

/** `2019-10-02T17:04:40.989+0000`. */
export const alarmTime = (at: number): string => new Date(at).toISOString().replace("Z", "+0000");

const two = (value: number): string => String(value).padStart(2, "0");

/** `02/10/19 16:59:00`. */
const pointTime = (at: number): string => {
  const time = new Date(at);
  const day = [time.getUTCDate(), time.getUTCMonth() + 1, time.getUTCFullYear() % 100].map(two).join("/");
  return `${day} ${[time.getUTCHours(), time.getUTCMinutes(), time.getUTCSeconds()].map(two).join(":")}`;
};

/** `Friday 22 July, 2022 15:57:45 UTC`. */
export const longTime = (at: number): string => {
  const time = new Date(at);
  const weekday = time.toLocaleDateString("en-US", { weekday: "long", timeZone: "UTC" });
  const month = time.toLocaleDateString("en-US", { month: "long", timeZone: "UTC" });
  const clock = [time.getUTCHours(), time.getUTCMinutes(), time.getUTCSeconds()].map(two).join(":");
  return `${weekday} ${two(time.getUTCDate())} ${month}, ${time.getUTCFullYear()} ${clock} UTC`;
};

/** Whole numbers carry `.0`, as in CloudWatch's own texts. */
export const decimal = (value: number): string =>
  Number.isInteger(value) && Math.abs(value) < 1e15 ? `${value}.0` : String(value);

const COMPARED: Readonly<Record<string, string>> = {
  GreaterThanThreshold: "greater than",
  GreaterThanOrEqualToThreshold: "greater than or equal to",
  LessThanThreshold: "less than",
  LessThanOrEqualToThreshold: "less than or equal to",
};

const plural = (count: number, one: string): string => `${count} ${one}${count === 1 ? "" : "s"}`;

const missingText = (alarm: MetricAlarm, missing: number): string => {
  const treatment = treatMissingDataOf(alarm) === "breaching" ? "Breaching" : "NonBreaching";
  return `${plural(missing, "missing datapoint")} ${missing === 1 ? "was" : "were"} treated as [${treatment}]`;
};

/** The reason of a move from `from` to `to`, given the points that were looked at (oldest first, missing ones included). */
export const reasonText = (
  alarm: MetricAlarm,
  points: readonly Datapoint[],
  from: AlarmValue,
  to: AlarmValue,
): string => {
  const periods = Number(alarm.settings.EvaluationPeriods);
  const needed = Number(alarm.settings.DatapointsToAlarm ?? periods);
  if (to === "INSUFFICIENT_DATA")
    return `Insufficient Data: ${plural(periods, "datapoint")} ${periods === 1 ? "was" : "were"} unknown.`;
  const real = points.filter((point) => point.value !== undefined).slice(-periods);
  const missing = periods - real.length;
  if (real.length === 0)
    return `Threshold Crossed: no datapoints were received for ${plural(periods, "period")} and ${missingText(alarm, missing)}.`;
  const listed = real
    .toReversed()
    .map(({ at, value = Number.NaN }) => `${decimal(value)} (${pointTime(at)})`)
    .join(", ");
  const verb = `${real.length === 1 ? "was" : "were"} ${to === "OK" ? "not " : ""}`;
  const compared = COMPARED[alarm.settings.ComparisonOperator];
  const change = to === "ALARM" ? "OK -> ALARM" : "ALARM -> OK";
  const least = `(minimum ${plural(needed, "datapoint")} for ${from === "INSUFFICIENT_DATA" && to === "OK" ? "ALARM -> OK" : change} transition)`;
  return `Threshold Crossed: ${real.length} out of the last ${periods} datapoints [${listed}] ${verb}${compared} the threshold (${decimal(Number(alarm.settings.Threshold))}) ${least}.`;
};
