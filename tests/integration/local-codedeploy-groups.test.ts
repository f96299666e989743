import { expect, test } from "vitest";
import type { Json } from "../../local/account.ts";
import { ROLE } from "../support/small-account.ts";
import { answerHook, appSpec, deploy, GROUP, ordersAccount, revision } from "../support/small-deployment.ts";

test("a group's triggers tell its topics in real messages' form, as long as the role may publish", async () => {
  const account = await ordersAccount();
  const { TopicArn } = await account.call("sns", "CreateTopic", { Name: "deployments" });
  const currentDeploymentGroupName = GROUP.deploymentGroupName;
  const triggerEvents = [
    "DeploymentStart",
    "DeploymentSuccess",
    "DeploymentFailure",
    "DeploymentStop",
    "DeploymentRollback",
  ];
  await account.call("codedeploy", "UpdateDeploymentGroup", {
    ...GROUP,
    currentDeploymentGroupName,
    triggerConfigurations: [{ triggerName: "tell", triggerTargetArn: TopicArn, triggerEvents }],
  });
  answerHook(account, "CodeDeployHook_before", "Failed");
  const id = await deploy(account, appSpec("1", "2", [{ BeforeAllowTraffic: "CodeDeployHook_before" }]));
  await account.pass(10_000);
  const messages = account.sns.published.map(({ message }) => JSON.parse(message));
  expect(messages.map(({ status }) => status)).toEqual([
    "CREATED",
    "IN_PROGRESS",
    "FAILED",
    "CREATED",
    "IN_PROGRESS",
    "SUCCEEDED",
  ]);
  expect(account.sns.published[0]?.subject).toBe(`CREATED: AWS CodeDeploy ${id} in eu-west-1 to orders-app`);
  expect(messages[0]).toMatchObject({ createTime: "Sun Aug 16 11:56:00 UTC 2026", completeTime: null });
  expect(JSON.parse(messages[2].errorInformation).ErrorCode).toBe("HOOK_EXECUTION_FAILURE");
  expect(JSON.parse(messages[3].rollbackInformation).RollbackTriggeringDeploymentId).toBe(id);
  account.denied.add("sns:Publish");
  await deploy(account, appSpec("1", "2"));
  expect(account.sns.published).toHaveLength(6);
});

test("CloudFormation makes an application, a configuration and a group, and a second time changes the group", async () => {
  const account = await ordersAccount();
  const application = await account.make(
    "AWS::CodeDeploy::Application",
    { ComputePlatform: "Lambda" },
    "App",
  );
  const config = await account.make(
    "AWS::CodeDeploy::DeploymentConfig",
    {
      ComputePlatform: "Lambda",
      TrafficRoutingConfig: {
        Type: "TimeBasedCanary",
        TimeBasedCanary: { CanaryPercentage: 5, CanaryInterval: 2 },
      },
    },
    "Config",
  );
  const properties = {
    ApplicationName: application.ref,
    ServiceRoleArn: ROLE,
    DeploymentConfigName: config.ref,
    DeploymentStyle: { DeploymentType: "BLUE_GREEN", DeploymentOption: "WITH_TRAFFIC_CONTROL" },
    AlarmConfiguration: { Enabled: "true", Alarms: [{ Name: "errors" }] },
    AutoRollbackConfiguration: { Enabled: true, Events: ["DEPLOYMENT_FAILURE"] },
  };
  const group = await account.make("AWS::CodeDeploy::DeploymentGroup", properties, "Group");
  expect(group.ref).toMatch(/^stack-Group-[0-9A-Z]{12}$/);
  const info = async () => {
    const input = { applicationName: application.ref, deploymentGroupName: group.ref };
    return (await account.call("codedeploy", "GetDeploymentGroup", input)).deploymentGroupInfo;
  };
  expect(await info()).toMatchObject({
    deploymentConfigName: config.ref,
    alarmConfiguration: { enabled: true, alarms: [{ name: "errors" }] },
    autoRollbackConfiguration: { enabled: true, events: ["DEPLOYMENT_FAILURE"] },
  });
  const again = await account.make(
    "AWS::CodeDeploy::DeploymentGroup",
    { ...properties, AlarmConfiguration: { Enabled: false, Alarms: [] } },
    "Group",
  );
  expect(again.ref).toBe(group.ref);
  expect((await info()).alarmConfiguration.enabled).toBe(false);
});

test("calls need the resources that the permissions reference names", async () => {
  const account = await ordersAccount();
  const deploymentId = await deploy(account, appSpec("1", "2"));
  const arn = (rest: string): string => `arn:aws:codedeploy:eu-west-1:111122223333:${rest}`;
  const group = arn("deploymentgroup:orders-app/orders-live");
  const needs = (operation: string, input: Json) => account.needs("codedeploy", operation, input);
  for (const operation of [
    "GetDeployment",
    "StopDeployment",
    "PutLifecycleEventHookExecutionStatus",
    "GetDeploymentTarget",
  ])
    expect(needs(operation, { deploymentId })).toEqual([`codedeploy:${operation} ${group}`]);
  expect(needs("ListDeployments", GROUP)).toEqual([`codedeploy:ListDeployments ${group}`]);
  expect(needs("BatchGetDeployments", { deploymentIds: [deploymentId] })).toEqual([
    `codedeploy:BatchGetDeployments ${group}`,
  ]);
  expect(needs("BatchGetDeploymentTargets", { deploymentId })).toEqual([
    "codedeploy:BatchGetDeploymentTargets *",
  ]);
  expect(needs("GetApplicationRevision", GROUP)).toEqual([
    `codedeploy:GetApplicationRevision ${arn("application:orders-app")}`,
  ]);
  expect(needs("CreateDeployment", { ...GROUP, overrideAlarmConfiguration: { enabled: false } })).toEqual([
    `codedeploy:CreateDeployment ${group}`,
    `codedeploy:GetDeploymentConfig ${arn("deploymentconfig:CodeDeployDefault.LambdaCanary10Percent5Minutes")}`,
    `codedeploy:GetApplicationRevision ${arn("application:orders-app")}`,
    `codedeploy:RegisterApplicationRevision ${arn("application:orders-app")}`,
    `codedeploy:UpdateDeploymentGroup ${group}`,
  ]);
});

test("applications, their revisions and groups can be read, renamed and deleted", async () => {
  const account = await ordersAccount();
  const { applicationName } = GROUP;
  const call = (operation: string, input: Json = {}) => account.call("codedeploy", operation, input);
  await call("RegisterApplicationRevision", {
    applicationName,
    revision: revision(appSpec("1", "2")),
    description: "mine",
  });
  expect((await call("ListApplicationRevisions", { applicationName })).revisions).toHaveLength(1);
  expect((await call("ListApplications")).applications).toEqual([applicationName]);
  expect((await call("GetApplication", { applicationName })).application).toMatchObject({
    applicationName,
    computePlatform: "Lambda",
  });
  expect(
    (await call("BatchGetApplications", { applicationNames: [applicationName, "gone"] })).applicationsInfo,
  ).toHaveLength(1);
  await call("UpdateDeploymentGroup", {
    applicationName,
    currentDeploymentGroupName: GROUP.deploymentGroupName,
    newDeploymentGroupName: "renamed",
  });
  expect((await call("ListDeploymentGroups", { applicationName })).deploymentGroups).toEqual(["renamed"]);
  const { deploymentGroupsInfo } = await call("BatchGetDeploymentGroups", {
    applicationName,
    deploymentGroupNames: ["renamed"],
  });
  expect(deploymentGroupsInfo[0]).toMatchObject({ deploymentGroupName: "renamed", serviceRoleArn: ROLE });
  await call("DeleteDeploymentGroup", { applicationName, deploymentGroupName: "renamed" });
  expect((await call("ListDeploymentGroups", { applicationName })).deploymentGroups).toEqual([]);
  await call("DeleteApplication", { applicationName });
  expect((await call("ListApplications")).applications).toEqual([]);
});
