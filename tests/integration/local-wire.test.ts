import {
  CloudWatchClient,
  DescribeAlarmsCommand,
  GetMetricDataCommand,
  PutMetricAlarmCommand,
  PutMetricDataCommand,
} from "@aws-sdk/client-cloudwatch";
import {
  CodeDeployClient,
  CreateDeploymentCommand,
  DeploymentDoesNotExistException,
  GetDeploymentCommand,
  GetDeploymentTargetCommand,
  ListDeploymentTargetsCommand,
} from "@aws-sdk/client-codedeploy";
import {
  CreateTopicCommand,
  GetTopicAttributesCommand,
  ListSubscriptionsByTopicCommand,
  ListTopicsCommand,
  NotFoundException,
  PublishBatchCommand,
  PublishCommand,
  SNSClient,
  SubscribeCommand,
} from "@aws-sdk/client-sns";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type AccountServer, serve } from "../../local/server.ts";
import { type SmallAccount, START_AT } from "../support/small-account.ts";
import { appSpec, GROUP, ordersAccount, revision } from "../support/small-deployment.ts";

let account: SmallAccount;
let server: AccountServer;

const settings = () => ({
  endpoint: server.endpoint,
  region: "eu-west-1",
  credentials: { accessKeyId: "a", secretAccessKey: "b" },
});

beforeAll(async () => {
  account = await ordersAccount();
  server = await serve(account, account.services, 0);
  account.endpoint = server.endpoint;
});
afterAll(() => server.close());

test("the SDK reads a deployment, its target and a typed error", async () => {
  const client = new CodeDeployClient(settings());
  const input = { ...GROUP, revision: revision(appSpec("1", "2")) };
  const { deploymentId } = await client.send(new CreateDeploymentCommand(input));
  await account.pass(10_000);
  const { deploymentInfo } = await client.send(new GetDeploymentCommand({ deploymentId }));
  expect(deploymentInfo).toMatchObject({
    deploymentId,
    status: "InProgress",
    createTime: new Date(START_AT),
  });
  const { targetIds } = await client.send(new ListDeploymentTargetsCommand({ deploymentId }));
  const target = { deploymentId, targetId: targetIds?.[0] };
  const { deploymentTarget } = await client.send(new GetDeploymentTargetCommand(target));
  expect(deploymentTarget?.lambdaTarget?.lifecycleEvents?.[0]?.startTime).toBeInstanceOf(Date);
  await expect(client.send(new GetDeploymentCommand({ deploymentId: "d-ABCDEFGHI" }))).rejects.toBeInstanceOf(
    DeploymentDoesNotExistException,
  );
});

test("the SDK writes metrics, a large and zipped lot too, and reads them and an alarm back", async () => {
  const client = new CloudWatchClient(settings());
  const MetricData = Array.from({ length: 500 }, (_, index) => ({
    MetricName: "Size",
    Value: index,
    Timestamp: new Date(START_AT),
  }));
  await client.send(new PutMetricDataCommand({ Namespace: "Mine", MetricData }));
  await account.pass(60_000);
  const Metric = { Namespace: "Mine", MetricName: "Size" };
  const answer = await client.send(
    new GetMetricDataCommand({
      StartTime: new Date(START_AT),
      EndTime: new Date(START_AT + 60_000),
      MetricDataQueries: [{ Id: "p", MetricStat: { Metric, Period: 60, Stat: "TC(99:199)" } }],
    }),
  );
  expect(answer.MetricDataResults).toMatchObject([
    { Id: "p", Values: [100], Timestamps: [new Date(START_AT)] },
  ]);
  const alarm = {
    AlarmName: "size",
    ...Metric,
    Statistic: "Maximum" as const,
    Period: 60,
    EvaluationPeriods: 1,
  };
  const rule = { Threshold: 400, ComparisonOperator: "GreaterThanThreshold" as const };
  await client.send(new PutMetricAlarmCommand({ ...alarm, ...rule }));
  await account.pass(60_000);
  const { MetricAlarms } = await client.send(new DescribeAlarmsCommand({ AlarmNames: ["size"] }));
  expect(MetricAlarms).toMatchObject([
    { AlarmName: "size", StateValue: "ALARM", StateUpdatedTimestamp: expect.any(Date) },
  ]);
});

test("the SDK's lists, maps and errors of SNS go through the query protocol", async () => {
  const client = new SNSClient(settings());
  const { TopicArn } = await client.send(
    new CreateTopicCommand({ Name: "wire", Attributes: { DisplayName: "W & Co" } }),
  );
  const queue = "arn:aws:sqs:eu-west-1:111122223333:seen";
  const Attributes = { RawMessageDelivery: "true" };
  await client.send(new SubscribeCommand({ TopicArn, Protocol: "sqs", Endpoint: queue, Attributes }));
  const MessageAttributes = { severity: { DataType: "String", StringValue: "high" } };
  await client.send(new PublishCommand({ TopicArn, Subject: "S", Message: "m & é <1>", MessageAttributes }));
  expect(account.sns.published.at(-1)).toMatchObject({
    message: "m & é <1>",
    attributes: { severity: "high" },
  });
  const PublishBatchRequestEntries = [
    { Id: "1", Message: "a" },
    { Id: "2", Message: "b" },
  ];
  const { Successful } = await client.send(new PublishBatchCommand({ TopicArn, PublishBatchRequestEntries }));
  expect(Successful?.map(({ Id }) => Id)).toEqual(["1", "2"]);
  const topic = await client.send(new GetTopicAttributesCommand({ TopicArn }));
  expect(topic.Attributes).toMatchObject({ DisplayName: "W & Co", TopicArn });
  expect((await client.send(new ListTopicsCommand({}))).Topics).toEqual([{ TopicArn }]);
  const { Subscriptions } = await client.send(new ListSubscriptionsByTopicCommand({ TopicArn }));
  expect(Subscriptions).toMatchObject([{ Endpoint: queue, Protocol: "sqs" }]);
  const gone = new PublishCommand({ TopicArn: `${TopicArn}-gone`, Message: "m" });
  await expect(client.send(gone)).rejects.toBeInstanceOf(NotFoundException);
});
