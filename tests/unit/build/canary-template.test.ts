// biome-ignore-all lint/suspicious/noTemplateCurlyInString: CloudFormation writes its references this way
import { describe, expect, it } from "vitest";
import {
  type CanarySettings,
  type FunctionCanary,
  isCanaried,
  OWN_CONFIGS,
  shiftOf,
} from "../../../build/canary/settings.ts";
import {
  type CanaryFunction,
  type HookIds,
  type Resource,
  type Template,
  withCanaries,
} from "../../../build/canary/template.ts";

const SETTINGS: CanarySettings = {
  alias: "live",
  application: "shop",
  config: "Canary10Percent5Minutes",
  alarms: ["Errors"],
  hooks: { before: "hook" },
  configs: {
    Half: { shift: "canary", percent: 50, minutes: 15 },
    Slow: { shift: "linear", percent: 20, minutes: 2 },
  },
};
const HOOKS: HookIds = { before: "HookFunction" };
const ORDERS: CanaryFunction = {
  name: "shop-orders",
  functionId: "OrdersFunction",
  versionId: "OrdersVersionAbc",
  aliasId: "OrdersFunctionAlias",
  config: "Canary10Percent5Minutes",
  alarms: ["Errors"],
};

const templateWith = (more: Record<string, Resource> = {}): Template => ({
  Resources: {
    OrdersFunction: { Type: "AWS::Lambda::Function", Properties: { FunctionName: "shop-orders" } },
    OrdersVersionAbc: {
      Type: "AWS::Lambda::Version",
      Properties: { FunctionName: { Ref: "OrdersFunction" } },
    },
    HookFunction: { Type: "AWS::Lambda::Function" },
    Errors: {
      Type: "AWS::CloudWatch::Alarm",
      Properties: { Dimensions: [{ Name: "FunctionName", Value: { Ref: "OrdersFunction" } }] },
    },
    ...more,
  },
  Outputs: { Version: { Value: { Ref: "OrdersVersionAbc" } }, Name: { Value: { Ref: "OrdersFunction" } } },
});

type Changes = {
  more?: Record<string, Resource>;
  settings?: Partial<CanarySettings>;
  orders?: Partial<CanaryFunction>;
};

const made = ({ more = {}, settings = {}, orders = {} }: Changes = {}): Template =>
  withCanaries(templateWith(more), { ...SETTINGS, ...settings }, [{ ...ORDERS, ...orders }], HOOKS);

const groupOf = (template: Template) => template.Resources.OrdersFunctionDeploymentGroup?.Properties;

describe("a function that ships by canary", () => {
  it("gets an alias on its version, which CodeDeploy moves in its group past the hook there is", () => {
    expect(made().Resources.OrdersFunctionAlias).toEqual({
      Type: "AWS::Lambda::Alias",
      UpdatePolicy: {
        CodeDeployLambdaAliasUpdate: {
          ApplicationName: { Ref: "CodeDeployApplication" },
          DeploymentGroupName: { Ref: "OrdersFunctionDeploymentGroup" },
          BeforeAllowTrafficHook: { Ref: "HookFunction" },
        },
      },
      Properties: {
        FunctionName: { Ref: "OrdersFunction" },
        FunctionVersion: { "Fn::GetAtt": ["OrdersVersionAbc", "Version"] },
        Name: "live",
      },
    });
  });

  it("shifts as CodeDeploy's own configuration says, by its whole name", () => {
    expect(OWN_CONFIGS).toHaveLength(9);
    for (const config of OWN_CONFIGS)
      expect(groupOf(made({ orders: { config } })).DeploymentConfigName).toBe(
        `CodeDeployDefault.Lambda${config}`,
      );
    expect(made().Resources).not.toHaveProperty("HalfDeploymentConfig");
  });

  it("shifts as a configuration of the service's own says, which is made when somebody uses it", () => {
    const half = made({ orders: { config: "Half" } });
    expect(groupOf(half).DeploymentConfigName).toEqual({ Ref: "HalfDeploymentConfig" });
    expect(half.Resources.HalfDeploymentConfig?.Properties).toEqual({
      ComputePlatform: "Lambda",
      TrafficRoutingConfig: {
        Type: "TimeBasedCanary",
        TimeBasedCanary: { CanaryPercentage: 50, CanaryInterval: 15 },
      },
    });
    expect(half.Resources).not.toHaveProperty("SlowDeploymentConfig");
    expect(
      made({ orders: { config: "Slow" } }).Resources.SlowDeploymentConfig?.Properties.TrafficRoutingConfig,
    ).toEqual({ Type: "TimeBasedLinear", TimeBasedLinear: { LinearPercentage: 20, LinearInterval: 2 } });
  });

  it("heeds its alarms unless told not to, and then still names them", () => {
    const Alarms = [{ Name: { Ref: "Errors" } }];
    const alarmsOf = (settings: Partial<CanarySettings>) => groupOf(made({ settings })).AlarmConfiguration;
    expect(alarmsOf({})).toEqual({ Enabled: true, IgnorePollAlarmFailure: false, Alarms });
    for (const heedsAlarms of [false, "false"] as const)
      expect(alarmsOf({ heedsAlarms })).toEqual({ Enabled: false, IgnorePollAlarmFailure: false, Alarms });
    expect(groupOf(made({ orders: { alarms: [] } })).AlarmConfiguration.Enabled).toBe(false);
  });

  it("promises what the service promises, under its own name", () => {
    const policy = { under: "/promises", document: { mode: "shadow" } };
    expect(made({ settings: { policy } }).Resources.OrdersFunctionPolicy).toEqual({
      Type: "AWS::SSM::Parameter",
      Properties: { Name: "/promises/shop-orders", Type: "String", Value: '{"mode":"shadow"}' },
    });
    expect(made().Resources).not.toHaveProperty("OrdersFunctionPolicy");
  });

  it("loses nothing of its template but the version's output", () => {
    const before = templateWith();
    const after = made();
    expect(after.Resources).toMatchObject(before.Resources);
    expect(after.Outputs).toEqual({ Name: { Value: { Ref: "OrdersFunction" } } });
    expect(before).toEqual(templateWith());
  });

  it("says for itself how it ships, and otherwise what the service says", () => {
    expect(shiftOf(SETTINGS, undefined)).toEqual({ config: "Canary10Percent5Minutes", alarms: ["Errors"] });
    expect(shiftOf(SETTINGS, { config: "Half" })).toEqual({ config: "Half", alarms: ["Errors"] });
    expect(shiftOf(SETTINGS, { alarms: [] })).toEqual({ config: "Canary10Percent5Minutes", alarms: [] });
  });

  it.each<[string, FunctionCanary | undefined, boolean]>([
    ["orders", undefined, true],
    ["orders", { config: "Half" }, true],
    ["orders", false, false],
    ["hook", undefined, false],
  ])("%s with canary %j: %s", (key, own, expected) => {
    expect(isCanaried(SETTINGS, key, own)).toBe(expected);
  });

  it("leaves a service alone in which nothing ships by canary", () => {
    const template = templateWith();
    expect(withCanaries(template, SETTINGS, [], HOOKS)).toBe(template);
  });
});

describe("CodeDeploy's role", () => {
  it("calls no function when there are no hooks", () => {
    const { Resources } = withCanaries(templateWith(), SETTINGS, [ORDERS], {});
    expect(JSON.stringify(Resources.CodeDeployRole)).not.toContain("InvokeFunction");
    expect(
      Object.keys(Resources.OrdersFunctionAlias?.UpdatePolicy.CodeDeployLambdaAliasUpdate).sort(),
    ).toEqual(["ApplicationName", "DeploymentGroupName"]);
  });
});

describe("a template is refused, in one line,", () => {
  it.each<[string, Changes, string]>([
    [
      "for a configuration that nobody knows",
      { orders: { config: "Canary7Percent" } },
      'no deployment configuration is called "Canary7Percent": use one of Half, Slow, AllAtOnce,',
    ],
    [
      "for a shift that CodeDeploy gives up",
      {
        orders: { config: "Long" },
        settings: { configs: { Long: { shift: "linear", percent: 1, minutes: 30 } } },
      },
      '"Long" takes 2970 minutes: CodeDeploy allows 2880',
    ],
    [
      "for an alarm that is not there",
      { orders: { alarms: ["Eror"] } },
      'no alarm of the template is called "Eror"',
    ],
    ["for an alarm that is none", { orders: { alarms: ["HookFunction"] } }, 'is called "HookFunction"'],
    [
      "for a name that is taken",
      { more: { CodeDeployRole: { Type: "AWS::IAM::Role" } } },
      "the template has a CodeDeployRole of its own",
    ],
  ])("%s", (_why, changes, message) => {
    expect(() => made(changes)).toThrow(message);
    expect(() => made(changes)).toThrow(/^[^\n]*$/);
  });

  it.each<[string, Resource]>([
    ["a rule", { Type: "AWS::Events::Rule", Properties: { Targets: [{ Arn: arn("OrdersFunction") }] } }],
    ["a name", { Type: "AWS::Lambda::Permission", Properties: { FunctionName: { Ref: "OrdersFunction" } } }],
    [
      "a text",
      { Type: "AWS::SNS::Subscription", Properties: { Endpoint: { "Fn::Sub": "${OrdersFunction.Arn}" } } },
    ],
    [
      "another alias",
      { Type: "AWS::Events::Rule", Properties: { Targets: [{ Arn: qualified("OrdersFunction", "old") }] } },
    ],
    [
      "what is kept for $LATEST",
      {
        Type: "AWS::Lambda::EventInvokeConfig",
        Properties: { FunctionName: { Ref: "OrdersFunction" }, Qualifier: "$LATEST" },
      },
    ],
  ])("for %s that goes past the alias", (_what, Caller) => {
    expect(() => made({ more: { Caller } })).toThrow(
      `Caller (${Caller.Type}) calls OrdersFunction past its alias`,
    );
  });

  it.each<[string, Resource]>([
    [
      "a rule",
      { Type: "AWS::Events::Rule", Properties: { Targets: [{ Arn: qualified("OrdersFunction", "live") }] } },
    ],
    [
      "a text",
      {
        Type: "AWS::SNS::Subscription",
        Properties: { Endpoint: { "Fn::Sub": "${OrdersFunction.Arn}:live" } },
      },
    ],
    [
      "what is kept for the alias",
      {
        Type: "AWS::Lambda::EventInvokeConfig",
        Properties: { FunctionName: { Ref: "OrdersFunction" }, Qualifier: "live" },
      },
    ],
    ["a parameter", { Type: "AWS::SSM::Parameter", Properties: { Value: { Ref: "OrdersFunction" } } }],
    [
      "a rule for another function",
      { Type: "AWS::Events::Rule", Properties: { Targets: [{ Arn: arn("HookFunction") }] } },
    ],
  ])("but not for %s that goes to the alias, or calls nobody", (_what, Caller) => {
    expect(made({ more: { Caller } }).Resources.Caller).toEqual(Caller);
  });
});

function arn(functionId: string) {
  return { "Fn::GetAtt": [functionId, "Arn"] };
}
function qualified(functionId: string, alias: string) {
  return { "Fn::Join": [":", [arn(functionId), alias]] };
}
