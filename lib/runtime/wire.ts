/** Where ports meet their adapters. Each maker is its own, so that a function's bundle holds only what it uses. */
import { CloudFormationClient } from "@aws-sdk/client-cloudformation";
import { CloudWatchClient } from "@aws-sdk/client-cloudwatch";
import { CodeDeployClient } from "@aws-sdk/client-codedeploy";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { IAMClient } from "@aws-sdk/client-iam";
import { LambdaClient } from "@aws-sdk/client-lambda";
import { SNSClient } from "@aws-sdk/client-sns";
import { SSMClient } from "@aws-sdk/client-ssm";
import { aliasUsage } from "../aws/alias-usage.ts";
import { cloudformationStacks } from "../aws/cloudformation-stacks.ts";
import { cloudwatchCounts } from "../aws/cloudwatch-counts.ts";
import { codedeployDeployer } from "../aws/codedeploy-deployer.ts";
import { dynamodbDeploymentStore } from "../aws/dynamodb-deployment-store.ts";
import { dynamodbHookStore } from "../aws/dynamodb-hook-store.ts";
import { dynamodbIntentStore } from "../aws/dynamodb-intent-store.ts";
import { dynamodbOutbox } from "../aws/dynamodb-outbox.ts";
import { iamIdentityProviders } from "../aws/iam-identity-providers.ts";
import { lambdaInvoker } from "../aws/lambda-invoker.ts";
import { lambdaRouter } from "../aws/lambda-router.ts";
import { snsAnnouncer } from "../aws/sns-announcer.ts";
import { ssmPolicies } from "../aws/ssm-policies.ts";
import { ssmSecret } from "../aws/ssm-secret.ts";
import type { Table } from "../aws/table.ts";
import type { Chat } from "../ports/chat.ts";
import type { Log } from "../ports/log.ts";
import { renderForSlack } from "../slack/message.ts";
import { slackChat } from "../slack/slack-chat.ts";
import { monotonicMs, systemClock } from "./clock.ts";
import { type Config, callerAccount } from "./config.ts";
import { sha256 } from "./ids.ts";

/** A call that hangs must not eat a hook's time: it is cut and tried again. */
const settings = {
  maxAttempts: 4,
  requestHandler: { connectionTimeout: 1_000, requestTimeout: 5_000, throwOnRequestTimeout: true },
} as const;
/** A smoke check may take as long as a function may; it is asked once. */
const patient = { maxAttempts: 1, requestHandler: { connectionTimeout: 1_000 } } as const;

const tableOf = (config: Config): Table => ({ client: new DynamoDBClient(settings), name: config.tableName });

const chatOf = (config: Config): Chat => {
  const ssm = new SSMClient(settings);
  return slackChat({
    baseUrl: config.slack.apiUrl,
    now: systemClock.now,
    token: ssmSecret(ssm, config.slack.tokenParameter, systemClock.now),
    webhook: ssmSecret(ssm, config.slack.webhookParameter, systemClock.now),
    ...(config.slack.channel !== undefined && { channel: config.slack.channel }),
  });
};

/** A person at a terminal reads results, not log lines. */
const silentLog: Log = { info: () => {}, warn: () => {}, error: () => {}, count: () => {} };

/** What every use case that records needs. */
export const wireRecording = (config: Config, log: Log, table: Table = tableOf(config)) => {
  const { stage, account, region } = config;
  const lambda = new LambdaClient(settings);
  return {
    stage: { stage, account, region },
    store: dynamodbDeploymentStore(table, systemClock.now),
    hash: sha256,
    deployer: codedeployDeployer(new CodeDeployClient(settings)),
    router: lambdaRouter(lambda),
    policies: ssmPolicies(new SSMClient(settings), stage, sha256),
    clock: systemClock,
    log,
  };
};

export const wireHook = (config: Config, log: Log) => {
  const table = tableOf(config);
  return { ...wireRecording(config, log, table), hooks: dynamodbHookStore(table, sha256) };
};

export const wireInvoker = () => ({
  invoker: lambdaInvoker(new LambdaClient(patient), monotonicMs),
});

export const wireCounts = () => ({ counts: cloudwatchCounts(new CloudWatchClient(settings)) });

export const wireRound = (config: Config, log: Log) => {
  const table = tableOf(config);
  return {
    ...wireRecording(config, log, table),
    ...wireCounts(),
    hooks: dynamodbHookStore(table, sha256),
    intents: dynamodbIntentStore(table),
    outbox: dynamodbOutbox(table),
    ourHooks: config.hookNames,
  };
};

export const wireTelling = (config: Config, log: Log) => {
  const table = tableOf(config);
  return {
    store: dynamodbDeploymentStore(table, systemClock.now),
    outbox: dynamodbOutbox(table),
    announcer: snsAnnouncer(new SNSClient(settings), config.topics),
    chat: chatOf(config),
    render: renderForSlack,
    clock: systemClock,
    log,
  };
};

/** Slack's own settings are secrets: one, or two with a comma between them while one replaces the other. */
export const wireActions = (config: Config, log: Log) => {
  const ssm = new SSMClient(settings);
  const secrets = ssmSecret(ssm, config.slack.signingSecretParameter, systemClock.now);
  return {
    stage: { stage: config.stage },
    intents: dynamodbIntentStore(tableOf(config)),
    operators: ssmSecret(ssm, config.slack.operatorsParameter, systemClock.now),
    signingSecrets: async () => ((await secrets()) ?? "").split(","),
    clock: systemClock,
    log,
  };
};

/** Everything at once, for the command line. */
export const wireCli = (config: Config, log: Log = silentLog) => ({
  ...wireRound(config, log),
  ...wireInvoker(),
  ...wireTelling(config, log),
  usage: aliasUsage(
    new CloudWatchClient(settings),
    new CodeDeployClient(settings),
    lambdaRouter(new LambdaClient(settings)),
  ),
});

/** An account that has nothing of Bellwether yet: no table, no policies, only the caller's own rights. */
export const wireBootstrap = (region: string) => ({
  stacks: cloudformationStacks(new CloudFormationClient({ ...settings, region })),
  providers: iamIdentityProviders(new IAMClient({ ...settings, region })),
  account: () => callerAccount(region),
  clock: systemClock,
});
