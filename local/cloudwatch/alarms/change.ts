/** An alarm's change of state and all that follows: the event, the actions, composites, suppression. */
import type { Account } from "../../account.ts";
import { runActions } from "./actions.ts";
import {
  type Alarm,
  type AlarmBook,
  type AlarmMoment,
  type AlarmValue,
  type CompositeAlarm,
  findAlarm,
  type SuppressedBy,
} from "./alarm.ts";
import { stateChangeDetail } from "./event.ts";
import { alarmsOf, parseAlarmRule, ruleHolds } from "./rule.ts";
import { alarmTime, longTime } from "./wording.ts";

export type AlarmChanges = {
  /** Moves an alarm; nothing happens when the value stays. */
  to(alarm: Alarm, next: Omit<AlarmMoment, "suppressedBy">): void;
  /** Computes a composite's state; `because` is the child that changed, undefined at creation. */
  evaluate(alarm: CompositeAlarm, because: Alarm | undefined): void;
};

const secondsOf = (value: unknown): number => Number(value ?? 0) * 1000;

const triggeringData = (alarms: readonly Alarm[]): string =>
  JSON.stringify({
    triggeringAlarms: alarms.map(({ arn, state }) => ({
      arn,
      state: { value: state.value, timestamp: alarmTime(state.at) },
    })),
  });

export const createAlarmChanges = (account: Account, book: AlarmBook): AlarmChanges => {
  const suppressorOf = (alarm: CompositeAlarm): Alarm | undefined =>
    alarm.settings.ActionsSuppressor && findAlarm(book, alarm.settings.ActionsSuppressor);

  /** When the extension after the suppressor's end is over. */
  const extendedUntil = (alarm: CompositeAlarm): number =>
    (alarm.suppressorEndedAt ?? Number.NEGATIVE_INFINITY) +
    secondsOf(alarm.settings.ActionsSuppressorExtensionPeriod);

  const suppressionAtChange = (alarm: Alarm, now: number): SuppressedBy | undefined => {
    if (alarm.kind === "metric" || suppressorOf(alarm) === undefined) return undefined;
    if (suppressorOf(alarm)?.state.value === "ALARM") return "Alarm";
    if (now < extendedUntil(alarm)) return "ExtensionPeriod";
    return secondsOf(alarm.settings.ActionsSuppressorWaitPeriod) > 0 ? "WaitPeriod" : undefined;
  };

  /** Takes on a moment, says so, and acts unless actions are suppressed. */
  const enter = (alarm: Alarm, next: AlarmMoment): void => {
    const previous = alarm.state;
    alarm.state = next;
    account.events.emit({
      source: "aws.cloudwatch",
      detailType: "CloudWatch Alarm State Change",
      resources: [alarm.arn],
      detail: stateChangeDetail(alarm, previous),
    });
    if (next.suppressedBy === undefined) runActions(account, alarm, previous);
    else if (alarm.kind === "composite") endSuppressionLater(alarm, next);
  };

  const resuppress = (alarm: CompositeAlarm, suppressedBy: SuppressedBy | undefined): void => {
    const { suppressedBy: _, ...rest } = alarm.state;
    enter(alarm, { ...rest, at: account.world.now(), ...(suppressedBy && { suppressedBy }) });
  };

  const endSuppressionLater = (alarm: CompositeAlarm, moment: AlarmMoment): void => {
    if (moment.suppressedBy === "Alarm") return;
    const endsAt =
      moment.suppressedBy === "WaitPeriod"
        ? moment.at + secondsOf(alarm.settings.ActionsSuppressorWaitPeriod)
        : extendedUntil(alarm);
    account.world.at(endsAt, `alarm ${alarm.name}: suppression ends`, () => {
      if (alarm.state === moment && book.get(alarm.name) === alarm) resuppress(alarm, undefined);
    });
  };

  const suppressorChanged = (alarm: CompositeAlarm, previous: AlarmValue, value: AlarmValue): void => {
    if (previous === "ALARM" && value !== "ALARM") alarm.suppressorEndedAt = account.world.now();
    const { suppressedBy } = alarm.state;
    if (suppressedBy === undefined) return;
    if (value === "ALARM" && suppressedBy !== "Alarm") resuppress(alarm, "Alarm");
    if (value !== "ALARM" && suppressedBy === "Alarm")
      resuppress(alarm, extendedUntil(alarm) > account.world.now() ? "ExtensionPeriod" : undefined);
  };

  const spread = (changed: Alarm, previous: AlarmValue): void => {
    for (const alarm of book.values()) {
      if (alarm.kind !== "composite" || alarm === changed) continue;
      if (suppressorOf(alarm) === changed) suppressorChanged(alarm, previous, changed.state.value);
      const children = alarmsOf(parseAlarmRule(alarm.settings.AlarmRule));
      if (children.some((child) => findAlarm(book, child) === changed)) evaluate(alarm, changed);
    }
  };

  const to: AlarmChanges["to"] = (alarm, next) => {
    const previous = alarm.state.value;
    if (previous === next.value) return;
    const suppressedBy = suppressionAtChange(alarm, next.at);
    enter(alarm, { ...next, ...(suppressedBy && { suppressedBy }) });
    spread(alarm, previous);
  };

  const evaluate: AlarmChanges["evaluate"] = (alarm, because) => {
    const rule = parseAlarmRule(alarm.settings.AlarmRule);
    const value = ruleHolds(rule, (name) => findAlarm(book, name)?.state.value) ? "ALARM" : "OK";
    const at = account.world.now();
    const children = alarmsOf(rule).flatMap((name) => findAlarm(book, name) ?? []);
    const reason = because
      ? `${because.arn} transitioned to ${because.state.value} at ${longTime(because.state.at)}`
      : `${alarm.arn} was created and its alarm rule evaluates to ${value}`;
    to(alarm, { value, reason, reasonData: triggeringData(because ? [because] : children), at });
  };

  return { to, evaluate };
};
