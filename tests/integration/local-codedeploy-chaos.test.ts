import fc from "fast-check";
import { expect, test } from "vitest";
import { AwsError, type Json } from "../../local/account.ts";
import type { SmallAccount } from "../support/small-account.ts";
import { putAlarm, setState } from "../support/small-alarms.ts";
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

const HOOKS = [
  { BeforeAllowTraffic: "CodeDeployHook_before" },
  { AfterAllowTraffic: "CodeDeployHook_after" },
];
const TWO_HOURS_MS = 7_200_000;

type Deed =
  | { kind: "deploy"; from: string; to: string; isHooked: boolean }
  | { kind: "stop"; flag: boolean | undefined }
  | { kind: "alarm"; value: string }
  | { kind: "drift"; version: string }
  | { kind: "fault"; of: "deployments" | "rollbacks" }
  | { kind: "answer"; hook: string; status: string }
  | { kind: "pass"; ms: number };

const VERSION = fc.constantFrom("1", "2", "3");
const DEED: fc.Arbitrary<Deed> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant("deploy" as const),
      from: VERSION,
      to: VERSION,
      isHooked: fc.boolean(),
    }),
  },
  {
    weight: 6,
    arbitrary: fc.record({ kind: fc.constant("pass" as const), ms: fc.integer({ min: 0, max: 400_000 }) }),
  },
  fc.record({ kind: fc.constant("stop" as const), flag: fc.constantFrom(true, false, undefined) }),
  fc.record({ kind: fc.constant("alarm" as const), value: fc.constantFrom("ALARM", "OK") }),
  fc.record({ kind: fc.constant("drift" as const), version: VERSION }),
  fc.record({
    kind: fc.constant("fault" as const),
    of: fc.constantFrom("deployments" as const, "rollbacks" as const),
  }),
  fc.record({
    kind: fc.constant("answer" as const),
    hook: fc.constantFrom("CodeDeployHook_before", "CodeDeployHook_after"),
    status: fc.constantFrom("Succeeded", "Succeeded", "Failed"),
  }),
);

const listed = async (account: SmallAccount): Promise<string[]> =>
  (await account.call("codedeploy", "ListDeployments", GROUP)).deployments;

const act = async (account: SmallAccount, deed: Deed): Promise<unknown> => {
  switch (deed.kind) {
    case "deploy":
      return deploy(account, appSpec(deed.from, deed.to, deed.isHooked ? HOOKS : []));
    case "stop":
      return account.call("codedeploy", "StopDeployment", {
        deploymentId: (await listed(account))[0],
        autoRollbackEnabled: deed.flag,
      });
    case "alarm":
      return setState(account, "errors", deed.value);
    case "drift":
      return account.lambda.moveAlias("orders", "live", { version: deed.version, weights: {} });
    case "fault":
      return account.codedeploy.failMoves({ of: deed.of, code: "THROTTLED", times: 1 });
    case "answer":
      return answerHook(account, deed.hook, deed.status);
    case "pass":
      return account.pass(deed.ms);
  }
};

const EXPECTED = [
  "InvalidRevisionException",
  "DeploymentLimitExceededException",
  "DeploymentAlreadyCompletedException",
  "DeploymentIdRequiredException",
];

const actOrBeRefused = async (account: SmallAccount, deed: Deed): Promise<void> => {
  try {
    await act(account, deed);
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    expect(EXPECTED).toContain(error.code);
  }
};

const TERMINAL: Readonly<Record<string, string>> = {
  Succeeded: "SUCCESS",
  Failed: "FAILURE",
  Stopped: "STOP",
};

const checkLinks = async (account: SmallAccount, info: Json): Promise<void> => {
  const { rollbackDeploymentId, rollbackTriggeringDeploymentId } = info.rollbackInfo ?? {};
  expect(info.creator === "codeDeployRollback").toBe(rollbackTriggeringDeploymentId !== undefined);
  if (rollbackDeploymentId === undefined) return;
  const rollback = await deploymentOf(account, rollbackDeploymentId);
  expect(rollback.rollbackInfo.rollbackTriggeringDeploymentId).toBe(info.deploymentId);
  expect(rollback.rollbackInfo.rollbackDeploymentId).toBeUndefined();
};

const checkDeployment = async (account: SmallAccount, id: string, seen: readonly string[]): Promise<void> => {
  const info = await deploymentOf(account, id);
  expect(Object.keys(TERMINAL)).toContain(info.status);
  expect((info.errorInformation === undefined) === (info.status === "Succeeded")).toBe(true);
  expect(info.completeTime).toBeGreaterThanOrEqual(info.createTime);
  expect(seen.filter((one) => one.startsWith(id))).toEqual([`${id} START`, `${id} ${TERMINAL[info.status]}`]);
  const lifecycle = await lifecycleOf(account, id);
  expect(lifecycle.some((event) => /Pending|InProgress/.test(event))).toBe(false);
  await checkLinks(account, info);
};

test("whatever happens, every deployment ends once, says so, and links its rollback; at most one runs at a time", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(DEED, { minLength: 1, maxLength: 14 }), async (deeds) => {
      const account = await ordersAccount({
        alarmConfiguration: { enabled: true, alarms: [{ name: "errors" }] },
      });
      await putAlarm(account, { AlarmName: "errors", TreatMissingData: "ignore" });
      for (const deed of deeds) {
        await actOrBeRefused(account, deed);
        const statuses = await Promise.all((await listed(account)).map((id) => deploymentOf(account, id)));
        expect(statuses.filter(({ status }) => !(status in TERMINAL)).length).toBeLessThanOrEqual(1);
      }
      await account.pass(TWO_HOURS_MS);
      const seen = await statesSeen(account);
      for (const id of await listed(account)) await checkDeployment(account, id, seen);
    }),
    { numRuns: 150 },
  );
});

test("a deployment that ends with its rollback done leaves the alias as it found it", async () => {
  const end = fc.constantFrom("alarm", "stop", "hook");
  await fc.assert(
    fc.asyncProperty(end, fc.integer({ min: 2_000, max: 290_000 }), async (how, afterMs) => {
      const account = await ordersAccount({
        alarmConfiguration: { enabled: true, alarms: [{ name: "errors" }] },
      });
      await putAlarm(account, { AlarmName: "errors", TreatMissingData: "ignore" });
      answerHook(account, "CodeDeployHook_before", how === "hook" ? "Failed" : "Succeeded");
      const id = await deploy(account, appSpec("1", "2", HOOKS.slice(0, 1)));
      await account.pass(afterMs);
      if (how === "alarm") await setState(account, "errors", "ALARM");
      if (how === "stop") await account.call("codedeploy", "StopDeployment", { deploymentId: id });
      await account.pass(15_000);
      const info = await deploymentOf(account, id);
      const rollback = await deploymentOf(account, info.rollbackInfo.rollbackDeploymentId);
      expect(rollback.status).toBe("Succeeded");
      expect(account.lambda.alias("orders", "live")).toMatchObject({ version: "1", weights: {} });
    }),
    { numRuns: 60 },
  );
});
