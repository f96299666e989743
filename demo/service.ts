/** The example service in the account: a function with versions, an alias, and a CodeDeploy group that shifts it. */
import {
  CreateApplicationCommand,
  CreateDeploymentCommand,
  CreateDeploymentGroupCommand,
} from "@aws-sdk/client-codedeploy";
import {
  CreateAliasCommand,
  CreateFunctionCommand,
  GetAliasCommand,
  PublishVersionCommand,
  UpdateFunctionCodeCommand,
} from "@aws-sdk/client-lambda";
import { GetParametersCommand, PutParameterCommand } from "@aws-sdk/client-ssm";
import type { Policy } from "../lib/policy/policy.ts";
import type { Clients } from "./aws-clients.ts";
import type { Change, Code } from "./scenario.ts";
import { zipOf } from "./zip-version.ts";

export const SERVICE = "checkout";
export const ALIAS = "live";
const CANARY = "CodeDeployDefault.LambdaCanary10Percent5Minutes";
const TIMEOUT_SECONDS = 10;
const MEMORY_MB = 256;
const ROLLBACK_EVENTS = [
  "DEPLOYMENT_FAILURE",
  "DEPLOYMENT_STOP_ON_ALARM",
  "DEPLOYMENT_STOP_ON_REQUEST",
] as const;

export type Roles = { functionArn: string; codedeployArn: string };

/** Version numbers as Lambda gave them, and the hooks of the stack it stands beside. */
export type Service = {
  name: string;
  alias: string;
  from: string;
  to: string;
  clients: Clients;
  hooks: { before: string; after: string };
};

const publish = async ({ lambda }: Clients): Promise<string> => {
  const { Version } = await lambda.send(new PublishVersionCommand({ FunctionName: SERVICE }));
  if (Version === undefined) throw new Error("Lambda published no version");
  return Version;
};

const createFunction = async (
  clients: Clients,
  roles: Roles,
  from: Code,
  to: Code,
): Promise<{ from: string; to: string }> => {
  await clients.lambda.send(
    new CreateFunctionCommand({
      FunctionName: SERVICE,
      Runtime: "nodejs24.x",
      Handler: "index.handler",
      Role: roles.functionArn,
      Code: { ZipFile: await zipOf(from) },
      Timeout: TIMEOUT_SECONDS,
      MemorySize: MEMORY_MB,
    }),
  );
  const old = await publish(clients);
  await clients.lambda.send(
    new CreateAliasCommand({ FunctionName: SERVICE, Name: ALIAS, FunctionVersion: old }),
  );
  await clients.lambda.send(
    new UpdateFunctionCodeCommand({ FunctionName: SERVICE, ZipFile: await zipOf(to) }),
  );
  return { from: old, to: await publish(clients) };
};

const createGroup = async ({ codedeploy }: Clients, roles: Roles, config: string): Promise<void> => {
  await codedeploy.send(
    new CreateApplicationCommand({ applicationName: SERVICE, computePlatform: "Lambda" }),
  );
  await codedeploy.send(
    new CreateDeploymentGroupCommand({
      applicationName: SERVICE,
      deploymentGroupName: SERVICE,
      serviceRoleArn: roles.codedeployArn,
      deploymentConfigName: config,
      deploymentStyle: { deploymentType: "BLUE_GREEN", deploymentOption: "WITH_TRAFFIC_CONTROL" },
      autoRollbackConfiguration: { enabled: true, events: [...ROLLBACK_EVENTS] },
    }),
  );
};

/** The stack says by parameters what its hooks are called. */
const hookNames = async ({ ssm }: Clients, stage: string): Promise<{ before: string; after: string }> => {
  const names = ["before", "after"].map((hook) => `/bellwether/${stage}/hooks/${hook}/name`);
  const { Parameters = [] } = await ssm.send(new GetParametersCommand({ Names: names }));
  const [before, after] = names.map((name) => Parameters.find((each) => each.Name === name)?.Value);
  if (before === undefined || after === undefined) throw new Error("the stack names no hooks");
  return { before, after };
};

/** Makes the service: the old version live, the new one published and without traffic, the policy in its place. */
export const createService = async (
  clients: Clients,
  roles: Roles,
  scenario: Change,
  policy: Policy,
  stage: string,
): Promise<Service> => {
  const versions = await createFunction(clients, roles, scenario.from, scenario.to);
  await createGroup(clients, roles, scenario.deploymentConfig ?? CANARY);
  await clients.ssm.send(
    new PutParameterCommand({
      Name: `/bellwether/${stage}/services/${SERVICE}`,
      Value: JSON.stringify(policy),
      Type: "String",
      Overwrite: true,
    }),
  );
  return { name: SERVICE, alias: ALIAS, ...versions, clients, hooks: await hookNames(clients, stage) };
};

/** Asks CodeDeploy to deploy the new version. Resolves with the deployment's id as soon as it is created. */
export const deploy = async (service: Service, description: string): Promise<string> => {
  const { clients, name, alias, from, to, hooks } = service;
  const appSpec = {
    version: 0.0,
    Resources: [
      {
        [name]: {
          Type: "AWS::Lambda::Function",
          Properties: { Name: name, Alias: alias, CurrentVersion: from, TargetVersion: to },
        },
      },
    ],
    Hooks: [{ BeforeAllowTraffic: hooks.before }, { AfterAllowTraffic: hooks.after }],
  };
  const { deploymentId } = await clients.codedeploy.send(
    new CreateDeploymentCommand({
      applicationName: SERVICE,
      deploymentGroupName: SERVICE,
      description,
      revision: { revisionType: "AppSpecContent", appSpecContent: { content: JSON.stringify(appSpec) } },
    }),
  );
  if (deploymentId === undefined) throw new Error("CodeDeploy gave no deployment id");
  return deploymentId;
};

/** What the alias serves now: a version, or versions with shares when it is split. */
export const servedBy = async ({ clients, name, alias }: Service): Promise<string> => {
  const found = await clients.lambda.send(new GetAliasCommand({ FunctionName: name, Name: alias }));
  const split = Object.entries(found.RoutingConfig?.AdditionalVersionWeights ?? {});
  const shares = split.map(([version, weight]) => ` + ${version} at ${Math.round(weight * 100)} %`);
  return `${found.FunctionVersion ?? ""}${shares.join("")}`;
};
