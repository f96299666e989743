/**
 * M out of N with missing data, as the CloudWatch user guide words it ("How alarm state is evaluated when data is missing"):
 * real points of the whole evaluation range count first, missing ones are filled only as far as needed.
 */
import type { AlarmValue } from "./alarm.ts";

export type TreatMissingData = "missing" | "ignore" | "breaching" | "notBreaching";

/** How many periods beyond EvaluationPeriods CloudWatch looks back; its examples show five for three. */
export const EXTRA_PERIODS = 2;

export type Rule = {
  evaluationPeriods: number;
  datapointsToAlarm: number;
  treatMissingData: TreatMissingData;
};

/** `breaches`: the evaluation range, oldest first; undefined is a missing point. */
export const decide = (
  breaches: readonly (boolean | undefined)[],
  rule: Rule,
  current: AlarmValue,
): AlarmValue => {
  const real = breaches.filter((breach) => breach !== undefined);
  const considered = real.slice(-rule.evaluationPeriods);
  const breaching = considered.filter(Boolean).length;
  if (breaching >= rule.datapointsToAlarm) return "ALARM";
  if (considered.length >= rule.evaluationPeriods || rule.treatMissingData === "notBreaching") return "OK";
  const filled = rule.evaluationPeriods - considered.length;
  if (rule.treatMissingData === "breaching")
    return breaching + filled >= rule.datapointsToAlarm ? "ALARM" : "OK";
  if (breaching < considered.length) return "OK";
  if (rule.treatMissingData === "ignore") return current;
  // Only breaching points: ALARM once the oldest is at least as old as the points to alarm, so that no alarm comes too early.
  const oldest = breaches.indexOf(true);
  const age = oldest === -1 ? 0 : breaches.length - oldest;
  return age >= rule.datapointsToAlarm ? "ALARM" : "INSUFFICIENT_DATA";
};
