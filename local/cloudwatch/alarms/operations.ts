/** The alarm half of CloudWatch's API. */
import { type Account, AwsError, type Json, type Operation } from "../../account.ts";
import { randomUuid } from "../../random-id.ts";
import {
  type Alarm,
  type AlarmBook,
  type AlarmMoment,
  type AlarmValue,
  type CompositeAlarm,
  findAlarm,
} from "./alarm.ts";
import type { AlarmChanges } from "./change.ts";
import { alarmsOf, parseAlarmRule } from "./rule.ts";
import { checkActions, checkMetricAlarm } from "./settings.ts";

const MAX_RECORDS = 100;
const MAX_DELETED = 100;
const MAX_CHILDREN = 100;
/** SetAlarmState is transient; it stands for at least one evaluation interval. */
export const HOLD_MS = 60_000;

export type AlarmParts = { account: Account; book: AlarmBook; changes: AlarmChanges; start(): void };

const VALUES: readonly AlarmValue[] = ["OK", "ALARM", "INSUFFICIENT_DATA"];

const created = (at: number): AlarmMoment => ({
  value: "INSUFFICIENT_DATA",
  reason: "Unchecked: Initial alarm creation",
  at,
});

const arnOf = (account: Account, name: string): string =>
  `arn:aws:cloudwatch:${account.region}:${account.id}:alarm:${name}`;

const commonOf = (parts: AlarmParts, input: Json, known: Alarm | undefined) => {
  const now = parts.account.world.now();
  const name = String(input.AlarmName);
  return {
    name,
    arn: arnOf(parts.account, name),
    settings: input,
    state: known?.state ?? created(now),
    updatedAt: now,
  };
};

const checkKind = (known: Alarm | undefined, kind: Alarm["kind"]): void => {
  if (known !== undefined && known.kind !== kind)
    throw new AwsError("ValidationError", `An alarm of another type is named ${known.name}.`);
};

export const putMetricAlarm = (parts: AlarmParts, input: Json): Json => {
  checkMetricAlarm(input);
  const known = parts.book.get(String(input.AlarmName));
  checkKind(known, "metric");
  const queryId =
    known?.kind === "metric" ? known.queryId : randomUuid(parts.account.world.random("alarm-ids"));
  const heldUntil = known?.kind === "metric" ? known.heldUntil : 0;
  const common = commonOf(parts, input, known);
  parts.book.set(common.name, { ...common, kind: "metric", heldUntil, queryId });
  parts.start();
  return {};
};

export const putCompositeAlarm = (parts: AlarmParts, input: Json): Json => {
  checkActions(input);
  const names = alarmsOf(parseAlarmRule(String(input.AlarmRule ?? "")));
  if (names.length > MAX_CHILDREN)
    throw new AwsError("ValidationError", `A composite alarm takes at most ${MAX_CHILDREN} alarms.`);
  const needed = [...names, ...(input.ActionsSuppressor === undefined ? [] : [input.ActionsSuppressor])];
  const unknown = needed.filter((name) => findAlarm(parts.book, name) === undefined);
  if (unknown.length > 0)
    throw new AwsError(
      "ValidationError",
      `Could not save the composite alarm as alarms [${unknown.join(", ")}] in the alarm rule do not exist`,
    );
  const known = parts.book.get(String(input.AlarmName));
  checkKind(known, "composite");
  const alarm: CompositeAlarm = { ...commonOf(parts, input, known), kind: "composite" };
  parts.book.set(alarm.name, alarm);
  parts.changes.evaluate(alarm, undefined);
  return {};
};

const isWanted = (alarm: Alarm, input: Json): boolean =>
  (input.AlarmNames === undefined || input.AlarmNames.includes(alarm.name)) &&
  (input.AlarmNamePrefix === undefined || alarm.name.startsWith(input.AlarmNamePrefix)) &&
  (input.StateValue === undefined || alarm.state.value === input.StateValue) &&
  (input.ActionPrefix === undefined ||
    (alarm.settings.AlarmActions ?? []).some((arn: string) => arn.startsWith(input.ActionPrefix)));

const shapeOf = (alarm: Alarm): Json => ({
  ActionsEnabled: true,
  OKActions: [],
  AlarmActions: [],
  InsufficientDataActions: [],
  ...(alarm.kind === "metric" && alarm.settings.Metrics === undefined && { Dimensions: [] }),
  ...alarm.settings,
  Tags: undefined,
  AlarmArn: alarm.arn,
  AlarmConfigurationUpdatedTimestamp: alarm.updatedAt / 1000,
  StateValue: alarm.state.value,
  StateReason: alarm.state.reason,
  StateReasonData: alarm.state.reasonData,
  StateUpdatedTimestamp: alarm.state.at / 1000,
  StateTransitionedTimestamp: alarm.state.at / 1000,
  ActionsSuppressedBy: alarm.state.suppressedBy,
  ActionsSuppressedReason: alarm.state.suppressedBy && `Actions suppressed by ${alarm.state.suppressedBy}`,
});

/** Only metric alarms unless AlarmTypes asks for composites, as the API model says. */
const describeAlarms = (book: AlarmBook, input: Json): Json => {
  const types: string[] = input.AlarmTypes ?? ["MetricAlarm"];
  const typeOf = (alarm: Alarm) => (alarm.kind === "metric" ? "MetricAlarm" : "CompositeAlarm");
  const wanted = [...book.values()]
    .filter((alarm) => types.includes(typeOf(alarm)) && isWanted(alarm, input))
    .sort((left, right) => (left.name < right.name ? -1 : 1));
  const from = Number(input.NextToken ?? 0);
  const limit = Math.min(Number(input.MaxRecords ?? MAX_RECORDS), MAX_RECORDS);
  const page = wanted.slice(from, from + limit);
  const shapes = (kind: Alarm["kind"]) => page.filter((alarm) => alarm.kind === kind).map(shapeOf);
  return {
    MetricAlarms: shapes("metric"),
    CompositeAlarms: shapes("composite"),
    ...(wanted.length > from + limit && { NextToken: String(from + limit) }),
  };
};

const setAlarmState = (parts: AlarmParts, input: Json): Json => {
  const alarm = parts.book.get(String(input.AlarmName));
  if (alarm === undefined)
    throw new AwsError("ResourceNotFound", `Alarm ${input.AlarmName} does not exist`, 404);
  const value = VALUES.find((known) => known === input.StateValue);
  if (value === undefined) throw new AwsError("ValidationError", `Invalid state '${input.StateValue}'.`);
  const now = parts.account.world.now();
  if (alarm.kind === "metric") alarm.heldUntil = now + HOLD_MS;
  const reasonData = input.StateReasonData && { reasonData: String(input.StateReasonData) };
  parts.changes.to(alarm, { value, reason: String(input.StateReason), ...reasonData, at: now });
  return {};
};

const deleteAlarms = (book: AlarmBook, input: Json): Json => {
  const names: string[] = input.AlarmNames ?? [];
  if (names.length > MAX_DELETED) throw new AwsError("ValidationError", `At most ${MAX_DELETED} alarms.`);
  const missing = names.filter((name) => !book.has(name));
  if (missing.length > 0)
    throw new AwsError("ResourceNotFound", `Unknown alarms: ${missing.join(", ")}`, 404);
  for (const name of names) book.delete(name);
  return {};
};

const enableActions = (book: AlarmBook, input: Json, isEnabled: boolean): Json => {
  for (const name of input.AlarmNames ?? []) {
    const alarm = book.get(name);
    if (alarm !== undefined) alarm.settings = { ...alarm.settings, ActionsEnabled: isEnabled };
  }
  return {};
};

export const alarmOperations = (parts: AlarmParts): Record<string, Operation> => {
  const onNamed = (action: string) => (input: Json) => {
    const names: string[] = input.AlarmNames ?? (input.AlarmName === undefined ? ["*"] : [input.AlarmName]);
    return names.map((name) => ({ action, resource: arnOf(parts.account, name) }));
  };
  const operation = (name: string, run: (input: Json) => Json): Record<string, Operation> => ({
    [name]: { needs: onNamed(`cloudwatch:${name}`), run },
  });
  return {
    ...operation("PutMetricAlarm", (input) => putMetricAlarm(parts, input)),
    ...operation("PutCompositeAlarm", (input) => putCompositeAlarm(parts, input)),
    ...operation("DescribeAlarms", (input) => describeAlarms(parts.book, input)),
    ...operation("SetAlarmState", (input) => setAlarmState(parts, input)),
    ...operation("DeleteAlarms", (input) => deleteAlarms(parts.book, input)),
    ...operation("EnableAlarmActions", (input) => enableActions(parts.book, input, true)),
    ...operation("DisableAlarmActions", (input) => enableActions(parts.book, input, false)),
  };
};
