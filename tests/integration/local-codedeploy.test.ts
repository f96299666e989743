import { expect, test } from "vitest";
import type { Json } from "../../local/account.ts";
import { START_AT } from "../support/small-account.ts";
import {
  answerHook,
  appSpec,
  deploy,
  deploymentOf,
  lifecycleOf,
  ordersAccount,
  statesSeen,
} from "../support/small-deployment.ts";

const MINUTE_MS = 60_000;
const BOTH_HOOKS = [
  { BeforeAllowTraffic: "CodeDeployHook_before" },
  { AfterAllowTraffic: "arn:aws:lambda:eu-west-1:111122223333:function:CodeDeployHook_after" },
];

test("a canary moves a tenth of the traffic, waits, moves the rest and succeeds", async () => {
  const account = await ordersAccount();
  const id = await deploy(account, appSpec("1", "2"));
  expect(id).toMatch(/^d-[A-Z0-9]{9}$/);
  expect((await deploymentOf(account, id)).status).toBe("Created");
  await account.pass(10_000);
  expect(account.lambda.alias("orders", "live")).toMatchObject({ version: "1", weights: { "2": 0.1 } });
  expect(await lifecycleOf(account, id)).toEqual([
    "BeforeAllowTraffic: Succeeded",
    "AllowTraffic: InProgress",
    "AfterAllowTraffic: Pending",
  ]);
  await account.pass(5 * MINUTE_MS);
  expect(account.lambda.alias("orders", "live")).toMatchObject({ version: "2", weights: {} });
  const info = await deploymentOf(account, id);
  expect(info).toMatchObject({ status: "Succeeded", creator: "user", computePlatform: "Lambda" });
  expect(info.deploymentOverview.Succeeded).toBe(1);
  expect(info.completeTime).toBeGreaterThan(info.createTime + 300);
  expect(await lifecycleOf(account, id)).toEqual([
    "BeforeAllowTraffic: Succeeded",
    "AllowTraffic: Succeeded",
    "AfterAllowTraffic: Succeeded",
  ]);
  const [first, second] = account.lambda.moves;
  expect((second?.at ?? 0) - (first?.at ?? 0)).toBe(5 * MINUTE_MS);
  expect(await statesSeen(account)).toEqual([`${id} START`, `${id} SUCCESS`]);
});

test("all at once moves everything in one step", async () => {
  const account = await ordersAccount({ deploymentConfigName: "CodeDeployDefault.LambdaAllAtOnce" });
  const id = await deploy(account, appSpec("1", "2"));
  await account.pass(5_000);
  expect(account.lambda.moves.map(({ version, weights }) => ({ version, weights }))).toEqual([
    { version: "2", weights: {} },
  ]);
  expect((await deploymentOf(account, id)).status).toBe("Succeeded");
});

test("a linear shift takes ten steps and nine intervals", async () => {
  const account = await ordersAccount();
  const id = await deploy(account, appSpec("1", "2"), {
    deploymentConfigName: "CodeDeployDefault.LambdaLinear10PercentEvery2Minutes",
  });
  await account.pass(20 * MINUTE_MS);
  const { moves } = account.lambda;
  expect(moves.map(({ weights }) => weights["2"] ?? 1)).toEqual([
    0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1,
  ]);
  expect((moves.at(-1)?.at ?? 0) - (moves[0]?.at ?? 0)).toBe(18 * MINUTE_MS);
  expect((await deploymentOf(account, id)).status).toBe("Succeeded");
});

test("a custom linear configuration whose step does not divide 100 ends at exactly 100 %", async () => {
  const account = await ordersAccount();
  await account.call("codedeploy", "CreateDeploymentConfig", {
    deploymentConfigName: "Thirds",
    computePlatform: "Lambda",
    trafficRoutingConfig: {
      type: "TimeBasedLinear",
      timeBasedLinear: { linearPercentage: 30, linearInterval: 1 },
    },
  });
  await deploy(account, appSpec("1", "2"), { deploymentConfigName: "Thirds" });
  await account.pass(4 * MINUTE_MS);
  expect(account.lambda.moves.map(({ weights }) => weights["2"] ?? 1)).toEqual([0.3, 0.6, 0.9, 1]);
});

test("a custom canary takes its own percentage and interval", async () => {
  const account = await ordersAccount();
  await account.call("codedeploy", "CreateDeploymentConfig", {
    deploymentConfigName: "Canary5Percent2Minutes",
    computePlatform: "Lambda",
    trafficRoutingConfig: {
      type: "TimeBasedCanary",
      timeBasedCanary: { canaryPercentage: 5, canaryInterval: 2 },
    },
  });
  await deploy(account, appSpec("1", "2"), { deploymentConfigName: "Canary5Percent2Minutes" });
  await account.pass(3 * MINUTE_MS);
  expect(account.lambda.moves.map(({ weights }) => weights["2"] ?? 1)).toEqual([0.05, 1]);
});

test("both hooks are called with the two ids, and traffic waits for the first report", async () => {
  const account = await ordersAccount({ deploymentConfigName: "CodeDeployDefault.LambdaAllAtOnce" });
  answerHook(account, "CodeDeployHook_after", "Succeeded");
  const id = await deploy(account, appSpec("1", "2", BOTH_HOOKS));
  await account.pass(10 * MINUTE_MS);
  expect(account.lambda.moves).toEqual([]);
  const [call] = account.lambda.asyncCalls;
  expect(call?.arn).toBe("arn:aws:lambda:eu-west-1:111122223333:function:CodeDeployHook_before");
  expect(Object.keys(call?.event)).toEqual(["DeploymentId", "LifecycleEventHookExecutionId"]);
  expect(call?.event.DeploymentId).toBe(id);
  const report = {
    deploymentId: id,
    lifecycleEventHookExecutionId: call?.event.LifecycleEventHookExecutionId,
    status: "Succeeded",
  };
  await account.call("codedeploy", "PutLifecycleEventHookExecutionStatus", report);
  await account.pass(5_000);
  expect(account.lambda.moves).toHaveLength(1);
  expect(account.lambda.asyncCalls).toHaveLength(2);
  expect((await deploymentOf(account, id)).status).toBe("Succeeded");
  expect(await account.refused("codedeploy", "PutLifecycleEventHookExecutionStatus", report)).toBe(
    "LifecycleEventAlreadyCompletedException",
  );
});

test("a before hook that reports Failed fails the deployment before any call reaches the new version", async () => {
  const account = await ordersAccount();
  answerHook(account, "CodeDeployHook_before", "Failed");
  const id = await deploy(account, appSpec("1", "2", BOTH_HOOKS));
  await account.pass(MINUTE_MS);
  const info = await deploymentOf(account, id);
  expect(info.status).toBe("Failed");
  expect(info.errorInformation.code).toBe("HOOK_EXECUTION_FAILURE");
  expect(await lifecycleOf(account, id)).toEqual([
    "BeforeAllowTraffic: Failed",
    "AllowTraffic: Skipped",
    "AfterAllowTraffic: Skipped",
  ]);
  expect(account.lambda.alias("orders", "live")).toMatchObject({ version: "1", weights: {} });
  const rollback = info.rollbackInfo.rollbackDeploymentId;
  expect((await deploymentOf(account, rollback)).status).toBe("Succeeded");
  expect(await statesSeen(account)).toEqual([
    `${id} START`,
    `${id} FAILURE`,
    `${rollback} START`,
    `${rollback} SUCCESS`,
  ]);
});

test("a hook that stays silent fails the deployment after exactly an hour", async () => {
  const account = await ordersAccount();
  const id = await deploy(account, appSpec("1", "2", BOTH_HOOKS));
  await account.pass(3_600_000);
  expect((await deploymentOf(account, id)).status).toBe("InProgress");
  await account.pass(2_000);
  const info = await deploymentOf(account, id);
  expect(info.status).toBe("Failed");
  expect(info.completeTime * 1000 - (account.lambda.asyncCalls[0]?.at ?? 0)).toBe(3_600_000);
  const late = account.lambda.asyncCalls[0]?.event;
  expect(
    await account.refused("codedeploy", "PutLifecycleEventHookExecutionStatus", {
      deploymentId: id,
      lifecycleEventHookExecutionId: late.LifecycleEventHookExecutionId,
      status: "Succeeded",
    }),
  ).toBe("LifecycleEventAlreadyCompletedException");
});

test("an after hook that reports Failed takes the alias back from 100 %", async () => {
  const account = await ordersAccount({ deploymentConfigName: "CodeDeployDefault.LambdaAllAtOnce" });
  answerHook(account, "CodeDeployHook_before", "Succeeded");
  answerHook(account, "CodeDeployHook_after", "Failed");
  const id = await deploy(account, appSpec("1", "2", BOTH_HOOKS));
  await account.pass(MINUTE_MS);
  expect(account.lambda.moves.map(({ version }) => version)).toEqual(["2", "1"]);
  expect(account.lambda.alias("orders", "live")).toMatchObject({ version: "1", weights: {} });
  expect((await deploymentOf(account, id)).status).toBe("Failed");
});

test("a hook that the service role may not invoke fails the deployment for its permissions", async () => {
  const account = await ordersAccount();
  account.denied.add("lambda:InvokeFunction");
  const id = await deploy(account, appSpec("1", "2", BOTH_HOOKS));
  await account.pass(5_000);
  const { errorInformation } = await deploymentOf(account, id);
  expect(errorInformation.code).toBe("IAM_ROLE_PERMISSIONS");
  expect(errorInformation.message).toContain("AWSLambda");
  expect(account.lambda.asyncCalls).toEqual([]);
});

test("a hook function that does not exist fails the deployment", async () => {
  const account = await ordersAccount();
  const id = await deploy(account, appSpec("1", "2", [{ BeforeAllowTraffic: "CodeDeployHook_gone" }]));
  await account.pass(5_000);
  expect((await deploymentOf(account, id)).errorInformation.code).toBe("INVALID_LAMBDA_FUNCTION");
});

test.each([
  [
    "an execution id nobody gave",
    { lifecycleEventHookExecutionId: "x" },
    "InvalidLifecycleEventHookExecutionIdException",
  ],
  ["a status that is no end", { status: "InProgress" }, "InvalidLifecycleEventHookExecutionStatusException"],
  ["an unknown deployment", { deploymentId: "d-000000000" }, "DeploymentDoesNotExistException"],
  ["a malformed deployment id", { deploymentId: "nope" }, "InvalidDeploymentIdException"],
])("a hook's report with %s is refused", async (_what, change: Json, code) => {
  const account = await ordersAccount();
  const deploymentId = await deploy(account, appSpec("1", "2", BOTH_HOOKS));
  await account.pass(5_000);
  const { LifecycleEventHookExecutionId } = account.lambda.asyncCalls[0]?.event ?? {};
  const report = {
    deploymentId,
    lifecycleEventHookExecutionId: LifecycleEventHookExecutionId,
    status: "Succeeded",
  };
  expect(
    await account.refused("codedeploy", "PutLifecycleEventHookExecutionStatus", { ...report, ...change }),
  ).toBe(code);
});

test("the same seed gives the same ids, another seed others", async () => {
  const ids = await Promise.all(
    [1, 1, 2].map(async (seed) => deploy(await ordersAccount({}, seed), appSpec("1", "2"))),
  );
  expect(ids[0]).toBe(ids[1]);
  expect(ids[0]).not.toBe(ids[2]);
});

test("the event has the shape of AWS's own sample", async () => {
  const account = await ordersAccount();
  const deploymentId = await deploy(account, appSpec("1", "2"));
  await account.pass(5_000);
  const { Messages } = await account.call("sqs", "ReceiveMessage", { QueueUrl: "seen" });
  const event = JSON.parse(Messages[0].Body);
  expect(event).toMatchObject({
    version: "0",
    account: "111122223333",
    region: "eu-west-1",
    source: "aws.codedeploy",
    "detail-type": "CodeDeploy Deployment State-change Notification",
    time: `${new Date(START_AT + 300).toISOString().slice(0, 19)}Z`,
    resources: [
      "arn:aws:codedeploy:eu-west-1:111122223333:application:orders-app",
      "arn:aws:codedeploy:eu-west-1:111122223333:deploymentgroup:orders-app/orders-live",
    ],
    detail: {
      region: "eu-west-1",
      application: "orders-app",
      deploymentId,
      state: "START",
      deploymentGroup: "orders-live",
    },
  });
  expect(event.detail.instanceGroupId).toMatch(/^[0-9a-f-]{36}$/);
});
