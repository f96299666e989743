/** What CodeDeploy keeps: applications, groups, deployments. */
import { AwsError, type Json } from "../account.ts";
import { randomText } from "../random-id.ts";
import type { Random, Timer } from "../world.ts";
import type { AppSpec } from "./appspec.ts";

export type DeploymentStatus = "Created" | "InProgress" | "Succeeded" | "Failed" | "Stopped";
export type LifecycleName = "BeforeAllowTraffic" | "AllowTraffic" | "AfterAllowTraffic";
export type LifecycleStatus = "Pending" | "InProgress" | "Succeeded" | "Failed" | "Skipped";
export type LifecycleEvent = {
  name: LifecycleName;
  status: LifecycleStatus;
  startedAt?: number;
  endedAt?: number;
};
export type Problem = { code: string; message: string };
export type RevisionType = "String" | "AppSpecContent";
export type Revision = { type: RevisionType; content: string; sha256: string };
export type RollbackInfo = {
  rollbackDeploymentId?: string;
  rollbackTriggeringDeploymentId?: string;
  rollbackMessage: string;
};

export type Deployment = {
  id: string;
  group: Group;
  configName: string;
  revision: Revision;
  previousRevision?: Revision;
  spec: AppSpec;
  status: DeploymentStatus;
  creator: "user" | "CloudFormation" | "codeDeployRollback";
  description: string;
  createdAt: number;
  startedAt?: number;
  completedAt?: number;
  updatedAt: number;
  error?: Problem;
  /** The deployment's own settings, which go before the group's. */
  autoRollback: Json;
  overrideAlarms: Json;
  rollbackInfo?: RollbackInfo;
  /** What a rollback undoes. */
  rollsBack?: Deployment;
  isStopRequested: boolean;
  events: LifecycleEvent[];
  /** Share of the new version, 0–1, as last set by this deployment. */
  weight: number;
  hasMovedTraffic: boolean;
  /** Every hook execution ever started: its id and lifecycle event. */
  hooks: Map<string, LifecycleName>;
  timers: Timer[];
};

export type Group = {
  id: string;
  name: string;
  applicationName: string;
  /** The fields of CreateDeploymentGroup as given. */
  settings: Json;
  lastSuccessful?: Deployment;
  lastAttempted?: Deployment;
};

export type RegisteredRevision = Revision & {
  description: string;
  registeredAt: number;
  firstUsedAt?: number;
  lastUsedAt?: number;
  groups: Set<string>;
};

export type Application = {
  id: string;
  name: string;
  createdAt: number;
  groups: Map<string, Group>;
  revisions: Map<string, RegisteredRevision>;
};

export type Store = {
  applications: Map<string, Application>;
  deployments: Map<string, Deployment>;
};

const ID_ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";

export const newDeploymentId = (random: Random): string => `d-${randomText(random, ID_ALPHABET, 9)}`;

export const isOver = ({ status }: Deployment): boolean => status !== "Created" && status !== "InProgress";

/** An error as CodeDeploy names it. */
export const refusal = (code: string, message: string): AwsError => new AwsError(`${code}Exception`, message);

/** Throws ApplicationNameRequired or ApplicationDoesNotExist. */
export const applicationOf = (store: Store, name: Json): Application => {
  if (!name) throw refusal("ApplicationNameRequired", "Application name is required.");
  const application = store.applications.get(String(name));
  if (application === undefined)
    throw refusal("ApplicationDoesNotExist", `No application found for name: ${name}`);
  return application;
};

/** Throws DeploymentGroupNameRequired or DeploymentGroupDoesNotExist, or what `applicationOf` throws. */
export const groupOf = (store: Store, applicationName: Json, name: Json): Group => {
  const application = applicationOf(store, applicationName);
  if (!name) throw refusal("DeploymentGroupNameRequired", "Deployment group name is required.");
  const group = application.groups.get(String(name));
  if (group === undefined)
    throw refusal("DeploymentGroupDoesNotExist", `No Deployment Group found for name: ${name}`);
  return group;
};

/** Throws DeploymentIdRequired, InvalidDeploymentId or DeploymentDoesNotExist. */
export const deploymentOf = (store: Store, id: Json): Deployment => {
  if (!id) throw refusal("DeploymentIdRequired", "Deployment ID is required.");
  if (!/^d-[A-Z0-9]{9}$/.test(String(id)))
    throw refusal("InvalidDeploymentId", `The deployment ID ${id} is not in a valid format.`);
  const deployment = store.deployments.get(String(id));
  if (deployment === undefined)
    throw refusal("DeploymentDoesNotExist", `The deployment ${id} could not be found`);
  return deployment;
};
