import { expect, test } from "vitest";
import { createSmallAccount } from "../support/small-account.ts";
import {
  describeAlarm,
  eventsSeen,
  putAlarm,
  putComposite,
  setState,
  watchedAccount,
} from "../support/small-alarms.ts";

const MINUTE_MS = 60_000;
const NAMES = ["a", "b", "c"];

test.each([
  ["ALARM(a)", "a"],
  ['ALARM("a") AND NOT ALARM("b")', "a"],
  ["ALARM(a) AND ALARM(b)", ""],
  ["ALARM(b) OR (OK(b) AND TRUE)", ""],
  ["INSUFFICIENT_DATA(b) AND (ALARM(arn:aws:cloudwatch:eu-west-1:111122223333:alarm:a) OR FALSE)", "a"],
  ["NOT (ALARM(a) OR ALARM(b))", "none"],
])("the rule %s follows its children", async (AlarmRule, alarmsWith) => {
  const account = await watchedAccount();
  for (const AlarmName of NAMES) await putAlarm(account, { AlarmName });
  await putComposite(account, { AlarmName: "all", AlarmRule });
  expect(account.cloudwatch.alarmState("all")).toBe(alarmsWith === "none" ? "ALARM" : "OK");
  await setState(account, "a", "ALARM");
  expect(account.cloudwatch.alarmState("all")).toBe(alarmsWith === "a" ? "ALARM" : "OK");
  if (alarmsWith === "a")
    expect((await describeAlarm(account, "all")).StateReason).toMatch(
      /^arn:aws:cloudwatch:.*:alarm:a transitioned to ALARM at Sunday 16 August, 2026 11:56:00 UTC$/,
    );
});

test("a suppressor holds a composite's actions back: first its wait, then its alarm, then its extension", async () => {
  const account = await watchedAccount();
  const { TopicArn } = await account.call("sns", "CreateTopic", { Name: "alarms" });
  await putAlarm(account, { AlarmName: "a", TreatMissingData: "ignore" });
  await putAlarm(account, { AlarmName: "maintenance", TreatMissingData: "ignore" });
  await putComposite(account, {
    AlarmName: "all",
    AlarmRule: "ALARM(a)",
    AlarmActions: [TopicArn],
    ActionsSuppressor: "maintenance",
    ActionsSuppressorWaitPeriod: 120,
    ActionsSuppressorExtensionPeriod: 180,
  });
  await account.pass(1_000);
  await eventsSeen(account);
  await setState(account, "a", "ALARM");
  const suppressedBy = async () => (await describeAlarm(account, "all")).ActionsSuppressedBy;
  expect(await suppressedBy()).toBe("WaitPeriod");
  await account.pass(60_000);
  await setState(account, "maintenance", "ALARM");
  expect(await suppressedBy()).toBe("Alarm");
  await account.pass(10 * MINUTE_MS);
  expect(account.sns.published).toEqual([]);
  await setState(account, "maintenance", "OK");
  expect(await suppressedBy()).toBe("ExtensionPeriod");
  await account.pass(181_000);
  expect(await suppressedBy()).toBeUndefined();
  expect(account.sns.published).toHaveLength(1);
  const details = (await eventsSeen(account))
    .map(({ detail }) => detail)
    .filter(({ alarmName }) => alarmName === "all");
  expect(details.map(({ state }) => state.actionsSuppressedBy)).toEqual([
    "WaitPeriod",
    "Alarm",
    "ExtensionPeriod",
    undefined,
  ]);
  expect(details[0].state.actionsSuppressedReason).toBe("Actions suppressed by WaitPeriod");
  expect(details[0].configuration).toEqual({
    alarmRule: "ALARM(a)",
    actionsSuppressor: "maintenance",
    actionsSuppressorWaitPeriod: 120,
    actionsSuppressorExtensionPeriod: 180,
  });
  expect(JSON.parse(details[0].state.reasonData).triggeringAlarms[0]).toMatchObject({
    state: { value: "ALARM" },
  });
});

test("a wait that no suppressor ends runs the actions late", async () => {
  const account = await watchedAccount();
  const { TopicArn } = await account.call("sns", "CreateTopic", { Name: "alarms" });
  for (const AlarmName of ["a", "maintenance"])
    await putAlarm(account, { AlarmName, TreatMissingData: "ignore" });
  const suppressor = {
    ActionsSuppressor: "maintenance",
    ActionsSuppressorWaitPeriod: 60,
    ActionsSuppressorExtensionPeriod: 60,
  };
  await putComposite(account, {
    AlarmName: "all",
    AlarmRule: "ALARM(a)",
    AlarmActions: [TopicArn],
    ...suppressor,
  });
  await setState(account, "a", "ALARM");
  await account.pass(59_000);
  expect(account.sns.published).toHaveLength(0);
  await account.pass(2_000);
  expect(account.sns.published).toHaveLength(1);
});

test.each(["ALARM(gone)", "ALARM(a", "MAYBE(a)", "ALARM(a) ALARM(a)", ""])(
  "the composite rule '%s' is refused",
  async (AlarmRule) => {
    const account = createSmallAccount();
    await putAlarm(account, { AlarmName: "a" });
    expect(await account.refused("cloudwatch", "PutCompositeAlarm", { AlarmName: "all", AlarmRule })).toBe(
      "ValidationError",
    );
  },
);
