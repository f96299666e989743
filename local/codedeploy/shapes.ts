/** Deployments, targets and groups as the API gives them. */
import type { Account, Json } from "../account.ts";
import { functionArn } from "./hooks.ts";
import { overviewOf } from "./notify.ts";
import { revisionShape } from "./revisions.ts";
import { type Deployment, type Group, isOver } from "./state.ts";

const seconds = (at: number | undefined): number | undefined => (at === undefined ? undefined : at / 1000);

const STYLE = { deploymentType: "BLUE_GREEN", deploymentOption: "WITH_TRAFFIC_CONTROL" };

/** GetDeployment's deploymentInfo: the AppSpec's content is left out, the overview comes only at the end. */
export const deploymentInfo = (deployment: Deployment): Json => ({
  applicationName: deployment.group.applicationName,
  deploymentGroupName: deployment.group.name,
  deploymentConfigName: deployment.configName,
  deploymentId: deployment.id,
  previousRevision: deployment.previousRevision && revisionShape(deployment.previousRevision, false),
  revision: revisionShape(deployment.revision, false),
  status: deployment.status,
  errorInformation: deployment.error,
  createTime: seconds(deployment.createdAt),
  startTime: seconds(deployment.startedAt),
  completeTime: seconds(deployment.completedAt),
  deploymentOverview: isOver(deployment) ? overviewOf(deployment) : undefined,
  description: deployment.description || undefined,
  creator: deployment.creator,
  ignoreApplicationStopFailures: false,
  autoRollbackConfiguration: deployment.autoRollback ?? deployment.group.settings.autoRollbackConfiguration,
  updateOutdatedInstancesOnly: false,
  rollbackInfo: deployment.rollbackInfo,
  deploymentStyle: STYLE,
  instanceTerminationWaitTimeStarted: false,
  fileExistsBehavior: "DISALLOW",
  deploymentStatusMessages: [],
  computePlatform: "Lambda",
  overrideAlarmConfiguration: deployment.rollsBack === undefined ? deployment.overrideAlarms : undefined,
});

/** `function:alias`; AWS documents no form, so that clients take it from ListDeploymentTargets. */
export const targetId = ({ spec }: Deployment): string => `${spec.functionName}:${spec.alias}`;

const targetStatus = (deployment: Deployment): string => {
  switch (deployment.status) {
    case "Created":
      return "Pending";
    case "InProgress":
      return "InProgress";
    case "Succeeded":
      return "Succeeded";
    case "Failed":
      return "Failed";
    case "Stopped":
      return deployment.events.some((event) => event.status === "Failed") ? "Failed" : "Skipped";
  }
};

export const deploymentTarget = (account: Account, deployment: Deployment): Json => ({
  deploymentTargetType: "LambdaTarget",
  lambdaTarget: {
    deploymentId: deployment.id,
    targetId: targetId(deployment),
    targetArn: `${functionArn(account, deployment.spec.functionName)}:${deployment.spec.alias}`,
    status: targetStatus(deployment),
    lastUpdatedAt: seconds(deployment.updatedAt),
    lifecycleEvents: deployment.events.map((event) => ({
      lifecycleEventName: event.name,
      startTime: seconds(event.startedAt),
      endTime: seconds(event.endedAt),
      status: event.status,
    })),
    lambdaFunctionInfo: {
      functionName: deployment.spec.functionName,
      functionAlias: deployment.spec.alias,
      currentVersion: deployment.spec.currentVersion,
      targetVersion: deployment.spec.targetVersion,
      // The API calls it a percentage without saying whether a tenth is 10 or 0.1: not confirmed.
      targetVersionWeight: deployment.weight,
    },
  },
});

const lastDeployment = (deployment: Deployment | undefined): Json =>
  deployment && {
    deploymentId: deployment.id,
    status: deployment.status,
    createTime: seconds(deployment.createdAt),
    endTime: seconds(deployment.completedAt),
  };

export const groupInfo = (group: Group): Json => {
  const { settings } = group;
  return {
    applicationName: group.applicationName,
    deploymentGroupId: group.id,
    deploymentGroupName: group.name,
    deploymentConfigName: settings.deploymentConfigName,
    serviceRoleArn: settings.serviceRoleArn,
    targetRevision: group.lastSuccessful && revisionShape(group.lastSuccessful.revision, false),
    triggerConfigurations: settings.triggerConfigurations ?? [],
    alarmConfiguration: settings.alarmConfiguration,
    autoRollbackConfiguration: settings.autoRollbackConfiguration ?? { enabled: false, events: [] },
    deploymentStyle: STYLE,
    lastSuccessfulDeployment: lastDeployment(group.lastSuccessful),
    lastAttemptedDeployment: lastDeployment(group.lastAttempted),
    computePlatform: "Lambda",
    outdatedInstancesStrategy: "UPDATE",
  };
};
