import { readFileSync } from "node:fs";
import fc from "fast-check";
import { expect, test } from "vitest";
import type { Json } from "../../local/account.ts";
import { decide } from "../../local/cloudwatch/alarms/decide.ts";
import { createSmallAccount, START_AT } from "../support/small-account.ts";
import {
  alarm,
  describeAlarm,
  eventsSeen,
  putAlarm,
  putComposite,
  setState,
  watchedAccount,
} from "../support/small-alarms.ts";

const MINUTE_MS = 60_000;
const ERRORS = { namespace: "AWS/Lambda", name: "Errors", dimensions: { FunctionName: "orders" } };

const marks = (text: string): (boolean | undefined)[] =>
  text.split(" ").map((mark) => (mark === "-" ? undefined : mark === "X"));

const TREATMENTS = ["missing", "ignore", "breaching", "notBreaching"] as const;
const KEEP = "INSUFFICIENT_DATA";

test.each([
  ["0 - X - X", 3, ["OK", "OK", "OK", "OK"]],
  ["0 - - - -", 3, ["OK", "OK", "OK", "OK"]],
  ["- - - - -", 3, ["INSUFFICIENT_DATA", KEEP, "ALARM", "OK"]],
  ["0 X X - X", 3, ["ALARM", "ALARM", "ALARM", "ALARM"]],
  ["- - - - X", 3, ["INSUFFICIENT_DATA", KEEP, "ALARM", "OK"]],
  ["X - - - -", 3, ["ALARM", KEEP, "ALARM", "OK"]],
  ["- - X - -", 3, ["ALARM", KEEP, "ALARM", "OK"]],
  ["0 - X - X", 2, ["ALARM", "ALARM", "ALARM", "ALARM"]],
  ["0 0 X 0 X", 2, ["ALARM", "ALARM", "ALARM", "ALARM"]],
  ["0 - X - -", 2, ["OK", "OK", "ALARM", "OK"]],
  ["- - - - 0", 2, ["OK", "OK", "ALARM", "OK"]],
  ["- - - - X", 2, ["INSUFFICIENT_DATA", KEEP, "ALARM", "OK"]],
])("the user guide's table: %s with %i of 3 to alarm", (points, datapointsToAlarm, expected) => {
  const states = TREATMENTS.map((treatMissingData) =>
    decide(marks(points), { evaluationPeriods: 3, datapointsToAlarm, treatMissingData }, KEEP),
  );
  expect(states).toEqual(expected);
});

const POINT = fc.constantFrom(true, false, undefined);

test("without missing points only the newest N count, and M of them breaching are an alarm", () => {
  fc.assert(
    fc.property(
      fc.array(fc.boolean(), { minLength: 5, maxLength: 12 }),
      fc.integer({ min: 1, max: 5 }),
      fc.integer({ min: 1, max: 5 }),
      fc.constantFrom(...TREATMENTS),
      (points, needed, periods, treatMissingData) => {
        fc.pre(needed <= periods);
        const rule = { evaluationPeriods: periods, datapointsToAlarm: needed, treatMissingData };
        const isAlarm = points.slice(-periods).filter(Boolean).length >= needed;
        expect(decide(points, rule, "OK")).toBe(isAlarm ? "ALARM" : "OK");
      },
    ),
  );
});

test("a further breaching point never mends an alarm, whatever is missing", () => {
  fc.assert(
    fc.property(
      fc.array(POINT, { minLength: 5, maxLength: 5 }),
      fc.nat(4),
      fc.constantFrom("breaching", "notBreaching"),
      (points, at, treatMissingData) => {
        fc.pre(points[at] === false);
        const rule = {
          evaluationPeriods: 3,
          datapointsToAlarm: 2,
          treatMissingData: treatMissingData as "breaching",
        };
        const worse = points.with(at, true);
        if (decide(points, rule, "OK") === "ALARM") expect(decide(worse, rule, "OK")).toBe("ALARM");
      },
    ),
  );
});

test("an alarm rises at the next evaluation after its bad minute and falls after a good one, with events in the sample's shape", async () => {
  const account = await watchedAccount();
  await putAlarm(account, { AlarmDescription: "too many errors", TreatMissingData: "notBreaching" });
  await account.pass(MINUTE_MS);
  expect((await eventsSeen(account))[0].detail).toMatchObject({
    previousState: { value: "INSUFFICIENT_DATA", reason: "Unchecked: Initial alarm creation" },
    state: { value: "OK" },
  });
  account.cloudwatch.record(ERRORS, START_AT + MINUTE_MS + 1_000, 1, 5);
  await account.pass(MINUTE_MS);
  expect(account.cloudwatch.alarmState("errors")).toBe("OK");
  await account.pass(51_000);
  const [event] = await eventsSeen(account);
  const changedAt = new Date(START_AT + 2 * MINUTE_MS + 50_000).toISOString();
  expect(event).toMatchObject({
    source: "aws.cloudwatch",
    "detail-type": "CloudWatch Alarm State Change",
    time: `${changedAt.slice(0, 19)}Z`,
    resources: ["arn:aws:cloudwatch:eu-west-1:111122223333:alarm:errors"],
    detail: {
      alarmName: "errors",
      configuration: {
        description: "too many errors",
        metrics: [
          {
            metricStat: {
              metric: { dimensions: { FunctionName: "orders" }, name: "Errors", namespace: "AWS/Lambda" },
              period: 60,
              stat: "Sum",
            },
            returnData: true,
          },
        ],
      },
      previousState: { value: "OK" },
      state: {
        value: "ALARM",
        reason:
          "Threshold Crossed: 1 out of the last 1 datapoints [5.0 (16/08/26 11:57:00)] was greater than the threshold (2.0) (minimum 1 datapoint for OK -> ALARM transition).",
        timestamp: changedAt.replace("Z", "+0000"),
      },
    },
  });
  expect(event.detail.state.reasonData).toContain('"recentDatapoints":[5.0],"threshold":2.0}');
  expect(JSON.parse(event.detail.state.reasonData)).toMatchObject({
    version: "1.0",
    statistic: "Sum",
    period: 60,
  });
  account.cloudwatch.record(ERRORS, account.world.now(), 0);
  await account.pass(2 * MINUTE_MS);
  expect(account.cloudwatch.alarmState("errors")).toBe("OK");
});

test("the event's keys are those of AWS's sample", async () => {
  const account = await watchedAccount();
  await putAlarm(account);
  await setState(account, "errors", "ALARM");
  await account.pass(1_000);
  const [event] = await eventsSeen(account);
  const keys = (value: Json): Json =>
    typeof value === "object" && value !== null && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, keys(inner)]))
      : Array.isArray(value) && typeof value[0] === "object"
        ? value.map(keys)
        : typeof value;
  const sample = JSON.parse(
    readFileSync("tests/fixtures/events/cloudwatch-alarm-state-change.metric.json", "utf8"),
  );
  sample.detail.configuration.metrics[0].metricStat.metric.dimensions = { FunctionName: "x" };
  for (const state of [sample.detail.state, sample.detail.previousState]) delete state.reasonData;
  delete sample.detail.configuration.description;
  expect(keys(event)).toEqual(keys(sample));
});

test("metric math over two metrics, two of three minutes, is an alarm", async () => {
  const account = await watchedAccount();
  const stat = (Id: string, MetricName: string) => ({
    Id,
    MetricStat: { Metric: { Namespace: "AWS/Lambda", MetricName, Dimensions: [] }, Period: 60, Stat: "Sum" },
    ReturnData: false,
  });
  await account.call("cloudwatch", "PutMetricAlarm", {
    AlarmName: "rate",
    EvaluationPeriods: 3,
    DatapointsToAlarm: 2,
    Threshold: 5,
    ComparisonOperator: "GreaterThanOrEqualToThreshold",
    Metrics: [
      stat("e", "Errors"),
      stat("i", "Invocations"),
      { Id: "r", Expression: "100 * FILL(e, 0) / i", Label: "rate" },
    ],
  });
  const minute = (index: number, errors: number) => {
    const at = START_AT + index * MINUTE_MS;
    const series = { namespace: "AWS/Lambda", dimensions: {} };
    account.cloudwatch.record({ ...series, name: "Invocations" }, at, 1, 100);
    if (errors > 0) account.cloudwatch.record({ ...series, name: "Errors" }, at, 1, errors);
  };
  const states: (string | undefined)[] = [];
  for (const [index, errors] of [0, 5, 0, 5, 0, 0, 0].entries()) {
    minute(index, errors);
    await account.world.advanceTo(START_AT + (index + 1) * MINUTE_MS + 50_000);
    states.push(account.cloudwatch.alarmState("rate"));
  }
  expect(states).toEqual(["OK", "OK", "OK", "ALARM", "OK", "OK", "OK"]);
});

test("SetAlarmState holds for an evaluation interval, then the data decide again", async () => {
  const account = await watchedAccount();
  await putAlarm(account, { TreatMissingData: "notBreaching" });
  await account.pass(MINUTE_MS);
  await setState(account, "errors", "ALARM");
  await account.pass(59_000);
  expect(account.cloudwatch.alarmState("errors")).toBe("ALARM");
  await account.pass(MINUTE_MS);
  expect(account.cloudwatch.alarmState("errors")).toBe("OK");
});

test("a percentile alarm that ignores low sample counts keeps its state", async () => {
  const account = await watchedAccount();
  const settings = { Statistic: undefined, ExtendedStatistic: "p90", TreatMissingData: "notBreaching" };
  await putAlarm(account, { ...settings, AlarmName: "ignores", EvaluateLowSampleCountPercentile: "ignore" });
  await putAlarm(account, { ...settings, AlarmName: "evaluates" });
  account.cloudwatch.record(ERRORS, START_AT, 9, 50);
  await account.pass(2 * MINUTE_MS);
  expect(account.cloudwatch.alarmState("evaluates")).toBe("ALARM");
  expect(account.cloudwatch.alarmState("ignores")).toBe("INSUFFICIENT_DATA");
  account.cloudwatch.record(ERRORS, account.world.now(), 9, 100);
  await account.pass(2 * MINUTE_MS);
  expect(account.cloudwatch.alarmState("ignores")).toBe("ALARM");
});

test("actions tell a topic and call a function, unless they are switched off", async () => {
  const account = await watchedAccount();
  const { TopicArn } = await account.call("sns", "CreateTopic", { Name: "alarms" });
  const arn = "arn:aws:lambda:eu-west-1:111122223333:function:route:live";
  await putAlarm(account, {
    AlarmActions: [TopicArn, arn, "arn:aws:sns:eu-west-1:111122223333:gone"],
    AlarmDescription: "d",
  });
  await setState(account, "errors", "ALARM");
  expect(account.sns.published[0]?.subject).toBe('ALARM: "errors" in EU (Ireland)');
  expect(JSON.parse(account.sns.published[0]?.message ?? "")).toMatchObject({
    AlarmName: "errors",
    AlarmDescription: "d",
    AWSAccountId: "111122223333",
    NewStateValue: "ALARM",
    OldStateValue: "INSUFFICIENT_DATA",
    Region: "EU (Ireland)",
    Trigger: {
      MetricName: "Errors",
      Statistic: "SUM",
      Dimensions: [{ name: "FunctionName", value: "orders" }],
      Period: 60,
      Threshold: 2,
    },
  });
  expect(account.lambda.asyncCalls[0]?.event).toMatchObject({
    source: "aws.cloudwatch",
    accountId: "111122223333",
    alarmData: {
      alarmName: "errors",
      state: { value: "ALARM" },
      previousState: { value: "INSUFFICIENT_DATA" },
    },
  });
  await account.call("cloudwatch", "DisableAlarmActions", { AlarmNames: ["errors"] });
  await setState(account, "errors", "OK");
  await setState(account, "errors", "ALARM");
  expect(account.sns.published).toHaveLength(1);
});

test.each([
  ["an unknown operator", { ComparisonOperator: "Near" }],
  ["more points to alarm than periods", { DatapointsToAlarm: 2 }],
  ["a range over a day", { EvaluationPeriods: 1441 }],
  ["an absolute trimmed count", { Statistic: undefined, ExtendedStatistic: "TC(:100)" }],
  ["two statistics", { ExtendedStatistic: "p90" }],
  ["an unknown treatment", { TreatMissingData: "guess" }],
  ["six actions", { AlarmActions: ["1", "2", "3", "4", "5", "6"] }],
  ["no threshold", { Threshold: undefined }],
  ["no name", { AlarmName: "" }],
])("a metric alarm with %s is refused", async (_what, more) => {
  const account = createSmallAccount();
  expect(await account.refused("cloudwatch", "PutMetricAlarm", alarm(more))).toBe("ValidationError");
});

test("DescribeAlarms gives composites only when asked, by name, prefix and state", async () => {
  const account = await watchedAccount();
  for (const AlarmName of ["a1", "a2", "b1"]) await putAlarm(account, { AlarmName });
  await putComposite(account, { AlarmName: "all", AlarmRule: "ALARM(a1)" });
  await setState(account, "a2", "ALARM");
  const names = async (input: Json) => {
    const { MetricAlarms, CompositeAlarms } = await account.call("cloudwatch", "DescribeAlarms", input);
    return [...MetricAlarms, ...CompositeAlarms].map(({ AlarmName }) => AlarmName);
  };
  expect(await names({})).toEqual(["a1", "a2", "b1"]);
  expect(await names({ AlarmTypes: ["CompositeAlarm"] })).toEqual(["all"]);
  expect(await names({ AlarmNamePrefix: "a" })).toEqual(["a1", "a2"]);
  expect(await names({ StateValue: "ALARM" })).toEqual(["a2"]);
  await account.call("cloudwatch", "DeleteAlarms", { AlarmNames: ["a1"] });
  expect(await names({})).toEqual(["a2", "b1"]);
  expect(await account.refused("cloudwatch", "DeleteAlarms", { AlarmNames: ["a1"] })).toBe(
    "ResourceNotFound",
  );
  expect(
    await account.refused("cloudwatch", "SetAlarmState", {
      AlarmName: "a1",
      StateValue: "OK",
      StateReason: "",
    }),
  ).toBe("ResourceNotFound");
});

test("CloudFormation makes alarms, numbers given as text included", async () => {
  const account = createSmallAccount();
  const { AlarmName: _, ...properties } = alarm({ Threshold: "2", Period: "60", EvaluationPeriods: "1" });
  const made = await account.make("AWS::CloudWatch::Alarm", properties, "Errors");
  expect(made.attributes.Arn).toBe(`arn:aws:cloudwatch:eu-west-1:111122223333:alarm:${made.ref}`);
  expect(await describeAlarm(account, made.ref)).toMatchObject({
    Threshold: 2,
    Period: 60,
    StateValue: "INSUFFICIENT_DATA",
  });
  const both = await account.make(
    "AWS::CloudWatch::CompositeAlarm",
    { AlarmRule: `ALARM("${made.ref}")` },
    "Both",
  );
  expect(account.cloudwatch.alarmState(both.ref)).toBe("OK");
});
