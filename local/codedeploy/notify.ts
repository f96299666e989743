/** Tells the world of a deployment's states: EventBridge events and the group's SNS triggers. */
import { type Account, AwsError, type Json } from "../account.ts";
import type { Deployment, Group } from "./state.ts";

export type EventState = "START" | "SUCCESS" | "FAILURE" | "STOP";

const SUBJECT_LIMIT = 99;

/** `Fri Oct 14 08:46:19 UTC 2022`, as real trigger messages write times. */
const triggerTime = (at: number | undefined): string | null => {
  if (at === undefined) return null;
  const [weekday, day, month, year, time] = new Date(at).toUTCString().replace(",", "").split(" ");
  return `${weekday} ${month} ${day} ${time} UTC ${year}`;
};

export const groupArn = (account: Account, group: Group): string =>
  `arn:aws:codedeploy:${account.region}:${account.id}:deploymentgroup:${group.applicationName}/${group.name}`;

export const emitState = (account: Account, deployment: Deployment, state: EventState): void => {
  const { group } = deployment;
  account.events.emit({
    source: "aws.codedeploy",
    detailType: "CodeDeploy Deployment State-change Notification",
    resources: [
      `arn:aws:codedeploy:${account.region}:${account.id}:application:${group.applicationName}`,
      groupArn(account, group),
    ],
    detail: {
      instanceGroupId: group.id,
      region: account.region,
      application: group.applicationName,
      deploymentId: deployment.id,
      state,
      deploymentGroup: group.name,
    },
  });
};

const STATUS: Readonly<Record<Deployment["status"], string>> = {
  Created: "CREATED",
  InProgress: "IN_PROGRESS",
  Succeeded: "SUCCEEDED",
  Failed: "FAILED",
  Stopped: "STOPPED",
};

const TRIGGERS: Readonly<Record<Deployment["status"], string>> = {
  Created: "DeploymentStart",
  InProgress: "DeploymentStart",
  Succeeded: "DeploymentSuccess",
  Failed: "DeploymentFailure",
  Stopped: "DeploymentStop",
};

export const overviewOf = (deployment: Deployment): Record<string, number> => ({
  Pending: 0,
  InProgress: 0,
  Succeeded: Number(deployment.status === "Succeeded"),
  Failed: Number(deployment.status === "Failed"),
  Skipped: Number(deployment.status === "Stopped"),
  Ready: 0,
});

const rollbackInformation = (deployment: Deployment): Json => {
  const info = deployment.rollbackInfo;
  if (info === undefined) return undefined;
  return JSON.stringify({
    RollbackMessage: info.rollbackMessage,
    RollbackDeploymentId: info.rollbackDeploymentId,
    RollbackTriggeringDeploymentId: info.rollbackTriggeringDeploymentId,
  });
};

/** Real messages carry their nested objects as JSON text, unlike the documentation's sample. */
const messageOf = (account: Account, deployment: Deployment, triggerName: string): Json => {
  const { Ready: _, ...overview } = overviewOf(deployment);
  return {
    region: account.region,
    accountId: account.id,
    eventTriggerName: triggerName,
    applicationName: deployment.group.applicationName,
    deploymentId: deployment.id,
    deploymentGroupName: deployment.group.name,
    createTime: triggerTime(deployment.createdAt),
    completeTime: triggerTime(deployment.completedAt),
    ...(deployment.completedAt !== undefined && { deploymentOverview: JSON.stringify(overview) }),
    status: STATUS[deployment.status],
    ...(deployment.error !== undefined && {
      errorInformation: JSON.stringify({
        ErrorCode: deployment.error.code,
        ErrorMessage: deployment.error.message,
      }),
    }),
    rollbackInformation: rollbackInformation(deployment),
  };
};

/** Triggers publish with the group's service role; without its permission they stay silent. */
export const runTriggers = (account: Account, deployment: Deployment): void => {
  const { settings } = deployment.group;
  const isRollbackStart = deployment.creator === "codeDeployRollback" && deployment.status === "Created";
  const wanted = [TRIGGERS[deployment.status], ...(isRollbackStart ? ["DeploymentRollback"] : [])];
  for (const trigger of settings.triggerConfigurations ?? []) {
    const topicArn = String(trigger.triggerTargetArn);
    if (!wanted.some((event) => (trigger.triggerEvents ?? []).includes(event))) continue;
    if (!account.iam.allows(settings.serviceRoleArn, { action: "sns:Publish", resource: topicArn })) continue;
    const message = messageOf(account, deployment, String(trigger.triggerName));
    const subject = `${message.status}: AWS CodeDeploy ${deployment.id} in ${account.region} to ${deployment.group.applicationName}`;
    try {
      account.sns.publish(topicArn, JSON.stringify(message), subject.slice(0, SUBJECT_LIMIT));
    } catch (error) {
      // A topic that is gone loses the message, as on AWS.
      if (!(error instanceof AwsError)) throw error;
    }
  }
};
