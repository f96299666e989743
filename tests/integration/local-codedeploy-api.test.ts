import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import type { Json } from "../../local/account.ts";
import { ROLE } from "../support/small-account.ts";
import {
  appSpec,
  deploy,
  deploymentOf,
  GROUP,
  ordersAccount,
  revision,
} from "../support/small-deployment.ts";

const STYLE = { deploymentType: "BLUE_GREEN", deploymentOption: "WITH_TRAFFIC_CONTROL" };

test.each([
  ["AppSpecContent", "appSpecContent"],
  ["String", "string"],
])(
  "GetDeployment withholds the content of a %s revision, GetApplicationRevision gives it",
  async (revisionType, field) => {
    const account = await ordersAccount();
    const content = appSpec("1", "2");
    const sha256 = createHash("sha256").update(content).digest("hex");
    const input = { ...GROUP, revision: { revisionType, [field]: { content } } };
    const { deploymentId } = await account.call("codedeploy", "CreateDeployment", input);
    const info = await deploymentOf(account, deploymentId);
    expect(info.revision).toEqual({ revisionType, [field]: { sha256 } });
    const { revision: full, revisionInfo } = await account.call("codedeploy", "GetApplicationRevision", {
      applicationName: GROUP.applicationName,
      revision: info.revision,
    });
    expect(full[field].content).toBe(content);
    expect(revisionInfo.deploymentGroups).toEqual([GROUP.deploymentGroupName]);
  },
);

test("a revision registered before can be deployed by its hash", async () => {
  const account = await ordersAccount();
  const content = appSpec("1", "2");
  const { applicationName } = GROUP;
  await account.call("codedeploy", "RegisterApplicationRevision", {
    applicationName,
    revision: revision(content),
  });
  const sha256 = createHash("sha256").update(content).digest("hex");
  const { deploymentId } = await account.call("codedeploy", "CreateDeployment", {
    ...GROUP,
    revision: { revisionType: "AppSpecContent", appSpecContent: { sha256 } },
  });
  await account.pass(10_000);
  expect((await deploymentOf(account, deploymentId)).status).toBe("InProgress");
});

test("an AppSpec in lower case with the version as text is taken", async () => {
  const account = await ordersAccount();
  const properties = { name: "orders", alias: "live", currentversion: "1", targetversion: 2 };
  const content = JSON.stringify({
    version: "0.0",
    resources: [{ any: { type: "AWS::Lambda::Function", properties } }],
  });
  await deploy(account, content);
  await account.pass(5_000);
  expect(account.lambda.moves[0]?.weights).toEqual({ "2": 0.1 });
});

const lambdaResource = (properties: Json) => ({
  x: { Type: "AWS::Lambda::Function", Properties: properties },
});

test.each([
  ["no JSON", "version: 0.0"],
  ["another version", appSpec("1", "2").replace('"version":0', '"version":1')],
  ["equal versions", appSpec("2", "2")],
  ["an unknown hook", appSpec("1", "2", [{ AfterInstall: "f" }])],
  ["two functions", JSON.stringify({ version: 0.0, Resources: [lambdaResource({}), lambdaResource({})] })],
  [
    "a missing alias",
    JSON.stringify({
      version: 0.0,
      Resources: [lambdaResource({ Name: "orders", CurrentVersion: "1", TargetVersion: "2" })],
    }),
  ],
  ["another resource type", appSpec("1", "2").replace("AWS::Lambda::Function", "AWS::ECS::Service")],
])("an AppSpec with %s is refused", async (_what, content) => {
  const account = await ordersAccount();
  const input = { ...GROUP, revision: revision(content) };
  expect(await account.refused("codedeploy", "CreateDeployment", input)).toBe("InvalidRevisionException");
});

const VALID = { ...GROUP, revision: revision(appSpec("1", "2")) };

test.each([
  ["CreateDeployment", { ...VALID, applicationName: "gone" }, "ApplicationDoesNotExist"],
  ["CreateDeployment", { ...VALID, applicationName: undefined }, "ApplicationNameRequired"],
  ["CreateDeployment", { ...VALID, deploymentGroupName: "gone" }, "DeploymentGroupDoesNotExist"],
  ["CreateDeployment", { ...VALID, revision: undefined }, "RevisionRequired"],
  ["CreateDeployment", { ...VALID, revision: { revisionType: "S3" } }, "InvalidRevision"],
  ["CreateDeployment", { ...VALID, deploymentConfigName: "gone" }, "DeploymentConfigDoesNotExist"],
  ["CreateDeployment", { ...VALID, description: "x".repeat(257) }, "DescriptionTooLong"],
  [
    "CreateDeployment",
    { ...VALID, autoRollbackConfiguration: { enabled: true, events: ["SOMETIMES"] } },
    "InvalidAutoRollbackConfig",
  ],
  [
    "CreateDeployment",
    { ...VALID, overrideAlarmConfiguration: { enabled: true, alarms: [] } },
    "InvalidAlarmConfig",
  ],
  [
    "CreateApplication",
    { applicationName: GROUP.applicationName, computePlatform: "Lambda" },
    "ApplicationAlreadyExists",
  ],
  ["CreateApplication", { applicationName: "new", computePlatform: "Server" }, "InvalidComputePlatform"],
  [
    "CreateDeploymentGroup",
    { ...GROUP, serviceRoleArn: ROLE, deploymentStyle: STYLE },
    "DeploymentGroupAlreadyExists",
  ],
  ["CreateDeploymentGroup", { ...GROUP, deploymentGroupName: "g", deploymentStyle: STYLE }, "RoleRequired"],
  [
    "CreateDeploymentGroup",
    { ...GROUP, deploymentGroupName: "g", serviceRoleArn: "me", deploymentStyle: STYLE },
    "InvalidRole",
  ],
  [
    "CreateDeploymentGroup",
    { ...GROUP, deploymentGroupName: "g", serviceRoleArn: ROLE },
    "InvalidDeploymentStyle",
  ],
  [
    "UpdateDeploymentGroup",
    {
      applicationName: GROUP.applicationName,
      currentDeploymentGroupName: GROUP.deploymentGroupName,
      alarmConfiguration: {
        enabled: true,
        alarms: Array.from({ length: 11 }, (_, name) => ({ name: `${name}` })),
      },
    },
    "AlarmsLimitExceeded",
  ],
  [
    "UpdateDeploymentGroup",
    {
      applicationName: GROUP.applicationName,
      currentDeploymentGroupName: GROUP.deploymentGroupName,
      triggerConfigurations: [{ triggerName: "t", triggerTargetArn: "arn", triggerEvents: ["Never"] }],
    },
    "InvalidTriggerConfig",
  ],
  [
    "GetApplicationRevision",
    { applicationName: GROUP.applicationName, revision: revision("{}") },
    "RevisionDoesNotExist",
  ],
  ["ListDeployments", { applicationName: GROUP.applicationName }, "DeploymentGroupNameRequired"],
  ["GetDeployment", {}, "DeploymentIdRequired"],
  ["GetDeployment", { deploymentId: "d-AAAAAAAAA" }, "DeploymentDoesNotExist"],
  ["GetDeploymentConfig", { deploymentConfigName: "gone" }, "DeploymentConfigDoesNotExist"],
  [
    "DeleteDeploymentConfig",
    { deploymentConfigName: "CodeDeployDefault.LambdaAllAtOnce" },
    "InvalidOperation",
  ],
])("%s refuses %j with %s", async (operation, input: Json, code) => {
  const account = await ordersAccount();
  expect(await account.refused("codedeploy", operation, input)).toBe(`${code}Exception`);
});

const canary = (canaryPercentage: number, canaryInterval: number) => ({
  type: "TimeBasedCanary",
  timeBasedCanary: { canaryPercentage, canaryInterval },
});

test.each([
  ["a hundred percent at once", "Mine", canary(100, 5), "InvalidTrafficRoutingConfiguration"],
  ["half a minute", "Mine", canary(10, 0.5), "InvalidTrafficRoutingConfiguration"],
  ["more than two days", "Mine", canary(10, 2881), "InvalidTrafficRoutingConfiguration"],
  ["an unknown type", "Mine", { type: "Sometimes" }, "InvalidTrafficRoutingConfiguration"],
  ["a reserved name", "CodeDeployDefault.Mine", canary(10, 5), "InvalidDeploymentConfigName"],
  ["no name", "", canary(10, 5), "DeploymentConfigNameRequired"],
])("a configuration with %s is refused", async (_what, deploymentConfigName, trafficRoutingConfig, code) => {
  const account = await ordersAccount();
  const input = { deploymentConfigName, computePlatform: "Lambda", trafficRoutingConfig };
  expect(await account.refused("codedeploy", "CreateDeploymentConfig", input)).toBe(`${code}Exception`);
});

test("the nine predefined configurations are there, and one in use cannot be deleted", async () => {
  const account = await ordersAccount();
  const { deploymentConfigsList } = await account.call("codedeploy", "ListDeploymentConfigs");
  expect(deploymentConfigsList).toHaveLength(9);
  expect(deploymentConfigsList).toContain("CodeDeployDefault.LambdaLinear10PercentEvery1Minute");
  const named = { deploymentConfigName: "Mine" };
  await account.call("codedeploy", "CreateDeploymentConfig", {
    ...named,
    computePlatform: "Lambda",
    trafficRoutingConfig: canary(5, 15),
  });
  const { deploymentConfigInfo } = await account.call("codedeploy", "GetDeploymentConfig", named);
  expect(deploymentConfigInfo.trafficRoutingConfig).toEqual(canary(5, 15));
  const currentDeploymentGroupName = GROUP.deploymentGroupName;
  await account.call("codedeploy", "UpdateDeploymentGroup", {
    ...GROUP,
    currentDeploymentGroupName,
    ...named,
  });
  expect(await account.refused("codedeploy", "DeleteDeploymentConfig", named)).toBe(
    "DeploymentConfigInUseException",
  );
});

test("targets can be asked for only once the deployment has started", async () => {
  const account = await ordersAccount();
  const deploymentId = await deploy(account, appSpec("1", "2"));
  expect(await account.refused("codedeploy", "ListDeploymentTargets", { deploymentId })).toBe(
    "DeploymentNotStartedException",
  );
  await account.pass(5_000);
  const { targetIds } = await account.call("codedeploy", "ListDeploymentTargets", { deploymentId });
  const { deploymentTargets } = await account.call("codedeploy", "BatchGetDeploymentTargets", {
    deploymentId,
    targetIds,
  });
  expect(deploymentTargets[0]).toMatchObject({
    deploymentTargetType: "LambdaTarget",
    lambdaTarget: {
      status: "InProgress",
      lambdaFunctionInfo: {
        functionName: "orders",
        functionAlias: "live",
        currentVersion: "1",
        targetVersion: "2",
        targetVersionWeight: 0.1,
      },
    },
  });
});

test("deployments are listed newest first, by status and time", async () => {
  const account = await ordersAccount({ deploymentConfigName: "CodeDeployDefault.LambdaAllAtOnce" });
  const first = await deploy(account, appSpec("1", "2"));
  await account.pass(60_000);
  const second = await deploy(account, appSpec("2", "3"));
  const list = async (more: Json) =>
    (await account.call("codedeploy", "ListDeployments", { ...GROUP, ...more })).deployments;
  expect(await list({})).toEqual([second, first]);
  expect(await list({ includeOnlyStatuses: ["Succeeded"] })).toEqual([first]);
  expect(await list({ createTimeRange: { start: account.world.now() / 1000 - 1 } })).toEqual([second]);
  const { deploymentsInfo } = await account.call("codedeploy", "BatchGetDeployments", {
    deploymentIds: [first, second],
  });
  expect(deploymentsInfo.map(({ status }: Json) => status)).toEqual(["Succeeded", "Created"]);
  expect(deploymentsInfo[1].previousRevision.revisionType).toBe("AppSpecContent");
});
