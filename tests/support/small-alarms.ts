/** Alarms in a small account, and a queue that sees their events. */
import type { Json } from "../../local/account.ts";
import { createSmallAccount, type SmallAccount } from "./small-account.ts";

const SEEN = "arn:aws:sqs:eu-west-1:111122223333:seen";

export const alarm = (more: Json = {}): Json => ({
  AlarmName: "errors",
  Namespace: "AWS/Lambda",
  MetricName: "Errors",
  Dimensions: [{ Name: "FunctionName", Value: "orders" }],
  Statistic: "Sum",
  Period: 60,
  EvaluationPeriods: 1,
  Threshold: 2,
  ComparisonOperator: "GreaterThanThreshold",
  ...more,
});

/** Every alarm event lands in the queue `seen`. */
export const watchedAccount = async (): Promise<SmallAccount> => {
  const account = createSmallAccount();
  const policy = {
    Statement: [{ Effect: "Allow", Principal: { Service: "events.amazonaws.com" }, Action: "sqs:*" }],
  };
  await account.call("sqs", "CreateQueue", {
    QueueName: "seen",
    Attributes: { Policy: JSON.stringify(policy) },
  });
  await account.call("events", "PutRule", { Name: "seen", EventPattern: '{"source":["aws.cloudwatch"]}' });
  await account.call("events", "PutTargets", { Rule: "seen", Targets: [{ Id: "1", Arn: SEEN }] });
  return account;
};

export const eventsSeen = async (account: SmallAccount): Promise<Json[]> => {
  const { Messages = [] } = await account.call("sqs", "ReceiveMessage", {
    QueueUrl: "seen",
    MaxNumberOfMessages: 10,
  });
  await account.call("sqs", "PurgeQueue", { QueueUrl: "seen" });
  return Messages.map((message: Json) => JSON.parse(message.Body));
};

export const putAlarm = (account: SmallAccount, more: Json = {}) =>
  account.call("cloudwatch", "PutMetricAlarm", alarm(more));
export const putComposite = (account: SmallAccount, more: Json) =>
  account.call("cloudwatch", "PutCompositeAlarm", more);
export const setState = (account: SmallAccount, AlarmName: string, StateValue: string) =>
  account.call("cloudwatch", "SetAlarmState", { AlarmName, StateValue, StateReason: "test" });
export const describeAlarm = async (account: SmallAccount, AlarmName: string): Promise<Json> => {
  const AlarmTypes = ["MetricAlarm", "CompositeAlarm"];
  const input = { AlarmNames: [AlarmName], AlarmTypes };
  const { MetricAlarms, CompositeAlarms } = await account.call("cloudwatch", "DescribeAlarms", input);
  return [...MetricAlarms, ...CompositeAlarms][0];
};
