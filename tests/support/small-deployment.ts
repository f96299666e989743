/** A Lambda function `orders` with the alias `live`, and a CodeDeploy group over it. */
import type { Json } from "../../local/account.ts";
import { createSmallAccount, ROLE, type SmallAccount } from "./small-account.ts";

export const GROUP = { applicationName: "orders-app", deploymentGroupName: "orders-live" };
export const EVENTS_SEEN = "arn:aws:sqs:eu-west-1:111122223333:seen";

const ALL_EVENTS = ["DEPLOYMENT_FAILURE", "DEPLOYMENT_STOP_ON_ALARM", "DEPLOYMENT_STOP_ON_REQUEST"];

export const appSpec = (from: string, to: string, hooks: Json = []): string =>
  JSON.stringify({
    version: 0.0,
    Resources: [
      {
        orders: {
          Type: "AWS::Lambda::Function",
          Properties: { Name: "orders", Alias: "live", CurrentVersion: from, TargetVersion: to },
        },
      },
    ],
    Hooks: hooks,
  });

export const revision = (content: string): Json => ({
  revisionType: "AppSpecContent",
  appSpecContent: { content },
});

/** Every CodeDeploy event lands in the queue `seen`. */
const watchEvents = async (account: SmallAccount): Promise<void> => {
  const policy = {
    Statement: [
      { Effect: "Allow", Principal: { Service: "events.amazonaws.com" }, Action: "sqs:SendMessage" },
    ],
  };
  await account.call("sqs", "CreateQueue", {
    QueueName: "seen",
    Attributes: { Policy: JSON.stringify(policy) },
  });
  await account.call("events", "PutRule", { Name: "seen", EventPattern: '{"source":["aws.codedeploy"]}' });
  await account.call("events", "PutTargets", { Rule: "seen", Targets: [{ Id: "1", Arn: EVENTS_SEEN }] });
};

/** An account with version 1 live and version 2 and 3 published. `group` adds to or replaces the group's settings. */
export const ordersAccount = async (group: Json = {}, seed = 1): Promise<SmallAccount> => {
  const account = createSmallAccount({ seed });
  account.lambda.addFunction("orders", ["1", "2", "3"]);
  account.lambda.addAlias("orders", "live", "1");
  account.lambda.addFunction("CodeDeployHook_before");
  account.lambda.addFunction("CodeDeployHook_after");
  await watchEvents(account);
  await account.call("codedeploy", "CreateApplication", {
    applicationName: GROUP.applicationName,
    computePlatform: "Lambda",
  });
  await account.call("codedeploy", "CreateDeploymentGroup", {
    ...GROUP,
    serviceRoleArn: ROLE,
    deploymentConfigName: "CodeDeployDefault.LambdaCanary10Percent5Minutes",
    deploymentStyle: { deploymentType: "BLUE_GREEN", deploymentOption: "WITH_TRAFFIC_CONTROL" },
    autoRollbackConfiguration: { enabled: true, events: ALL_EVENTS },
    ...group,
  });
  return account;
};

export const deploy = async (account: SmallAccount, content: string, more: Json = {}): Promise<string> => {
  const input = { ...GROUP, revision: revision(content), ...more };
  return (await account.call("codedeploy", "CreateDeployment", input)).deploymentId;
};

export const deploymentOf = async (account: SmallAccount, deploymentId: string): Promise<Json> =>
  (await account.call("codedeploy", "GetDeployment", { deploymentId })).deploymentInfo;

/** The target's lifecycle events as `name: status`. */
export const lifecycleOf = async (account: SmallAccount, deploymentId: string): Promise<string[]> => {
  const { targetIds } = await account.call("codedeploy", "ListDeploymentTargets", { deploymentId });
  const input = { deploymentId, targetId: targetIds[0] };
  const { deploymentTarget } = await account.call("codedeploy", "GetDeploymentTarget", input);
  return deploymentTarget.lambdaTarget.lifecycleEvents.map(
    (event: Json) => `${event.lifecycleEventName}: ${event.status}`,
  );
};

/** The CodeDeploy events so far as `deploymentId state`, in the order they came. */
export const statesSeen = async (account: SmallAccount): Promise<string[]> => {
  const states: string[] = [];
  for (;;) {
    const input = { QueueUrl: "seen", MaxNumberOfMessages: 10 };
    const { Messages = [] } = await account.call("sqs", "ReceiveMessage", input);
    if (Messages.length === 0) return states;
    for (const message of Messages) {
      const { detail } = JSON.parse(message.Body);
      states.push(`${detail.deploymentId} ${detail.state}`);
    }
  }
};

/** Reports for a hook as soon as it is called. */
export const answerHook = (account: SmallAccount, name: string, status: string): void => {
  account.lambda.onAsync(name, async (event) => {
    await account.call("codedeploy", "PutLifecycleEventHookExecutionStatus", {
      deploymentId: event.DeploymentId,
      lifecycleEventHookExecutionId: event.LifecycleEventHookExecutionId,
      status,
    });
  });
};
