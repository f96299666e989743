/** CreateDeployment: everything that can be refused at once is refused at once. */
import type { Account, Json } from "../account.ts";
import { parseAppSpec } from "./appspec.ts";
import type { ConfigBook } from "./config-operations.ts";
import { checkAlarms, checkAutoRollback } from "./group-operations.ts";
import type { Lifecycle } from "./lifecycle.ts";
import { findRevision, parseRevision } from "./revisions.ts";
import {
  applicationOf,
  type Deployment,
  type Group,
  groupOf,
  isOver,
  newDeploymentId,
  type Revision,
  refusal,
  type Store,
} from "./state.ts";

const MAX_DESCRIPTION_LENGTH = 256;
/** What AWS falls back to; it is a configuration for servers, so that a Lambda deployment without one is refused. */
const FALLBACK_CONFIG = "CodeDeployDefault.OneAtATime";

export type DeploymentParts = { account: Account; store: Store; configs: ConfigBook; lifecycle: Lifecycle };

/** One running deployment a group: its rollback counts. */
const checkIdle = (store: Store, group: Group): void => {
  const running = [...store.deployments.values()].find((one) => one.group === group && !isOver(one));
  if (running !== undefined)
    throw refusal(
      "DeploymentLimitExceeded",
      `The Deployment Group '${group.name}' already has an active Deployment '${running.id}'`,
    );
};

/** The content itself, or a revision registered before, named by its hash. */
const revisionOf = (store: Store, input: Json): Revision => {
  const field = input.revision?.string ?? input.revision?.appSpecContent;
  if (field?.sha256 === undefined || field.content !== undefined) return parseRevision(input.revision);
  const { type, content, sha256 } = findRevision(applicationOf(store, input.applicationName), input.revision);
  return { type, content, sha256 };
};

export const createDeployment = (
  parts: DeploymentParts,
  input: Json,
  creator: "user" | "CloudFormation" = "user",
): Deployment => {
  const { account, store, configs, lifecycle } = parts;
  const group = groupOf(store, input.applicationName, input.deploymentGroupName);
  const config = configs.get(
    input.deploymentConfigName ?? group.settings.deploymentConfigName ?? FALLBACK_CONFIG,
  );
  const description = String(input.description ?? "");
  if (description.length > MAX_DESCRIPTION_LENGTH)
    throw refusal(
      "DescriptionTooLong",
      `The description is longer than ${MAX_DESCRIPTION_LENGTH} characters.`,
    );
  checkAutoRollback(input.autoRollbackConfiguration);
  checkAlarms(input.overrideAlarmConfiguration);
  const revision = revisionOf(store, input);
  const spec = parseAppSpec(revision.content);
  checkIdle(store, group);
  const now = account.world.now();
  const deployment: Deployment = {
    id: newDeploymentId(account.world.random("deployment-ids")),
    group,
    configName: config.name,
    revision,
    ...(group.lastSuccessful && { previousRevision: group.lastSuccessful.revision }),
    spec,
    status: "Created",
    creator,
    description,
    createdAt: now,
    updatedAt: now,
    autoRollback: input.autoRollbackConfiguration,
    overrideAlarms: input.overrideAlarmConfiguration,
    isStopRequested: false,
    events: [
      { name: "BeforeAllowTraffic", status: "Pending" },
      { name: "AllowTraffic", status: "Pending" },
      { name: "AfterAllowTraffic", status: "Pending" },
    ],
    weight: 0,
    hasMovedTraffic: false,
    hooks: new Map(),
    timers: [],
  };
  lifecycle.begin(deployment);
  return deployment;
};
