/** When an ended deployment is rolled back, and by what new deployment. */
import type { Account } from "../account.ts";
import { writeAppSpec } from "./appspec.ts";
import { ALL_AT_ONCE } from "./configs.ts";
import { newRevision } from "./revisions.ts";
import { type Deployment, newDeploymentId } from "./state.ts";

/** Why a deployment ended early. `asked`: StopDeployment's own autoRollbackEnabled. */
export type EndCause =
  | { kind: "failure" }
  | { kind: "alarm" }
  | { kind: "request"; asked: boolean | undefined };

/**
 * A request's own flag decides over the group's events; AWS documents neither. A rollback is never rolled back.
 */
export const wantsRollback = (deployment: Deployment, cause: EndCause): boolean => {
  if (deployment.creator === "codeDeployRollback") return false;
  const config = deployment.autoRollback ?? deployment.group.settings.autoRollbackConfiguration;
  const events: string[] = config?.enabled === true ? (config.events ?? []) : [];
  switch (cause.kind) {
    case "failure":
      return events.includes("DEPLOYMENT_FAILURE");
    case "alarm":
      return events.includes("DEPLOYMENT_STOP_ON_ALARM");
    case "request":
      return cause.asked ?? events.includes("DEPLOYMENT_STOP_ON_REQUEST");
  }
};

/** A new deployment back to the old version, all at once, without hooks and alarms; both sides are linked. */
export const createRollback = (account: Account, undone: Deployment): Deployment => {
  const now = account.world.now();
  const id = newDeploymentId(account.world.random("deployment-ids"));
  const spec = {
    functionName: undone.spec.functionName,
    alias: undone.spec.alias,
    currentVersion: undone.spec.targetVersion,
    targetVersion: undone.spec.currentVersion,
    hooks: {},
  };
  undone.rollbackInfo = {
    rollbackDeploymentId: id,
    rollbackMessage: `Deployment ${undone.id} terminated. Automatic rollback is triggered with a DeploymentId ${id}.`,
  };
  return {
    id,
    group: undone.group,
    configName: ALL_AT_ONCE,
    revision: newRevision(undone.revision.type, writeAppSpec(spec)),
    previousRevision: undone.revision,
    spec,
    status: "Created",
    creator: "codeDeployRollback",
    description: "",
    createdAt: now,
    updatedAt: now,
    autoRollback: undefined,
    overrideAlarms: { enabled: false, alarms: [] },
    rollbackInfo: {
      rollbackTriggeringDeploymentId: undone.id,
      rollbackMessage: `Deployment ${id} is triggered to roll back deployment ${undone.id}.`,
    },
    rollsBack: undone,
    isStopRequested: false,
    events: [
      { name: "BeforeAllowTraffic", status: "Skipped" },
      { name: "AllowTraffic", status: "Pending" },
      { name: "AfterAllowTraffic", status: "Skipped" },
    ],
    weight: 0,
    hasMovedTraffic: false,
    hooks: new Map(),
    timers: [],
  };
};
