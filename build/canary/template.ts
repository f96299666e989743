/** A compiled CloudFormation template with what ships its functions by canary: aliases, and CodeDeploy to move them. */
import { bareMentions } from "./bare-mentions.ts";
import { type CanarySettings, configFault, type Shift } from "./settings.ts";

// biome-ignore lint/suspicious/noExplicitAny: a template is JSON of many shapes
export type Json = any;
export type Resource = { Type: string; Properties?: Json; DependsOn?: Json; [attribute: string]: Json };
export type Template = { Resources: Record<string, Resource>; [section: string]: Json };

/** A function that shifts, with the logical ids that the framework gave it. */
export type CanaryFunction = {
  name: string;
  functionId: string;
  versionId: string;
  aliasId: string;
  config: string;
  alarms: readonly string[];
};

/** Logical ids of the hook functions. */
export type HookIds = { before?: string; after?: string };

const APPLICATION = "CodeDeployApplication";
const ROLE = "CodeDeployRole";
const ROLLBACK_EVENTS = ["DEPLOYMENT_FAILURE", "DEPLOYMENT_STOP_ON_ALARM", "DEPLOYMENT_STOP_ON_REQUEST"];

const groupId = ({ functionId }: CanaryFunction): string => `${functionId}DeploymentGroup`;
const configId = (config: string): string => `${config}DeploymentConfig`;
const arnOf = (functionId: string): Json => ({ "Fn::GetAtt": [functionId, "Arn"] });
const idsOf = ({ before, after }: HookIds): string[] => [before, after].filter((id) => id !== undefined);

/** Nothing is named: a changed configuration is another one, and CloudFormation makes it before it drops the old. */
const configResource = ({ shift, percent, minutes }: Shift): Resource => ({
  Type: "AWS::CodeDeploy::DeploymentConfig",
  Properties: {
    ComputePlatform: "Lambda",
    TrafficRoutingConfig:
      shift === "canary"
        ? {
            Type: "TimeBasedCanary",
            TimeBasedCanary: { CanaryPercentage: percent, CanaryInterval: minutes },
          }
        : {
            Type: "TimeBasedLinear",
            TimeBasedLinear: { LinearPercentage: percent, LinearInterval: minutes },
          },
  },
});

const groupResource = (settings: CanarySettings, lambda: CanaryFunction): Resource => {
  const { config, alarms, name } = lambda;
  const isCustom = settings.configs?.[config] !== undefined;
  const heedsAlarms = String(settings.heedsAlarms ?? true) === "true" && alarms.length > 0;
  return {
    Type: "AWS::CodeDeploy::DeploymentGroup",
    Properties: {
      ApplicationName: { Ref: APPLICATION },
      DeploymentGroupName: name,
      ServiceRoleArn: arnOf(ROLE),
      DeploymentStyle: { DeploymentType: "BLUE_GREEN", DeploymentOption: "WITH_TRAFFIC_CONTROL" },
      DeploymentConfigName: isCustom ? { Ref: configId(config) } : `CodeDeployDefault.Lambda${config}`,
      AutoRollbackConfiguration: { Enabled: true, Events: ROLLBACK_EVENTS },
      AlarmConfiguration: {
        Enabled: heedsAlarms,
        // An alarm that cannot be read is no all-clear.
        IgnorePollAlarmFailure: false,
        Alarms: alarms.map((alarm) => ({ Name: { Ref: alarm } })),
      },
    },
  };
};

/** CodeDeploy moves the alias when its version changes, and CloudFormation waits for it. */
const aliasResource = (settings: CanarySettings, lambda: CanaryFunction, hooks: HookIds): Resource => ({
  Type: "AWS::Lambda::Alias",
  UpdatePolicy: {
    CodeDeployLambdaAliasUpdate: {
      ApplicationName: { Ref: APPLICATION },
      DeploymentGroupName: { Ref: groupId(lambda) },
      ...(hooks.before !== undefined && { BeforeAllowTrafficHook: { Ref: hooks.before } }),
      ...(hooks.after !== undefined && { AfterAllowTrafficHook: { Ref: hooks.after } }),
    },
  },
  Properties: {
    FunctionName: { Ref: lambda.functionId },
    FunctionVersion: { "Fn::GetAtt": [lambda.versionId, "Version"] },
    Name: settings.alias,
  },
});

const policyResources = ({ policy }: CanarySettings, { functionId, name }: CanaryFunction) =>
  policy === undefined
    ? {}
    : {
        [`${functionId}Policy`]: {
          Type: "AWS::SSM::Parameter",
          Properties: {
            Name: `${policy.under}/${name}`,
            Type: "String",
            Value: JSON.stringify(policy.document),
          },
        },
      };

/**
 * AWSCodeDeployRoleForLambdaLimited without its buckets, on these functions and hooks alone. IAM knows an alias by the
 * function's ARN or by its own, depending on the call: both are named.
 */
const roleResource = (
  settings: CanarySettings,
  functions: readonly CanaryFunction[],
  hooks: HookIds,
): Resource => {
  const movesAliases = {
    Effect: "Allow",
    Action: ["lambda:GetAlias", "lambda:UpdateAlias", "lambda:GetProvisionedConcurrencyConfig"],
    Resource: functions.flatMap(({ functionId }) => [
      arnOf(functionId),
      { "Fn::Sub": `\${${functionId}.Arn}:${settings.alias}` },
    ]),
  };
  const callsHooks = { Effect: "Allow", Action: "lambda:InvokeFunction", Resource: idsOf(hooks).map(arnOf) };
  // What CodeDeploy asks for by name is not documented; a refusal would stop every deployment.
  const readsAlarms = { Effect: "Allow", Action: "cloudwatch:DescribeAlarms", Resource: "*" };
  return {
    Type: "AWS::IAM::Role",
    Properties: {
      AssumeRolePolicyDocument: {
        Version: "2012-10-17",
        Statement: [
          { Effect: "Allow", Principal: { Service: "codedeploy.amazonaws.com" }, Action: "sts:AssumeRole" },
        ],
      },
      Policies: [
        {
          PolicyName: "shifts",
          PolicyDocument: {
            Version: "2012-10-17",
            Statement: [movesAliases, ...(idsOf(hooks).length > 0 ? [callsHooks] : []), readsAlarms],
          },
        },
      ],
    },
  };
};

const faultsOf = (
  template: Template,
  settings: CanarySettings,
  functions: readonly CanaryFunction[],
  made: Readonly<Record<string, Resource>>,
): string[] => [
  ...new Set([
    ...functions.flatMap(({ config }) => configFault(settings, config) ?? []),
    ...functions
      .flatMap(({ alarms }) => alarms)
      .filter((alarm) => template.Resources[alarm]?.Type !== "AWS::CloudWatch::Alarm")
      .map((alarm) => `no alarm of the template is called "${alarm}"`),
    ...Object.keys(made)
      .filter((id) => id in template.Resources)
      .map((id) => `the template has a ${id} of its own`),
    ...functions.flatMap(({ functionId }) =>
      bareMentions(template.Resources, functionId, settings.alias).map(
        (id) => `${id} (${template.Resources[id]?.Type}) calls ${functionId} past its alias`,
      ),
    ),
  ]),
];

/** The framework exports every version's ARN: a stack that imported one would keep this one from ever shipping another. */
const withoutVersions = (outputs: Json, functions: readonly CanaryFunction[]): Json =>
  Object.fromEntries(
    Object.entries<Json>(outputs ?? {}).filter(
      ([, { Value }]) => !functions.some(({ versionId }) => Value?.Ref === versionId),
    ),
  );

/**
 * The template with an alias, a deployment group and a way to shift for every function, and one application and role for all.
 * Triggers must point at the aliases already. Throws an Error with every fault in one line: an unknown configuration or alarm,
 * a name that is taken, a trigger that would call a function past its alias.
 */
export const withCanaries = (
  template: Template,
  settings: CanarySettings,
  functions: readonly CanaryFunction[],
  hooks: HookIds,
): Template => {
  if (functions.length === 0) return template;
  const configs = Object.entries(settings.configs ?? {}).filter(([name]) =>
    functions.some(({ config }) => config === name),
  );
  const made: Record<string, Resource> = {
    [APPLICATION]: {
      Type: "AWS::CodeDeploy::Application",
      Properties: { ApplicationName: settings.application, ComputePlatform: "Lambda" },
    },
    [ROLE]: roleResource(settings, functions, hooks),
    ...Object.fromEntries(configs.map(([name, shift]) => [configId(name), configResource(shift)])),
    ...Object.fromEntries(functions.map((one) => [groupId(one), groupResource(settings, one)])),
    ...Object.assign({}, ...functions.map((one) => policyResources(settings, one))),
    ...Object.fromEntries(functions.map((one) => [one.aliasId, aliasResource(settings, one, hooks)])),
  };
  const faults = faultsOf(template, settings, functions, made);
  if (faults.length > 0) throw new Error(faults.join("; "));
  return {
    ...template,
    Resources: { ...template.Resources, ...made },
    Outputs: withoutVersions(template.Outputs, functions),
  };
};
