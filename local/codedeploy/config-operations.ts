/** CodeDeploy's API for deployment configurations, and the book of them. */
import type { Account, Json, Operation } from "../account.ts";
import { randomUuid } from "../random-id.ts";
import {
  type Config,
  checkConfigName,
  MAX_CUSTOM_CONFIGS,
  PREDEFINED_PREFIX,
  parseRouting,
  predefinedConfigs,
  routingShape,
} from "./configs.ts";
import { refusal, type Store } from "./state.ts";

export type ConfigBook = {
  has(name: string): boolean;
  /** Throws DeploymentConfigDoesNotExist. */
  get(name: Json): Config;
  list(): readonly Config[];
  create(input: Json): Config;
  delete(name: Json): void;
};

const missing = (name: Json) =>
  refusal("DeploymentConfigDoesNotExist", `No deployment configuration found for name: ${name}`);

const isUsed = (store: Store, name: string): boolean =>
  [...store.applications.values()].some((application) =>
    [...application.groups.values()].some((group) => group.settings.deploymentConfigName === name),
  );

export const createConfigBook = (account: Account, store: Store): ConfigBook => {
  const configs = new Map(predefinedConfigs().map((config) => [config.name, config]));
  const predefinedCount = configs.size;

  const get = (name: Json): Config => {
    if (!name) throw refusal("DeploymentConfigNameRequired", "Deployment configuration name is required.");
    const config = configs.get(String(name));
    if (config === undefined) throw missing(name);
    return config;
  };

  return {
    has: (name) => configs.has(name),
    get,
    list: () => [...configs.values()],
    create: (input) => {
      const name = checkConfigName(input.deploymentConfigName);
      if (configs.has(name))
        throw refusal("DeploymentConfigAlreadyExists", `Deployment configuration already exists: ${name}`);
      if (configs.size - predefinedCount >= MAX_CUSTOM_CONFIGS)
        throw refusal("DeploymentConfigLimitExceeded", `At most ${MAX_CUSTOM_CONFIGS} are allowed.`);
      if (input.computePlatform !== "Lambda")
        throw refusal("InvalidComputePlatform", "This account deploys to the compute platform Lambda only.");
      const id = randomUuid(account.world.random("codedeploy-ids"));
      const routing = parseRouting(input.trafficRoutingConfig);
      const config: Config = { id, name, createdAt: account.world.now(), routing };
      configs.set(name, config);
      return config;
    },
    delete: (name) => {
      const config = get(name);
      if (config.name.startsWith(PREDEFINED_PREFIX))
        throw refusal("InvalidOperation", `${name} is predefined and cannot be deleted.`);
      if (isUsed(store, config.name))
        throw refusal("DeploymentConfigInUse", `The deployment configuration ${name} is in use.`);
      configs.delete(config.name);
    },
  };
};

export const configOperations = (account: Account, book: ConfigBook): Record<string, Operation> => {
  const operation = (name: string, run: (input: Json) => Json): Record<string, Operation> => ({
    [name]: {
      needs: (input) => [
        {
          action: `codedeploy:${name}`,
          resource: `arn:aws:codedeploy:${account.region}:${account.id}:deploymentconfig:${input.deploymentConfigName ?? "*"}`,
        },
      ],
      run,
    },
  });
  return {
    ...operation("CreateDeploymentConfig", (input) => ({ deploymentConfigId: book.create(input).id })),
    ...operation("GetDeploymentConfig", (input) => {
      const config = book.get(input.deploymentConfigName);
      return {
        deploymentConfigInfo: {
          deploymentConfigId: config.id,
          deploymentConfigName: config.name,
          createTime: config.createdAt / 1000,
          computePlatform: "Lambda",
          trafficRoutingConfig: routingShape(config.routing),
        },
      };
    }),
    ...operation("ListDeploymentConfigs", () => ({
      deploymentConfigsList: book
        .list()
        .map(({ name }) => name)
        .sort(),
    })),
    ...operation("DeleteDeploymentConfig", (input) => {
      book.delete(input.deploymentConfigName);
      return {};
    }),
  };
};
