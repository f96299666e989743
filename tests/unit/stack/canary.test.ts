import { beforeAll, describe, expect, it } from "vitest";
import { OWN_CONFIGS } from "../../../build/canary/settings.ts";
import { parsePolicy } from "../../../lib/policy/policy.ts";
import {
  type Json,
  listOf,
  type Resource,
  resolved,
  resourcesOf,
  STAGES,
  type Template,
  templateOf,
  textOf,
} from "../../support/stack.ts";

const HOOKS = ["BeforeDashallowDashtrafficLambdaFunction", "AfterDashallowDashtrafficLambdaFunction"];
const UPDATE_POLICY_KEYS = [
  "AfterAllowTrafficHook",
  "ApplicationName",
  "BeforeAllowTrafficHook",
  "DeploymentGroupName",
];

describe.each(STAGES)("Bellwether of stage %s", (stage) => {
  let template: Template;
  let functions: Resource[];
  let aliases: Resource[];
  let groups: Resource[];

  beforeAll(async () => {
    template = await templateOf(stage);
    functions = resourcesOf(template, "AWS::Lambda::Function");
    aliases = resourcesOf(template, "AWS::Lambda::Alias");
    groups = resourcesOf(template, "AWS::CodeDeploy::DeploymentGroup");
  });

  const shifting = (): string[] =>
    functions.map(({ logicalId }) => logicalId).filter((logicalId) => !HOOKS.includes(logicalId));

  it("ships every function but its hooks by an alias of its own, onto a version of that function", () => {
    expect(shifting().length).toBeGreaterThan(0);
    expect(aliases.map(({ Properties }) => textOf(Properties.FunctionName)).sort()).toEqual(
      shifting().sort(),
    );
    for (const { Properties } of aliases) {
      expect(Properties.Name).toBe("live");
      expect(Properties).not.toHaveProperty("RoutingConfig");
      const version = template.Resources[textOf(Properties.FunctionVersion).replace(".Version", "")];
      expect(version).toMatchObject({ Type: "AWS::Lambda::Version", DeletionPolicy: "Retain" });
      expect(version?.Properties.FunctionName).toEqual(Properties.FunctionName);
    }
  });

  it("lets CodeDeploy move every alias, past its own hooks, in the words CloudFormation knows", () => {
    for (const alias of aliases as (Resource & { UpdatePolicy: Json })[]) {
      expect(Object.keys(alias.UpdatePolicy)).toEqual(["CodeDeployLambdaAliasUpdate"]);
      const policy = resolved(alias.UpdatePolicy.CodeDeployLambdaAliasUpdate);
      expect(Object.keys(policy).sort()).toEqual(UPDATE_POLICY_KEYS);
      expect([policy.BeforeAllowTrafficHook, policy.AfterAllowTrafficHook]).toEqual(HOOKS);
      expect(template.Resources[policy.ApplicationName]?.Type).toBe("AWS::CodeDeploy::Application");
      const group = template.Resources[policy.DeploymentGroupName];
      expect(group?.Type).toBe("AWS::CodeDeploy::DeploymentGroup");
      const lambda = template.Resources[textOf(alias.Properties.FunctionName)];
      expect(group?.Properties.DeploymentGroupName).toBe(lambda?.Properties.FunctionName);
    }
    expect(groups).toHaveLength(aliases.length);
  });

  it("shifts by a configuration that exists: CodeDeploy's own, or one of the stack", () => {
    for (const { Properties } of groups) {
      const name = textOf(Properties.DeploymentConfigName);
      const isOwn = OWN_CONFIGS.some((config) => `CodeDeployDefault.Lambda${config}` === name);
      expect(isOwn || template.Resources[name]?.Type === "AWS::CodeDeploy::DeploymentConfig").toBe(true);
    }
  });

  it("goes back on a failure, on an alarm and on request, and when an alarm cannot be read", () => {
    for (const { Properties } of groups) {
      expect(Properties).toMatchObject({
        DeploymentStyle: { DeploymentType: "BLUE_GREEN", DeploymentOption: "WITH_TRAFFIC_CONTROL" },
        AutoRollbackConfiguration: {
          Enabled: true,
          Events: ["DEPLOYMENT_FAILURE", "DEPLOYMENT_STOP_ON_ALARM", "DEPLOYMENT_STOP_ON_REQUEST"],
        },
        AlarmConfiguration: { Enabled: true, IgnorePollAlarmFailure: false },
      });
      const alarms = resolved(Properties.AlarmConfiguration.Alarms);
      expect(alarms.length).toBeGreaterThan(0);
      expect(alarms.length).toBeLessThanOrEqual(10);
      for (const { Name } of alarms) expect(template.Resources[Name]?.Type).toBe("AWS::CloudWatch::Alarm");
    }
  });

  it("calls no function that shifts past its alias", () => {
    const called = [
      ...resourcesOf(template, "AWS::Events::Rule").flatMap(({ Properties }) =>
        Properties.Targets.map(({ Arn }: Json) => textOf(Arn)),
      ),
      ...["AWS::Lambda::Permission", "AWS::Lambda::EventSourceMapping"].flatMap((type) =>
        resourcesOf(template, type).map(({ Properties }) => textOf(Properties.FunctionName)),
      ),
      ...resourcesOf(template, "AWS::Lambda::Url").map(({ Properties }) =>
        textOf(Properties.TargetFunctionArn),
      ),
    ];
    const live = shifting().map((logicalId) => `${logicalId}.Arn:live`);
    expect([...new Set(called)].sort()).toEqual(live.sort());
  });

  it("keeps what an alias could not digest, and what a hook could not, which is called by its plain name", () => {
    for (const { Properties } of resourcesOf(template, "AWS::Lambda::EventInvokeConfig"))
      expect(Properties.Qualifier).toBe(HOOKS.includes(textOf(Properties.FunctionName)) ? "$LATEST" : "live");
  });

  it("gives CodeDeploy these aliases and these hooks, and no other function of the account", () => {
    const [policy] = template.Resources.CodeDeployRole?.Properties.Policies ?? [];
    const [moves, calls, reads] = resolved(policy.PolicyDocument.Statement);
    expect(listOf(moves.Action)).toEqual([
      "lambda:GetAlias",
      "lambda:UpdateAlias",
      "lambda:GetProvisionedConcurrencyConfig",
    ]);
    expect([...moves.Resource].sort()).toEqual(
      shifting()
        .flatMap((logicalId) => [`${logicalId}.Arn`, `${logicalId}.Arn:live`])
        .sort(),
    );
    expect(calls).toEqual({
      Effect: "Allow",
      Action: "lambda:InvokeFunction",
      Resource: HOOKS.map((logicalId) => `${logicalId}.Arn`),
    });
    expect(reads.Action).toBe("cloudwatch:DescribeAlarms");
    expect(policy.PolicyDocument.Statement).toHaveLength(3);
  });

  it("promises for each function that it loads, and that nothing is touched on the judge's word", () => {
    const policies = new Map<string, string>(
      resourcesOf(template, "AWS::SSM::Parameter").map(({ Properties }) => [
        Properties.Name,
        Properties.Value,
      ]),
    );
    for (const logicalId of shifting()) {
      const name = template.Resources[logicalId]?.Properties.FunctionName;
      const policy = parsePolicy(String(policies.get(`/bellwether/${stage}/services/${name}`)));
      expect(policy).toMatchObject({
        mode: "shadow",
        smoke: [{ payload: {}, expect: { bodyIncludes: "refused" } }],
      });
    }
  });

  it("exports no version: a stack that imported one would hold this one back", () => {
    const versions = resourcesOf(template, "AWS::Lambda::Version").map(({ logicalId }) => logicalId);
    const values = Object.values(template.Outputs).map(({ Value }) => textOf(Value));
    expect(values.filter((value) => versions.includes(value))).toEqual([]);
  });
});
