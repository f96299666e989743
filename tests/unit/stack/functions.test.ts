import { beforeAll, describe, expect, it } from "vitest";
import { handlerNames } from "../../../build/handlers.ts";
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

const NAMES: Record<string, string> = {
  "before-allow-traffic": "CodeDeployHook_bellwether-STAGE-before",
  "after-allow-traffic": "CodeDeployHook_bellwether-STAGE-after",
};
const RETENTION_DAYS = { local: 30, dev: 30, sit: 90, prod: 2557 };

const handlerOf = (lambda: Resource): string => lambda.Properties.Handler.split("/")[1];

describe.each(STAGES)("the functions of stage %s", (stage) => {
  let template: Template;
  let functions: Resource[];

  beforeAll(async () => {
    template = await templateOf(stage);
    functions = resourcesOf(template, "AWS::Lambda::Function");
  });

  it("are the handlers in the tree, all of them and no other", () => {
    expect(functions.map(handlerOf).sort()).toEqual(handlerNames());
  });

  it("bear the names that CodeDeploy, scripts and alarms know", () => {
    for (const lambda of functions) {
      const expected = NAMES[handlerOf(lambda)] ?? `bellwether-STAGE-${handlerOf(lambda)}`;
      expect(lambda.Properties.FunctionName).toBe(expected.replace("STAGE", stage));
    }
  });

  it("run on Node 24 and arm64, each from its own zip", () => {
    for (const { Properties } of functions) {
      expect(Properties).toMatchObject({ Runtime: "nodejs24.x", Architectures: ["arm64"], MemorySize: 256 });
      expect(Properties.Code.S3Key).toMatch(/\/([a-z-]+)\.zip$/);
    }
    expect(new Set(functions.map(({ Properties }) => Properties.Code.S3Key)).size).toBe(functions.length);
  });

  it("log JSON into groups that stand in the stack and forget in time", () => {
    const groups = new Map(
      resourcesOf(template, "AWS::Logs::LogGroup").map(({ Properties }) => [
        Properties.LogGroupName,
        Properties,
      ]),
    );
    for (const { Properties } of functions) {
      expect(Properties.LoggingConfig.LogFormat).toBe("JSON");
      expect(groups.get(`/aws/lambda/${Properties.FunctionName}`)?.RetentionInDays).toBe(
        RETENTION_DAYS[stage],
      );
    }
  });

  it("have a role each, shared with nobody", () => {
    const roles = functions.map(({ Properties }) => textOf(Properties.Role));
    expect(new Set(roles).size).toBe(functions.length);
  });

  it("are retried twice, and then what they could not digest is kept", () => {
    const configs = new Map(
      resourcesOf(template, "AWS::Lambda::EventInvokeConfig").map(({ Properties }) => [
        textOf(Properties.FunctionName),
        resolved(Properties),
      ]),
    );
    for (const { logicalId } of functions)
      expect(configs.get(logicalId)).toMatchObject({
        MaximumRetryAttempts: 2,
        DestinationConfig: { OnFailure: { Destination: "DeadLetters.Arn" } },
      });
  });

  it("know where they are", () => {
    for (const { Properties } of functions)
      expect(resolved(Properties.Environment.Variables)).toMatchObject({
        STAGE: stage,
        TABLE_NAME: "DeploymentsTable",
        ACCOUNT_ID: "000000000000",
        LOG_LEVEL: "INFO",
        POWERTOOLS_SERVICE_NAME: `bellwether-${stage}`,
        POWERTOOLS_METRICS_NAMESPACE: "Bellwether",
      });
  });

  it("get told what only they need: the judge the hooks' names, the teller its topics", () => {
    const variables = (handler: string): Json =>
      resolved(functions.find((lambda) => handlerOf(lambda) === handler)?.Properties.Environment.Variables);
    expect(variables("judge-canary")).toMatchObject({
      HOOK_BEFORE_NAME: `CodeDeployHook_bellwether-${stage}-before`,
      HOOK_AFTER_NAME: `CodeDeployHook_bellwether-${stage}-after`,
    });
    expect(variables("send-notices")).toMatchObject({
      TOPIC_CRITICAL: "CriticalTopic",
      TOPIC_WARNING: "WarningTopic",
      TOPIC_INFO: "InfoTopic",
    });
    const others = handlerNames().filter((name) => name !== "send-notices");
    expect(others.filter((name) => "TOPIC_CRITICAL" in variables(name))).toEqual([]);
  });

  it("cannot take more than their share while alarms storm or the internet knocks", () => {
    const limited = functions.filter(
      ({ Properties }) => Properties.ReservedConcurrentExecutions !== undefined,
    );
    expect(limited.map(handlerOf).sort()).toEqual(["route-alarm", "slack-action"]);
  });

  it("are open to the internet in one place only, Slack's, whose requests its handler verifies", () => {
    const open = resourcesOf(template, "AWS::Lambda::Permission").filter(
      ({ Properties }) => Properties.Principal === "*",
    );
    expect(new Set(open.map(({ Properties }) => textOf(Properties.FunctionName)))).toEqual(
      new Set(["SlackDashactionLambdaFunction.Arn:live"]),
    );
    for (const { Properties } of open)
      expect(Properties.FunctionUrlAuthType === "NONE" || Properties.InvokedViaFunctionUrl === true).toBe(
        true,
      );
    expect(resourcesOf(template, "AWS::Lambda::Url")).toHaveLength(1);
  });

  it("are named to other stacks, with the topics: as exports and as parameters", () => {
    const names = resourcesOf(template, "AWS::SSM::Parameter")
      .map(({ Properties }) => Properties.Name)
      .filter((name) => !name.includes("/services/"));
    expect(names.sort()).toEqual(
      [
        ...["after/arn", "after/name", "before/arn", "before/name"].map((name) => `hooks/${name}`),
        ...["critical", "dlq", "info", "warning"].map((name) => `topics/${name}/arn`),
      ].map((name) => `/bellwether/${stage}/${name}`),
    );
    const exported = Object.values(template.Outputs).flatMap(({ Export }: Json) => Export?.Name ?? []);
    // Serverless exports its own, under names that begin with sls-.
    expect(exported.filter((name) => !name.startsWith("sls-")).sort()).toEqual(
      [
        ...["after", "before"].flatMap((hook) => [`${hook}-hook-arn`, `${hook}-hook-name`]),
        ...["critical", "dlq", "info", "warning"].map((topic) => `${topic}-topic-arn`),
      ]
        .map((name) => `bellwether-${stage}-${name}`)
        .sort(),
    );
    expect(textOf(template.Outputs.BeforeHookName?.Value)).toBe("BeforeDashallowDashtrafficLambdaFunction");
    expect(textOf(template.Outputs.AfterHookArn?.Value)).toBe("AfterDashallowDashtrafficLambdaFunction.Arn");
    expect(listOf(template.Outputs.SlackActionUrl?.Value)).toHaveLength(1);
  });
});
