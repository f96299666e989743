/** Reads one deployment from CodeDeploy: four calls, because no single one tells all. */
import {
  type CodeDeployClient,
  type DeploymentInfo,
  GetApplicationRevisionCommand,
  GetDeploymentCommand,
  GetDeploymentTargetCommand,
  type LambdaTarget,
  ListDeploymentTargetsCommand,
} from "@aws-sdk/client-codedeploy";
import { type LifecyclePhase, markedRollbackOf, type Snapshot } from "../deployment/snapshot.ts";
import { UnavailableError } from "../kit/errors.ts";
import { type AppSpec, parseAppSpec } from "./appspec.ts";
import { reach, reachUnless } from "./failure.ts";

const UNKNOWN = ["DeploymentDoesNotExistException", "InvalidDeploymentIdException"];
/** Right after its start a deployment has no target yet. */
const NOT_STARTED = ["DeploymentNotStartedException", "DeploymentTargetDoesNotExistException"];

/** GetDeployment never holds the AppSpec itself; both content forms of a revision do. */
const appSpecOf = async (client: CodeDeployClient, info: DeploymentInfo): Promise<AppSpec | undefined> => {
  if (info.revision?.revisionType === "S3" || info.revision === undefined) return undefined;
  const { revision } = await reach("reading the AppSpec", () =>
    client.send(
      new GetApplicationRevisionCommand({ applicationName: info.applicationName, revision: info.revision }),
    ),
  );
  const content = revision?.string?.content ?? revision?.appSpecContent?.content;
  return content === undefined ? undefined : parseAppSpec(content);
};

/** The one Lambda target of a deployment, if it has started. Its type is told by the field, not by the name: the docs disagree. */
const targetOf = async (
  client: CodeDeployClient,
  deploymentId: string,
): Promise<LambdaTarget | undefined> => {
  const listed = await reachUnless("listing deployment targets", NOT_STARTED, undefined, () =>
    client.send(new ListDeploymentTargetsCommand({ deploymentId })),
  );
  const targetId = listed?.targetIds?.[0];
  if (targetId === undefined) return undefined;
  const got = await reachUnless("reading a deployment target", NOT_STARTED, undefined, () =>
    client.send(new GetDeploymentTargetCommand({ deploymentId, targetId })),
  );
  return got?.deploymentTarget?.lambdaTarget;
};

const PHASES: readonly string[] = [
  "BeforeAllowTraffic",
  "AllowTraffic",
  "AfterAllowTraffic",
] satisfies LifecyclePhase[];

/** A phase that was never reached may carry times all the same. */
const NOT_BEGUN: readonly string[] = ["Pending", "Skipped"];

const phasesOf = (target: LambdaTarget | undefined): Snapshot["phases"] =>
  Object.fromEntries(
    (target?.lifecycleEvents ?? [])
      .filter(
        (event) =>
          PHASES.includes(event.lifecycleEventName ?? "") &&
          event.startTime !== undefined &&
          !NOT_BEGUN.includes(event.status ?? ""),
      )
      .map((event) => [
        event.lifecycleEventName,
        {
          startedAt: event.startTime?.getTime(),
          ...(event.endTime && { endedAt: event.endTime.getTime() }),
          ok: event.status === "Succeeded",
        },
      ]),
  );

const RESULTS = { Succeeded: "succeeded", Failed: "failed", Stopped: "stopped" } as const;

/** Unknown and future statuses (`Baking` is in the SDK's list already) are not ends. */
const endOf = (info: DeploymentInfo): Snapshot["end"] => {
  const result = RESULTS[info.status as keyof typeof RESULTS];
  // Without its time an end would be dated wrongly for good: it is looked at again.
  if (result === undefined || info.completeTime === undefined) return undefined;
  const { code, message } = info.errorInformation ?? {};
  return {
    result,
    at: info.completeTime.getTime(),
    ...(code !== undefined && { code }),
    ...(message !== undefined && { message }),
  };
};

const functionFromTarget = (target: LambdaTarget | undefined): AppSpec | undefined => {
  const {
    functionName: name,
    functionAlias: alias,
    currentVersion: from,
    targetVersion: to,
  } = target?.lambdaFunctionInfo ?? {};
  if (name === undefined || alias === undefined || from === undefined || to === undefined) return undefined;
  return { function: { name, alias, from, to }, hooks: {} };
};

export const readSnapshot = async (
  client: CodeDeployClient,
  deploymentId: string,
): Promise<Snapshot | "unknown" | "foreign"> => {
  const answer = await reachUnless("reading a deployment", UNKNOWN, undefined, () =>
    client.send(new GetDeploymentCommand({ deploymentId })),
  );
  const info = answer?.deploymentInfo;
  if (info === undefined) return "unknown";
  if (info.computePlatform !== undefined && info.computePlatform !== "Lambda") return "foreign";
  const target = await targetOf(client, deploymentId);
  const spec = (await appSpecOf(client, info)) ?? functionFromTarget(target);
  if (spec === undefined)
    throw new UnavailableError(`deployment ${deploymentId} does not say yet which function it shifts`);
  const createdAt = info.createTime?.getTime() ?? 0;
  const end = endOf(info);
  const rollbackOf = info.rollbackInfo?.rollbackTriggeringDeploymentId ?? markedRollbackOf(info.description);
  const rolledBackBy = info.rollbackInfo?.rollbackDeploymentId;
  return {
    id: deploymentId,
    application: info.applicationName ?? "",
    deploymentGroup: info.deploymentGroupName ?? "",
    deploymentConfig: info.deploymentConfigName ?? "",
    function: spec.function,
    hooks: spec.hooks,
    creator: info.creator ?? "user",
    ...(info.description !== undefined && { description: info.description }),
    createdAt,
    phases: phasesOf(target),
    ...(end && { end }),
    ...(rollbackOf !== undefined && { rollbackOf }),
    ...(rolledBackBy !== undefined && { rolledBackBy }),
  };
};
