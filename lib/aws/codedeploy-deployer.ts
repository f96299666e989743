import {
  type CodeDeployClient,
  CreateDeploymentCommand,
  ListDeploymentsCommand,
  type ListDeploymentsCommandInput,
  PutLifecycleEventHookExecutionStatusCommand,
  StopDeploymentCommand,
} from "@aws-sdk/client-codedeploy";
import { rollbackMark } from "../deployment/snapshot.ts";
import { UnavailableError } from "../kit/errors.ts";
import type { Deployer } from "../ports/deployer.ts";
import { appSpecFor } from "./appspec.ts";
import { readSnapshot } from "./codedeploy-snapshot.ts";
import { isNamed, reach, reachUnless } from "./failure.ts";

const PAGES_MAX = 20;
const ALL_AT_ONCE = "CodeDeployDefault.LambdaAllAtOnce";

const listIds = async (client: CodeDeployClient, input: ListDeploymentsCommandInput): Promise<string[]> => {
  const ids: string[] = [];
  let nextToken: string | undefined;
  for (let page = 0; page < PAGES_MAX; page += 1) {
    const answer = await reach("listing deployments", () =>
      client.send(new ListDeploymentsCommand({ ...input, ...(nextToken && { nextToken }) })),
    );
    ids.push(...(answer.deployments ?? []));
    nextToken = answer.nextToken;
    if (nextToken === undefined) return ids;
  }
  throw new UnavailableError(`more than ${PAGES_MAX} pages of deployments; narrow the window`);
};

const answerHook = async (
  client: CodeDeployClient,
  answer: Parameters<Deployer["answerHook"]>[0],
): Promise<"accepted" | "closed" | "unknown"> => {
  try {
    await client.send(
      new PutLifecycleEventHookExecutionStatusCommand({
        deploymentId: answer.deploymentId,
        lifecycleEventHookExecutionId: answer.executionId,
        status: answer.verdict,
      }),
    );
    return "accepted";
  } catch (error) {
    if (isNamed(error, "LifecycleEventAlreadyCompletedException")) return "closed";
    if (
      isNamed(
        error,
        "InvalidLifecycleEventHookExecutionIdException",
        "DeploymentDoesNotExistException",
        "InvalidDeploymentIdException",
      )
    )
      return "unknown";
    return reach("answering a lifecycle hook", () => Promise.reject(error));
  }
};

export const codedeployDeployer = (client: CodeDeployClient): Deployer => ({
  read: (deploymentId) => readSnapshot(client, deploymentId),
  runningIds: () => listIds(client, { includeOnlyStatuses: ["Created", "Queued", "InProgress", "Ready"] }),
  idsSince: (at) => listIds(client, { createTimeRange: { start: new Date(at) } }),
  answerHook: (answer) => answerHook(client, answer),

  stop: (deploymentId) =>
    reachUnless(
      "stopping a deployment",
      ["DeploymentAlreadyCompletedException"],
      "already-over" as const,
      async () => {
        await client.send(new StopDeploymentCommand({ deploymentId, autoRollbackEnabled: true }));
        return "stopping" as const;
      },
    ),

  /** Alarms are overridden: a version that is being taken back because an alarm fires must not be kept by that alarm. */
  startRollback: (order) =>
    reachUnless("starting a rollback", ["DeploymentLimitExceededException"], "busy" as const, async () => {
      const content = appSpecFor({ ...order.function, from: order.function.to, to: order.function.from });
      const { deploymentId } = await client.send(
        new CreateDeploymentCommand({
          applicationName: order.application,
          deploymentGroupName: order.deploymentGroup,
          deploymentConfigName: ALL_AT_ONCE,
          description: rollbackMark(order.of),
          revision: { revisionType: "AppSpecContent", appSpecContent: { content } },
          overrideAlarmConfiguration: { enabled: false, alarms: [] },
          autoRollbackConfiguration: { enabled: false },
        }),
      );
      if (deploymentId === undefined)
        throw new UnavailableError("CodeDeploy started a rollback without naming it");
      return { deploymentId };
    }),
});
