/** What an alarm is, and the book of all alarms. */
import type { Json } from "../../account.ts";

export type AlarmValue = "OK" | "ALARM" | "INSUFFICIENT_DATA";
export type SuppressedBy = "WaitPeriod" | "ExtensionPeriod" | "Alarm";

export type AlarmMoment = {
  value: AlarmValue;
  reason: string;
  /** JSON text; absent at creation and after SetAlarmState without one. */
  reasonData?: string;
  at: number;
  suppressedBy?: SuppressedBy;
};

type Common = {
  name: string;
  arn: string;
  /** The fields of PutMetricAlarm or PutCompositeAlarm, as the API takes and gives them. */
  settings: Json;
  state: AlarmMoment;
  updatedAt: number;
};

export type MetricAlarm = Common & {
  kind: "metric";
  /** Until then SetAlarmState's value stands unevaluated. */
  heldUntil: number;
  /** The id CloudWatch gives the query of a single-metric alarm. */
  queryId: string;
};

export type CompositeAlarm = Common & {
  kind: "composite";
  /** When the action suppressor last left ALARM. */
  suppressorEndedAt?: number;
};

export type Alarm = MetricAlarm | CompositeAlarm;
export type AlarmBook = Map<string, Alarm>;

/** A name or an alarm ARN → the alarm. */
export const findAlarm = (book: AlarmBook, nameOrArn: string): Alarm | undefined =>
  book.get(nameOrArn) ?? book.get(nameOrArn.split(":alarm:")[1] ?? "");
