/** CodeDeploy's API for deployments and their targets. */
import type { Json, Operation, Permission } from "../account.ts";
import { applicationArn } from "./application-operations.ts";
import { createDeployment, type DeploymentParts } from "./create-deployment.ts";
import { groupArn } from "./notify.ts";
import { deploymentInfo, deploymentTarget, targetId } from "./shapes.ts";
import { type Deployment, deploymentOf, groupOf, isOver, refusal, type Store } from "./state.ts";

const MAX_BATCH = 100;
const MAX_TARGETS = 25;
const PAGE = 100;

const inRange = (deployment: Deployment, range: Json): boolean =>
  deployment.createdAt / 1000 >= Number(range?.start ?? 0) &&
  deployment.createdAt / 1000 <= Number(range?.end ?? Number.POSITIVE_INFINITY);

/** Newest first. */
const listDeployments = (store: Store, input: Json): Json => {
  if ((input.applicationName === undefined) !== (input.deploymentGroupName === undefined))
    throw refusal(
      input.applicationName === undefined ? "ApplicationNameRequired" : "DeploymentGroupNameRequired",
      "Application and deployment group must be given together.",
    );
  const group = input.applicationName && groupOf(store, input.applicationName, input.deploymentGroupName);
  const found = [...store.deployments.values()]
    .filter((one) => group === undefined || one.group === group)
    .filter((one) => (input.includeOnlyStatuses ?? [one.status]).includes(one.status))
    .filter((one) => inRange(one, input.createTimeRange))
    .map(({ id }) => id)
    .reverse();
  const from = Number(input.nextToken ?? 0);
  return {
    deployments: found.slice(from, from + PAGE),
    ...(found.length > from + PAGE && { nextToken: String(from + PAGE) }),
  };
};

const stopDeployment = ({ store, lifecycle }: DeploymentParts, input: Json): Json => {
  const deployment = deploymentOf(store, input.deploymentId);
  if (isOver(deployment))
    throw refusal("DeploymentAlreadyCompleted", `Deployment ${deployment.id} has already completed.`);
  lifecycle.stop(deployment, input.autoRollbackEnabled);
  return {
    status: "Pending",
    statusMessage: "No more lifecycle events will be scheduled for this deployment.",
  };
};

const putHookStatus = ({ store, lifecycle }: DeploymentParts, input: Json): Json => {
  const deployment = deploymentOf(store, input.deploymentId);
  if (input.status !== "Succeeded" && input.status !== "Failed")
    throw refusal(
      "InvalidLifecycleEventHookExecutionStatus",
      "The status of a lifecycle event hook must be Succeeded or Failed.",
    );
  const executionId = String(input.lifecycleEventHookExecutionId ?? "");
  lifecycle.report(deployment, executionId, input.status === "Succeeded");
  return { lifecycleEventHookExecutionId: executionId };
};

/** Throws DeploymentNotStarted right after creation. */
const startedOf = (store: Store, id: Json): Deployment => {
  const deployment = deploymentOf(store, id);
  if (deployment.status === "Created")
    throw refusal("DeploymentNotStarted", `Deployment ${deployment.id} has not started.`);
  return deployment;
};

const targetOf = ({ account, store }: DeploymentParts, id: Json, target: Json): Json => {
  const deployment = startedOf(store, id);
  if (!target) throw refusal("DeploymentTargetIdRequired", "A target ID is required.");
  if (target !== targetId(deployment))
    throw refusal(
      "DeploymentTargetDoesNotExist",
      `The target ${target} does not belong to ${deployment.id}.`,
    );
  return deploymentTarget(account, deployment);
};

const batch = (list: Json, most: number, run: (one: Json) => Json): Json[] => {
  if ((list ?? []).length > most) throw refusal("BatchLimitExceeded", `At most ${most} are allowed.`);
  return (list ?? []).map(run);
};

export const deploymentOperations = (parts: DeploymentParts): Record<string, Operation> => {
  const { account, store } = parts;
  const anyGroup = `arn:aws:codedeploy:${account.region}:${account.id}:deploymentgroup:*`;

  /** Calls that name a deployment are checked against its group's ARN. */
  const groupOfId = (id: Json): string => {
    const deployment = store.deployments.get(String(id));
    return deployment === undefined ? anyGroup : groupArn(account, deployment.group);
  };

  const onDeployment = (name: string, run: (input: Json) => Json): Record<string, Operation> => ({
    [name]: {
      needs: (input) => [{ action: `codedeploy:${name}`, resource: groupOfId(input.deploymentId) }],
      run,
    },
  });

  const named = (input: Json): string =>
    input.applicationName === undefined
      ? anyGroup
      : `arn:aws:codedeploy:${account.region}:${account.id}:deploymentgroup:${input.applicationName}/${input.deploymentGroupName}`;

  /** The documentation's table names four actions for CreateDeployment, and a fifth for overridden alarms. */
  const creationNeeds = (input: Json): Permission[] => {
    const application = applicationArn(account, input.applicationName);
    const config =
      input.deploymentConfigName ??
      store.applications.get(input.applicationName)?.groups.get(input.deploymentGroupName)?.settings
        .deploymentConfigName ??
      "*";
    return [
      { action: "codedeploy:CreateDeployment", resource: named(input) },
      {
        action: "codedeploy:GetDeploymentConfig",
        resource: `arn:aws:codedeploy:${account.region}:${account.id}:deploymentconfig:${config}`,
      },
      { action: "codedeploy:GetApplicationRevision", resource: application },
      { action: "codedeploy:RegisterApplicationRevision", resource: application },
      ...(input.overrideAlarmConfiguration === undefined
        ? []
        : [{ action: "codedeploy:UpdateDeploymentGroup", resource: named(input) }]),
    ];
  };

  return {
    CreateDeployment: {
      needs: creationNeeds,
      run: (input) => ({ deploymentId: createDeployment(parts, input).id }),
    },
    ListDeployments: {
      needs: (input) => [{ action: "codedeploy:ListDeployments", resource: named(input) }],
      run: (input) => listDeployments(store, input),
    },
    BatchGetDeployments: {
      needs: (input) =>
        (input.deploymentIds ?? []).map((id: Json) => ({
          action: "codedeploy:BatchGetDeployments",
          resource: groupOfId(id),
        })),
      run: (input) => ({
        deploymentsInfo: batch(input.deploymentIds, MAX_BATCH, (id) =>
          deploymentInfo(deploymentOf(store, id)),
        ),
      }),
    },
    // The documentation's table does not list it; a call without a resource type needs "*".
    BatchGetDeploymentTargets: {
      needs: () => [{ action: "codedeploy:BatchGetDeploymentTargets", resource: "*" }],
      run: (input) => ({
        deploymentTargets: batch(input.targetIds, MAX_TARGETS, (id) =>
          targetOf(parts, input.deploymentId, id),
        ),
      }),
    },
    ...onDeployment("GetDeployment", (input) => ({
      deploymentInfo: deploymentInfo(deploymentOf(store, input.deploymentId)),
    })),
    ...onDeployment("StopDeployment", (input) => stopDeployment(parts, input)),
    ...onDeployment("PutLifecycleEventHookExecutionStatus", (input) => putHookStatus(parts, input)),
    ...onDeployment("ListDeploymentTargets", (input) => ({
      targetIds: [targetId(startedOf(store, input.deploymentId))],
    })),
    ...onDeployment("GetDeploymentTarget", (input) => ({
      deploymentTarget: targetOf(parts, input.deploymentId, input.targetId),
    })),
    ...onDeployment("ContinueDeployment", (input) => {
      deploymentOf(store, input.deploymentId);
      throw refusal(
        "UnsupportedActionForDeploymentType",
        "ContinueDeployment is not supported for the compute platform Lambda.",
      );
    }),
  };
};
