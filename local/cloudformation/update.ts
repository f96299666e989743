/**
 * Updates a stack to another package: what is unchanged stays, what changed is made anew, and an alias with an UpdatePolicy is
 * moved by CodeDeploy. When a deployment fails, everything goes back to what stood before.
 */
import { type Account, AwsError, type Json } from "../account.ts";
import type { ShiftState } from "../codedeploy/alias-shift.ts";
import { StartError } from "../start-error.ts";
import type { Instantiated, Plan, Standing } from "./stack.ts";

const VERSION = "AWS::Lambda::Version";
const ALIAS = "AWS::Lambda::Alias";
/** How often the stack looks at its deployments. */
const LOOK_MS = 5_000;

export type StackUpdate = {
  status: "UPDATE_IN_PROGRESS" | "UPDATE_COMPLETE" | "UPDATE_ROLLBACK_COMPLETE";
  /** Why it went back. */
  reason?: string;
  /** The stack as it stands, once the update is over. */
  stack: Instantiated;
};

type Change = { logicalId: string; before: Standing | undefined; after: Standing };
type Shift = Change & { state: () => ShiftState };

/** Another folder with the same code is no change. */
const comparable = (properties: Json): string =>
  JSON.stringify(properties, (key, value) => (key === "LocalZip" ? undefined : value));

const isSame = (before: Standing, type: string, properties: Json): boolean =>
  before.type === type && comparable(before.properties) === comparable(properties);

/** Retained, as their DeletionPolicy says, versions may leave a template; nothing else can be taken away here. */
const checkLeaving = (plan: Plan, before: Instantiated): void => {
  const leaving = [...before.resources].filter(
    ([logicalId, { type }]) => type !== VERSION && !plan.order.includes(logicalId),
  );
  if (leaving.length > 0)
    throw new StartError(
      `the local account cannot take away ${leaving.map(([logicalId]) => logicalId).join(", ")}`,
    );
};

/** Undefined where the alias moves without CodeDeploy. Throws StartError when CodeDeploy refuses. */
const beginShift = (
  account: Account,
  plan: Plan,
  logicalId: string,
  before: Standing | undefined,
  properties: Json,
): (() => ShiftState) | undefined => {
  const policy = plan.updatePolicyOf(logicalId)?.CodeDeployLambdaAliasUpdate;
  const from = before?.properties.FunctionVersion;
  if (policy === undefined || before === undefined || from === properties.FunctionVersion) return undefined;
  const { BeforeAllowTrafficHook: first, AfterAllowTrafficHook: last } = policy;
  try {
    return account.codedeploy.shiftAlias({
      applicationName: policy.ApplicationName,
      deploymentGroupName: policy.DeploymentGroupName,
      functionName: properties.FunctionName,
      alias: properties.Name,
      from,
      to: properties.FunctionVersion,
      hooks: {
        ...(first !== undefined && { BeforeAllowTraffic: first }),
        ...(last !== undefined && { AfterAllowTraffic: last }),
      },
    });
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    throw new StartError(`${logicalId} (${ALIAS}) cannot be shifted: ${error.code}: ${error.message}`);
  }
};

/** Makes what changed, and starts the deployments of all aliases that shift: they run side by side. */
const apply = async (account: Account, plan: Plan, before: Instantiated) => {
  const changes: Change[] = [];
  const shifts: Shift[] = [];
  for (const logicalId of plan.order) {
    const known = before.resources.get(logicalId);
    const type = plan.typeOf(logicalId);
    const properties = plan.propertiesOf(logicalId);
    if (known !== undefined && isSame(known, type, properties)) {
      plan.stand(logicalId, known);
      continue;
    }
    const state = type === ALIAS ? beginShift(account, plan, logicalId, known, properties) : undefined;
    const after =
      state !== undefined && known !== undefined
        ? { ...known, properties }
        : await plan.makeOne(logicalId, properties);
    plan.stand(logicalId, after);
    if (state === undefined) changes.push({ logicalId, before: known, after });
    else shifts.push({ logicalId, before: known, after, state });
  }
  return { changes, shifts };
};

/**
 * Makes what changed as it was before, the aliases too, at once and past their hooks: whether CloudFormation has CodeDeploy do
 * that is not documented. What the update made stays behind.
 */
const goBack = async (plan: Plan, changes: readonly Change[]): Promise<void> => {
  for (const { logicalId, before } of changes)
    if (before !== undefined && before.type !== VERSION) await plan.makeOne(logicalId, before.properties);
};

/**
 * Starts an update; its `status` changes as account time passes. Throws StartError when the new package will not do.
 */
export const updateStack = async (
  account: Account,
  plan: Plan,
  before: Instantiated,
): Promise<Readonly<StackUpdate>> => {
  checkLeaving(plan, before);
  const { changes, shifts } = await apply(account, plan, before);
  const update: StackUpdate = { status: "UPDATE_IN_PROGRESS", stack: before };

  const finish = async (states: readonly ShiftState[]): Promise<void> => {
    const whys = states.flatMap((state) => (state.kind === "failed" ? [state.why] : []));
    if (whys.length > 0) {
      await goBack(plan, [...changes, ...shifts]);
      update.reason = whys.join("; ");
      update.status = "UPDATE_ROLLBACK_COMPLETE";
      return;
    }
    const resources = new Map(before.resources);
    for (const { logicalId, after } of [...changes, ...shifts]) resources.set(logicalId, after);
    update.stack = { stackName: plan.stackName, outputs: plan.outputs(), resources };
    update.status = "UPDATE_COMPLETE";
  };

  const look = async (): Promise<void> => {
    const states = shifts.map(({ state }) => state());
    if (states.some(({ kind }) => kind === "under way")) lookLater();
    else await finish(states);
  };
  const lookLater = (): void => {
    account.world.at(account.world.now() + LOOK_MS, `stack ${plan.stackName} looks at its deployments`, look);
  };

  await look();
  return update;
};
