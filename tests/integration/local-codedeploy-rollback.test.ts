import { expect, test } from "vitest";
import type { SmallAccount } from "../support/small-account.ts";
import {
  answerHook,
  appSpec,
  deploy,
  deploymentOf,
  GROUP,
  lifecycleOf,
  ordersAccount,
  statesSeen,
} from "../support/small-deployment.ts";

const MINUTE_MS = 60_000;
const BOTH = { enabled: true, ignorePollAlarmFailure: false, alarms: [{ name: "errors" }] };
const NO_ROLLBACK = { autoRollbackConfiguration: { enabled: false, events: [] } };

const putAlarm = (account: SmallAccount, name = "errors"): Promise<unknown> =>
  account.call("cloudwatch", "PutMetricAlarm", {
    AlarmName: name,
    Namespace: "AWS/Lambda",
    MetricName: "Errors",
    Statistic: "Sum",
    Period: 60,
    EvaluationPeriods: 1,
    Threshold: 0,
    ComparisonOperator: "GreaterThanThreshold",
    TreatMissingData: "notBreaching",
  });

const raise = (account: SmallAccount, name = "errors"): Promise<unknown> =>
  account.call("cloudwatch", "SetAlarmState", { AlarmName: name, StateValue: "ALARM", StateReason: "test" });

const stop = (account: SmallAccount, deploymentId: string, autoRollbackEnabled?: boolean) =>
  account.call("codedeploy", "StopDeployment", { deploymentId, autoRollbackEnabled });

const aliasOf = (account: SmallAccount) => {
  const alias = account.lambda.alias("orders", "live");
  return { version: alias?.version, weights: alias?.weights };
};

test("a stop with rollback restores the alias by a new deployment that both sides name", async () => {
  const account = await ordersAccount();
  const id = await deploy(account, appSpec("1", "2", [{ BeforeAllowTraffic: "CodeDeployHook_before" }]));
  answerHook(account, "CodeDeployHook_before", "Succeeded");
  await account.pass(MINUTE_MS);
  expect(await stop(account, id, true)).toMatchObject({ status: "Pending" });
  expect((await deploymentOf(account, id)).status).toBe("InProgress");
  await account.pass(5_000);
  const stopped = await deploymentOf(account, id);
  expect(stopped.status).toBe("Stopped");
  expect(stopped.errorInformation.code).toBe("MANUAL_STOP");
  const { rollbackDeploymentId } = stopped.rollbackInfo;
  expect(stopped.rollbackInfo.rollbackMessage).toBe(
    `Deployment ${id} terminated. Automatic rollback is triggered with a DeploymentId ${rollbackDeploymentId}.`,
  );
  const rollback = await deploymentOf(account, rollbackDeploymentId);
  expect(rollback).toMatchObject({
    status: "Succeeded",
    creator: "codeDeployRollback",
    deploymentConfigName: "CodeDeployDefault.LambdaAllAtOnce",
    rollbackInfo: {
      rollbackTriggeringDeploymentId: id,
      rollbackMessage: `Deployment ${rollbackDeploymentId} is triggered to roll back deployment ${id}.`,
    },
  });
  expect(rollback.completeTime - stopped.completeTime).toBeLessThanOrEqual(2.5);
  expect(aliasOf(account)).toEqual({ version: "1", weights: {} });
  expect(account.lambda.asyncCalls).toHaveLength(1);
  expect(await lifecycleOf(account, id)).toEqual([
    "BeforeAllowTraffic: Succeeded",
    "AllowTraffic: Failed",
    "AfterAllowTraffic: Skipped",
  ]);
  expect(await statesSeen(account)).toEqual([
    `${id} START`,
    `${id} STOP`,
    `${rollbackDeploymentId} START`,
    `${rollbackDeploymentId} SUCCESS`,
  ]);
});

test("a stop without rollback leaves the alias split, and every later deployment fails until it is mended", async () => {
  const account = await ordersAccount(NO_ROLLBACK);
  const id = await deploy(account, appSpec("1", "2"));
  await account.pass(MINUTE_MS);
  await stop(account, id);
  await account.pass(5_000);
  expect((await deploymentOf(account, id)).rollbackInfo).toBeUndefined();
  expect(aliasOf(account)).toEqual({ version: "1", weights: { "2": 0.1 } });
  for (const target of ["2", "3"]) {
    const next = await deploy(account, appSpec("1", target));
    await account.pass(5_000);
    expect((await deploymentOf(account, next)).errorInformation.code).toBe("INVALID_LAMBDA_CONFIGURATION");
  }
  account.lambda.moveAlias("orders", "live", { version: "1", weights: {} });
  const mended = await deploy(account, appSpec("1", "3"));
  await account.pass(6 * MINUTE_MS);
  expect((await deploymentOf(account, mended)).status).toBe("Succeeded");
});

test.each([
  ["the flag alone rolls back", NO_ROLLBACK, true, true],
  ["the group's event alone rolls back", {}, undefined, true],
  ["a flag that says no wins over the group's event", {}, false, false],
])("on a stop %s", async (_what, group, flag, isRolledBack) => {
  const account = await ordersAccount(group);
  const id = await deploy(account, appSpec("1", "2"));
  await account.pass(MINUTE_MS);
  await stop(account, id, flag);
  await account.pass(5_000);
  expect((await deploymentOf(account, id)).rollbackInfo !== undefined).toBe(isRolledBack);
  expect(Object.keys(aliasOf(account).weights ?? {})).toHaveLength(isRolledBack ? 0 : 1);
});

test("stopping what is over is refused", async () => {
  const account = await ordersAccount({ deploymentConfigName: "CodeDeployDefault.LambdaAllAtOnce" });
  const id = await deploy(account, appSpec("1", "2"));
  await account.pass(MINUTE_MS);
  expect(await account.refused("codedeploy", "StopDeployment", { deploymentId: id })).toBe(
    "DeploymentAlreadyCompletedException",
  );
});

test("an alarm during the shift stops and rolls back within the poll interval, naming the alarm", async () => {
  const account = await ordersAccount({ alarmConfiguration: BOTH });
  await putAlarm(account);
  const id = await deploy(account, appSpec("1", "2"));
  await account.pass(2 * MINUTE_MS);
  await raise(account);
  await account.pass(11_000);
  const stopped = await deploymentOf(account, id);
  expect(stopped.status).toBe("Stopped");
  expect(stopped.errorInformation.code).toBe("ALARM_ACTIVE");
  expect(stopped.errorInformation.message).toMatch(/Activated alarms: <errors>$/);
  await account.pass(3_000);
  expect(aliasOf(account)).toEqual({ version: "1", weights: {} });
});

test("a deployment under an alarm that already stands is stopped within a second", async () => {
  const account = await ordersAccount({ alarmConfiguration: BOTH });
  await putAlarm(account);
  await raise(account);
  const id = await deploy(account, appSpec("1", "2"));
  await account.pass(1_000);
  const stopped = await deploymentOf(account, id);
  expect(stopped.status).toBe("Stopped");
  expect(stopped.completeTime - stopped.createTime).toBeLessThan(1);
  await account.pass(5_000);
  expect(account.lambda.moves.every(({ version }) => version === "1")).toBe(true);
  expect(aliasOf(account)).toEqual({ version: "1", weights: {} });
});

test("overridden alarms let the fix through", async () => {
  const account = await ordersAccount({ alarmConfiguration: BOTH });
  await putAlarm(account);
  await raise(account);
  const id = await deploy(account, appSpec("1", "2"), {
    deploymentConfigName: "CodeDeployDefault.LambdaAllAtOnce",
    overrideAlarmConfiguration: { enabled: false, alarms: [] },
  });
  await account.pass(10_000);
  expect((await deploymentOf(account, id)).status).toBe("Succeeded");
  expect(aliasOf(account)).toEqual({ version: "2", weights: {} });
});

test("an alarm without data stops nothing", async () => {
  const account = await ordersAccount({ alarmConfiguration: BOTH });
  await putAlarm(account);
  const id = await deploy(account, appSpec("1", "2"), {
    deploymentConfigName: "CodeDeployDefault.LambdaAllAtOnce",
  });
  await account.pass(10_000);
  expect((await deploymentOf(account, id)).status).toBe("Succeeded");
});

test.each([
  [false, "Stopped"],
  [true, "Succeeded"],
])(
  "an alarm that is gone, with ignorePollAlarmFailure %s, ends in %s",
  async (ignorePollAlarmFailure, status) => {
    const account = await ordersAccount({
      alarmConfiguration: { ...BOTH, ignorePollAlarmFailure },
      deploymentConfigName: "CodeDeployDefault.LambdaAllAtOnce",
    });
    const id = await deploy(account, appSpec("1", "2"));
    await account.pass(10_000);
    expect((await deploymentOf(account, id)).status).toBe(status);
  },
);

test("an alarm before traffic stops the deployment while its hook still runs", async () => {
  const account = await ordersAccount({ alarmConfiguration: BOTH });
  await putAlarm(account);
  const id = await deploy(account, appSpec("1", "2", [{ BeforeAllowTraffic: "CodeDeployHook_before" }]));
  await account.pass(30_000);
  await raise(account);
  await account.pass(15_000);
  expect((await deploymentOf(account, id)).status).toBe("Stopped");
  expect(await lifecycleOf(account, id)).toEqual([
    "BeforeAllowTraffic: Failed",
    "AllowTraffic: Skipped",
    "AfterAllowTraffic: Skipped",
  ]);
});

test("an alias that was changed outside fails the deployment in AWS's words, and is not overwritten", async () => {
  const account = await ordersAccount();
  account.lambda.moveAlias("orders", "live", { version: "3", weights: {} });
  const id = await deploy(account, appSpec("1", "2"));
  await account.pass(10_000);
  const { errorInformation, rollbackInfo } = await deploymentOf(account, id);
  expect(errorInformation).toEqual({
    code: "INVALID_LAMBDA_CONFIGURATION",
    message: "The Lambda function alias version does not match the current version in AppSpec file",
  });
  expect(aliasOf(account)).toEqual({ version: "3", weights: {} });
  expect((await deploymentOf(account, rollbackInfo.rollbackDeploymentId)).status).toBe("Failed");
});

test("a change from outside during the shift is overwritten by the next step", async () => {
  const account = await ordersAccount();
  const id = await deploy(account, appSpec("1", "2"));
  await account.pass(MINUTE_MS);
  account.lambda.moveAlias("orders", "live", { version: "1", weights: { "2": 0.5 } });
  await account.pass(6 * MINUTE_MS);
  expect((await deploymentOf(account, id)).status).toBe("Succeeded");
  expect(aliasOf(account)).toEqual({ version: "2", weights: {} });
});

test.each(["THROTTLED", "INTERNAL_ERROR"] as const)(
  "a rollback that fails with %s is not rolled back again",
  async (code) => {
    const account = await ordersAccount();
    account.codedeploy.failMoves({ of: "rollbacks", code, times: 1 });
    const id = await deploy(account, appSpec("1", "2"));
    await account.pass(MINUTE_MS);
    await stop(account, id);
    await account.pass(10_000);
    const { rollbackDeploymentId } = (await deploymentOf(account, id)).rollbackInfo;
    const rollback = await deploymentOf(account, rollbackDeploymentId);
    expect(rollback).toMatchObject({ status: "Failed", errorInformation: { code } });
    expect(rollback.rollbackInfo.rollbackDeploymentId).toBeUndefined();
    expect(aliasOf(account)).toEqual({ version: "1", weights: { "2": 0.1 } });
    const { deployments } = await account.call("codedeploy", "ListDeployments", GROUP);
    expect(deployments).toEqual([rollbackDeploymentId, id]);
  },
);

test("a role that may not move the alias fails the deployment and its rollback", async () => {
  const account = await ordersAccount();
  account.denied.add("lambda:UpdateAlias");
  const id = await deploy(account, appSpec("1", "2"));
  await account.pass(10_000);
  const failed = await deploymentOf(account, id);
  expect(failed.errorInformation.code).toBe("IAM_ROLE_PERMISSIONS");
  const rollback = await deploymentOf(account, failed.rollbackInfo.rollbackDeploymentId);
  expect(rollback.errorInformation.code).toBe("IAM_ROLE_PERMISSIONS");
  expect(account.lambda.moves).toEqual([]);
});

test("one deployment runs in a group at a time, its rollback included", async () => {
  const account = await ordersAccount();
  const id = await deploy(account, appSpec("1", "2"));
  const again = {
    ...GROUP,
    revision: { revisionType: "AppSpecContent", appSpecContent: { content: appSpec("1", "2") } },
  };
  expect(await account.refused("codedeploy", "CreateDeployment", again)).toBe(
    "DeploymentLimitExceededException",
  );
  await account.pass(MINUTE_MS);
  await stop(account, id);
  await account.pass(1_500);
  expect((await deploymentOf(account, id)).status).toBe("Stopped");
  expect(await account.refused("codedeploy", "CreateDeployment", again)).toBe(
    "DeploymentLimitExceededException",
  );
  await account.pass(5_000);
  await account.call("codedeploy", "CreateDeployment", again);
});

test("a deployment to a version that does not exist fails and no call reaches it", async () => {
  const account = await ordersAccount();
  const id = await deploy(account, appSpec("1", "9"));
  await account.pass(5_000);
  expect((await deploymentOf(account, id)).errorInformation.code).toBe("INVALID_LAMBDA_FUNCTION");
  expect(account.lambda.moves.every(({ version }) => version === "1")).toBe(true);
  expect(aliasOf(account)).toEqual({ version: "1", weights: {} });
});

test("traffic before a weight's move is answered with the weights it met", async () => {
  const account = await ordersAccount({ deploymentConfigName: "CodeDeployDefault.LambdaAllAtOnce" });
  account.traffic.set("orders", "live", {
    callsPerSecond: 50,
    phases: [{ afterMs: 0, inputs: [{ payload: {}, weight: 1 }] }],
  });
  await deploy(account, appSpec("1", "2"));
  await account.pass(MINUTE_MS);
  const movedAt = account.lambda.moves[0]?.at ?? 0;
  const { calls } = account.lambda;
  expect(calls.length).toBeGreaterThan(2_000);
  expect(calls.every(({ at, version }) => (version === "1") === at < movedAt)).toBe(true);
});
