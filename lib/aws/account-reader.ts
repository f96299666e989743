/** Reads what a checkup looks at. Each call is tried twice and cut after 4.5 s: none takes longer than 10 s. */
import {
  CloudWatchClient,
  DescribeAlarmsCommand,
  type DescribeAlarmsCommandOutput,
  GetMetricDataCommand,
  paginateDescribeAlarms,
} from "@aws-sdk/client-cloudwatch";
import {
  CodeDeployClient,
  GetDeploymentGroupCommand,
  paginateListApplications,
  paginateListDeploymentGroups,
} from "@aws-sdk/client-codedeploy";
import { DescribeTableCommand, DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { DescribeRuleCommand, EventBridgeClient } from "@aws-sdk/client-eventbridge";
import { IAMClient, SimulatePrincipalPolicyCommand } from "@aws-sdk/client-iam";
import { paginateListSubscriptionsByTopic, SNSClient } from "@aws-sdk/client-sns";
import { GetParameterCommand, SSMClient } from "@aws-sdk/client-ssm";
import type { GroupName, GroupSeen } from "../checkup/seen.ts";
import type { AccountReader, MetricName } from "../ports/account-reader.ts";
import { reach, reachUnless } from "./failure.ts";

const settings = {
  maxAttempts: 2,
  requestHandler: { connectionTimeout: 1_000, requestTimeout: 4_500, throwOnRequestTimeout: true },
} as const;
/** DescribeAlarms takes this many names. */
const NAMES_MAX = 100;
const PERIOD_SECONDS = 60;

const groupsOf = async (client: CodeDeployClient): Promise<readonly GroupName[]> => {
  const found: GroupName[] = [];
  for await (const page of paginateListApplications({ client }, {}))
    for (const application of page.applications ?? [])
      for await (const inner of paginateListDeploymentGroups({ client }, { applicationName: application }))
        for (const group of inner.deploymentGroups ?? []) found.push({ application, group });
  return found;
};

const groupOf = async (client: CodeDeployClient, name: GroupName): Promise<GroupSeen> => {
  const { deploymentGroupInfo: info } = await client.send(
    new GetDeploymentGroupCommand({ applicationName: name.application, deploymentGroupName: name.group }),
  );
  const { autoRollbackConfiguration: rollback, alarmConfiguration: alarms } = info ?? {};
  const last = info?.lastAttemptedDeployment?.deploymentId;
  return {
    ...name,
    serviceRoleArn: info?.serviceRoleArn ?? "",
    deploymentConfig: info?.deploymentConfigName ?? "",
    isLambda: info?.computePlatform === "Lambda",
    rollbackEvents: rollback?.enabled === true ? (rollback.events ?? []) : [],
    alarms: {
      isEnabled: alarms?.enabled === true,
      ignoresPollFailure: alarms?.ignorePollAlarmFailure === true,
      names: (alarms?.alarms ?? []).flatMap(({ name: alarm }) => alarm ?? []),
    },
    ...(last !== undefined && { lastDeploymentId: last }),
  };
};

const ALARM_TYPES: ("MetricAlarm" | "CompositeAlarm")[] = ["MetricAlarm", "CompositeAlarm"];

type Alarms = Pick<DescribeAlarmsCommandOutput, "MetricAlarms" | "CompositeAlarms">;

const seenIn = ({ MetricAlarms = [], CompositeAlarms = [] }: Alarms) =>
  [...MetricAlarms, ...CompositeAlarms].map((alarm) => ({
    name: alarm.AlarmName ?? "",
    state: alarm.StateValue ?? "",
    stateSince: alarm.StateUpdatedTimestamp?.getTime() ?? 0,
    hasActionsEnabled: alarm.ActionsEnabled === true,
  }));

const alarmsOf = async (client: CloudWatchClient, names: readonly string[]) => {
  const answer = await client.send(
    new DescribeAlarmsCommand({
      AlarmNames: [...names],
      AlarmTypes: ALARM_TYPES,
      MaxRecords: NAMES_MAX,
    }),
  );
  return seenIn(answer);
};

const alarmsLike = async (client: CloudWatchClient, prefix: string) => {
  const seen = [];
  for await (const page of paginateDescribeAlarms(
    { client },
    { AlarmNamePrefix: prefix, AlarmTypes: ALARM_TYPES },
  ))
    seen.push(...seenIn(page));
  return seen;
};

const sumOf = async (client: CloudWatchClient, metric: MetricName, from: number, to: number) => {
  const { MetricDataResults } = await client.send(
    new GetMetricDataCommand({
      StartTime: new Date(from),
      EndTime: new Date(to),
      MetricDataQueries: [
        {
          Id: "sum",
          MetricStat: {
            Stat: "Sum",
            Period: PERIOD_SECONDS,
            Metric: {
              Namespace: metric.namespace,
              MetricName: metric.name,
              Dimensions: [{ Name: metric.dimension.name, Value: metric.dimension.value }],
            },
          },
        },
      ],
    }),
  );
  return (MetricDataResults?.[0]?.Values ?? []).reduce((sum, value) => sum + value, 0);
};

const subscriptionsOf = async (client: SNSClient, topicArn: string) => {
  const seen = { confirmed: 0, pending: 0 };
  for await (const page of paginateListSubscriptionsByTopic({ client }, { TopicArn: topicArn }))
    for (const { SubscriptionArn: arn = "" } of page.Subscriptions ?? [])
      seen[arn.startsWith("arn:") ? "confirmed" : "pending"] += 1;
  return seen;
};

export const accountReader = (): AccountReader => {
  const codedeploy = new CodeDeployClient(settings);
  const cloudwatch = new CloudWatchClient(settings);
  const events = new EventBridgeClient(settings);
  const sns = new SNSClient(settings);
  const iam = new IAMClient(settings);
  const dynamodb = new DynamoDBClient(settings);
  const ssm = new SSMClient(settings);
  return {
    groups: () => reach("listing deployment groups", () => groupsOf(codedeploy)),
    group: (name) => reach("reading a deployment group", () => groupOf(codedeploy, name)),
    alarms: (names) =>
      names.length === 0 ? Promise.resolve([]) : reach("reading alarms", () => alarmsOf(cloudwatch, names)),
    alarmsNamedLike: (prefix) => reach("reading alarms", () => alarmsLike(cloudwatch, prefix)),
    rule: (name) =>
      reachUnless("reading a rule", ["ResourceNotFoundException"], "gone" as const, async () => {
        const { State } = await events.send(new DescribeRuleCommand({ Name: name }));
        return State === "DISABLED" ? ("off" as const) : ("on" as const);
      }),
    subscriptions: (arn) =>
      reachUnless(
        "listing subscriptions",
        ["NotFoundException", "NotFound", "ResourceNotFoundException"],
        "gone" as const,
        () => subscriptionsOf(sns, arn),
      ),
    hasTable: (name) =>
      reachUnless("reading the table", ["ResourceNotFoundException"], false, async () => {
        const { Table } = await dynamodb.send(new DescribeTableCommand({ TableName: name }));
        return Table?.TableStatus === "ACTIVE" || Table?.TableStatus === "UPDATING";
      }),
    metricSum: (metric, from, to) => reach("reading a metric", () => sumOf(cloudwatch, metric, from, to)),
    allows: (roleArn, action, resourceArn) =>
      reach("asking IAM's simulator", async () => {
        const { EvaluationResults } = await iam.send(
          new SimulatePrincipalPolicyCommand({
            PolicySourceArn: roleArn,
            ActionNames: [action],
            ResourceArns: [resourceArn],
          }),
        );
        return EvaluationResults?.[0]?.EvalDecision === "allowed";
      }),
    parameter: (name) =>
      reachUnless("reading a parameter", ["ParameterNotFound"], undefined, async () => {
        const answer = await ssm.send(new GetParameterCommand({ Name: name, WithDecryption: true }));
        return answer.Parameter?.Value;
      }),
  };
};
