/** CodeDeploy's API for deployment groups. */
import type { Account, Json, Operation } from "../account.ts";
import { randomUuid } from "../random-id.ts";
import { groupInfo } from "./shapes.ts";
import { applicationOf, type Group, groupOf, refusal, type Store } from "./state.ts";

const MAX_NAME_LENGTH = 100;
const MAX_ALARMS = 10;
const MAX_TRIGGERS = 10;
const ROLLBACK_EVENTS = ["DEPLOYMENT_FAILURE", "DEPLOYMENT_STOP_ON_ALARM", "DEPLOYMENT_STOP_ON_REQUEST"];
const TRIGGER_EVENTS = [
  "DeploymentStart",
  "DeploymentSuccess",
  "DeploymentFailure",
  "DeploymentStop",
  "DeploymentRollback",
  "DeploymentReady",
  "InstanceStart",
  "InstanceSuccess",
  "InstanceFailure",
  "InstanceReady",
];

const SETTINGS = [
  "deploymentConfigName",
  "serviceRoleArn",
  "alarmConfiguration",
  "autoRollbackConfiguration",
  "deploymentStyle",
  "triggerConfigurations",
];

/** Throws InvalidAlarmConfig or AlarmsLimitExceeded. */
export const checkAlarms = (config: Json): void => {
  if (config === undefined) return;
  const alarms: Json[] = config.alarms ?? [];
  if (alarms.length > MAX_ALARMS)
    throw refusal("AlarmsLimitExceeded", `A deployment group takes at most ${MAX_ALARMS} alarms.`);
  if (config.enabled === true && alarms.length === 0)
    throw refusal("InvalidAlarmConfig", "An enabled alarm configuration needs at least one alarm.");
  if (alarms.some((alarm) => !alarm.name)) throw refusal("InvalidAlarmConfig", "Every alarm needs a name.");
};

/** Throws InvalidAutoRollbackConfig. */
export const checkAutoRollback = (config: Json): void => {
  if (config === undefined) return;
  const events: string[] = config.events ?? [];
  if (events.some((event) => !ROLLBACK_EVENTS.includes(event)))
    throw refusal("InvalidAutoRollbackConfig", `Rollback events must be of ${ROLLBACK_EVENTS.join(", ")}.`);
  if (config.enabled === true && events.length === 0)
    throw refusal("InvalidAutoRollbackConfig", "An enabled rollback configuration needs at least one event.");
};

const checkTriggers = (triggers: readonly Json[] | undefined): void => {
  if ((triggers ?? []).length > MAX_TRIGGERS)
    throw refusal(
      "TriggerTargetsLimitExceeded",
      `A deployment group takes at most ${MAX_TRIGGERS} triggers.`,
    );
  for (const trigger of triggers ?? []) {
    const events: string[] = trigger.triggerEvents ?? [];
    if (
      !trigger.triggerName ||
      !trigger.triggerTargetArn ||
      events.some((one) => !TRIGGER_EVENTS.includes(one))
    )
      throw refusal("InvalidTriggerConfig", "A trigger needs a name, a topic and known events.");
  }
};

const checkStyle = (style: Json): void => {
  if (style?.deploymentType !== "BLUE_GREEN" || style?.deploymentOption !== "WITH_TRAFFIC_CONTROL")
    throw refusal(
      "InvalidDeploymentStyle",
      "For the compute platform Lambda, deploymentType must be BLUE_GREEN and deploymentOption WITH_TRAFFIC_CONTROL.",
    );
};

const checkSettings = (settings: Json, hasConfig: (name: string) => boolean): void => {
  if (!settings.serviceRoleArn) throw refusal("RoleRequired", "Service role ARN is required.");
  if (!/^arn:aws[\w-]*:iam::\d{12}:role\/.+/.test(settings.serviceRoleArn))
    throw refusal("InvalidRole", `The role ${settings.serviceRoleArn} is not valid.`);
  if (settings.deploymentConfigName !== undefined && !hasConfig(settings.deploymentConfigName))
    throw refusal(
      "DeploymentConfigDoesNotExist",
      `No deployment configuration found for name: ${settings.deploymentConfigName}`,
    );
  checkStyle(settings.deploymentStyle);
  checkAlarms(settings.alarmConfiguration);
  checkAutoRollback(settings.autoRollbackConfiguration);
  checkTriggers(settings.triggerConfigurations);
};

const settingsOf = (input: Json): Json =>
  Object.fromEntries(SETTINGS.filter((name) => input[name] !== undefined).map((name) => [name, input[name]]));

type GroupParts = { account: Account; store: Store; hasConfig(name: string): boolean };

/** Throws as CreateDeploymentGroup does. */
export const createGroup = ({ account, store, hasConfig }: GroupParts, input: Json): Group => {
  const application = applicationOf(store, input.applicationName);
  const name = input.deploymentGroupName;
  if (!name) throw refusal("DeploymentGroupNameRequired", "Deployment group name is required.");
  if (String(name).length > MAX_NAME_LENGTH)
    throw refusal("InvalidDeploymentGroupName", `The name ${name} is longer than ${MAX_NAME_LENGTH}.`);
  if (application.groups.has(name))
    throw refusal("DeploymentGroupAlreadyExists", `Deployment group already exists: ${name}`);
  const settings = settingsOf(input);
  checkSettings(settings, hasConfig);
  const id = randomUuid(account.world.random("codedeploy-ids"));
  const group: Group = { id, name: String(name), applicationName: application.name, settings };
  application.groups.set(group.name, group);
  return group;
};

/** Changes what is given and leaves the rest; a renamed group keeps its history. */
export const updateGroup = ({ store, hasConfig }: GroupParts, input: Json): Group => {
  const group = groupOf(store, input.applicationName, input.currentDeploymentGroupName);
  const settings = { ...group.settings, ...settingsOf(input) };
  checkSettings(settings, hasConfig);
  group.settings = settings;
  const name = input.newDeploymentGroupName;
  if (name !== undefined && name !== group.name) {
    const { groups } = applicationOf(store, input.applicationName);
    if (groups.has(name))
      throw refusal("DeploymentGroupAlreadyExists", `Deployment group already exists: ${name}`);
    groups.delete(group.name);
    group.name = String(name);
    groups.set(group.name, group);
  }
  return group;
};

export const groupOperations = (parts: GroupParts): Record<string, Operation> => {
  const { account, store } = parts;
  const operation = (name: string, run: (input: Json) => Json): Record<string, Operation> => ({
    [name]: {
      needs: (input) => {
        const group = input.deploymentGroupName ?? input.currentDeploymentGroupName ?? "*";
        const resource = `arn:aws:codedeploy:${account.region}:${account.id}:deploymentgroup:${input.applicationName}/${group}`;
        return [{ action: `codedeploy:${name}`, resource }];
      },
      run,
    },
  });
  return {
    ...operation("CreateDeploymentGroup", (input) => ({ deploymentGroupId: createGroup(parts, input).id })),
    ...operation("UpdateDeploymentGroup", (input) => {
      updateGroup(parts, input);
      return { hooksNotCleanedUp: [] };
    }),
    ...operation("GetDeploymentGroup", (input) => ({
      deploymentGroupInfo: groupInfo(groupOf(store, input.applicationName, input.deploymentGroupName)),
    })),
    ...operation("BatchGetDeploymentGroups", (input) => ({
      deploymentGroupsInfo: (input.deploymentGroupNames ?? []).map((name: string) =>
        groupInfo(groupOf(store, input.applicationName, name)),
      ),
    })),
    ...operation("ListDeploymentGroups", (input) => {
      const application = applicationOf(store, input.applicationName);
      return { applicationName: application.name, deploymentGroups: [...application.groups.keys()].sort() };
    }),
    ...operation("DeleteDeploymentGroup", (input) => {
      applicationOf(store, input.applicationName).groups.delete(String(input.deploymentGroupName));
      return { hooksNotCleanedUp: [] };
    }),
  };
};
