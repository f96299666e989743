/** CloudFormation's CodeDeploy resources. Making one that exists changes it, as a stack update does. */
import type { Account, Json, ResourceMaker } from "../account.ts";
import { physicalName } from "../physical-name.ts";
import { createApplication } from "./application-operations.ts";
import type { ConfigBook } from "./config-operations.ts";
import { createGroup, updateGroup } from "./group-operations.ts";
import type { Store } from "./state.ts";

const MAX_NAME_LENGTH = 100;

/** CloudFormation writes `AlarmConfiguration`, the API `alarmConfiguration`. */
const camelCase = (value: Json): Json => {
  if (Array.isArray(value)) return value.map(camelCase);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [
      key.charAt(0).toLowerCase() + key.slice(1),
      camelCase(inner),
    ]),
  );
};

const FLAGS = ["enabled", "ignorePollAlarmFailure"];

/** Templates may give booleans as text. */
const withFlags = (config: Json): Json =>
  config === undefined
    ? undefined
    : Object.fromEntries(
        Object.entries(config).map(([key, value]) => [
          key,
          FLAGS.includes(key) && typeof value === "string" ? value === "true" : value,
        ]),
      );

export const codeDeployResources = (
  account: Account,
  store: Store,
  configs: ConfigBook,
): Record<string, ResourceMaker> => ({
  "AWS::CodeDeploy::Application": (properties, context) => {
    const name = properties.ApplicationName ?? physicalName(context, MAX_NAME_LENGTH);
    if (!store.applications.has(name))
      createApplication(account, store, {
        applicationName: name,
        computePlatform: properties.ComputePlatform,
      });
    return { ref: name };
  },
  "AWS::CodeDeploy::DeploymentConfig": (properties, context) => {
    const input = camelCase(properties);
    const name = input.deploymentConfigName ?? physicalName(context, MAX_NAME_LENGTH);
    // Every property is create-only: an existing one is the same.
    if (!configs.has(name)) configs.create({ ...input, deploymentConfigName: name });
    return { ref: name };
  },
  "AWS::CodeDeploy::DeploymentGroup": (properties, context) => {
    const input = camelCase(properties);
    const name = input.deploymentGroupName ?? physicalName(context, MAX_NAME_LENGTH);
    const parts = { account, store, hasConfig: (config: string) => configs.has(config) };
    const settings = {
      ...input,
      alarmConfiguration: withFlags(input.alarmConfiguration),
      autoRollbackConfiguration: withFlags(input.autoRollbackConfiguration),
    };
    const isKnown = store.applications.get(input.applicationName)?.groups.has(name) === true;
    if (isKnown) updateGroup(parts, { ...settings, currentDeploymentGroupName: name });
    else createGroup(parts, { ...settings, deploymentGroupName: name });
    return { ref: name };
  },
});
