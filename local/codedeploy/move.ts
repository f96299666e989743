/** Moves an alias' weights, as the service role. */
import type { Account, AliasState } from "../account.ts";
import { functionArn } from "./hooks.ts";
import type { MoveFaults } from "./move-faults.ts";
import { ALIAS_MISMATCH, ALIAS_SPLIT, moveFailed, noFunction, rolePermissions } from "./problems.ts";
import type { Deployment, Problem } from "./state.ts";

const aliasOf = (account: Account, { spec }: Deployment): AliasState | undefined =>
  account.lambda.alias(spec.functionName, spec.alias);

const isSplit = (alias: AliasState): boolean => Object.keys(alias.weights).length > 0;

const missing = (account: Account, deployment: Deployment): Problem | undefined => {
  const { functionName, alias, targetVersion } = deployment.spec;
  if (aliasOf(account, deployment) === undefined) return noFunction(`alias ${functionName}:${alias}`);
  return account.lambda.has(functionName, targetVersion)
    ? undefined
    : noFunction(`version ${functionName}:${targetVersion}`);
};

/**
 * A rollback takes the alias back from where its deployment has brought it. Where that had moved nothing, there is nothing
 * to take back: the alias must be whole and old, and somebody else's change is not overwritten.
 */
const rollbackMismatch = (
  deployment: Deployment,
  undone: Deployment,
  alias: AliasState,
): Problem | undefined => {
  const { currentVersion, targetVersion } = deployment.spec;
  const others = [alias.version, ...Object.keys(alias.weights)].filter(
    (version) => version !== currentVersion && version !== targetVersion,
  );
  if (others.length > 0) return ALIAS_MISMATCH;
  if (undone.hasMovedTraffic) return undefined;
  if (isSplit(alias)) return ALIAS_SPLIT;
  return alias.version === targetVersion ? undefined : ALIAS_MISMATCH;
};

/** Why traffic must not begin to move: looked at once, as AllowTraffic begins. Later changes from outside are overwritten. */
export const startProblem = (account: Account, deployment: Deployment): Problem | undefined => {
  const absent = missing(account, deployment);
  const alias = aliasOf(account, deployment);
  if (absent !== undefined || alias === undefined) return absent;
  if (deployment.rollsBack !== undefined) return rollbackMismatch(deployment, deployment.rollsBack, alias);
  if (alias.version !== deployment.spec.currentVersion) return ALIAS_MISMATCH;
  return isSplit(alias) ? ALIAS_SPLIT : undefined;
};

/** Gives the new version `percent` of the traffic, from the account's present instant on. */
export const moveTo = (
  account: Account,
  faults: MoveFaults,
  deployment: Deployment,
  percent: number,
): Problem | undefined => {
  const { functionName, alias, currentVersion, targetVersion } = deployment.spec;
  const role = deployment.group.settings.serviceRoleArn;
  const resource = functionArn(account, functionName);
  if (!account.iam.allows(role, { action: "lambda:UpdateAlias", resource }))
    return rolePermissions(role, "AWSLambda");
  const fault = faults.next(deployment.rollsBack === undefined ? "deployments" : "rollbacks");
  if (fault !== undefined) return moveFailed(fault, role);
  const whole = { version: targetVersion, weights: {} };
  const split = { version: currentVersion, weights: { [targetVersion]: percent / 100 } };
  account.lambda.moveAlias(functionName, alias, percent >= 100 ? whole : split);
  deployment.weight = percent / 100;
  deployment.hasMovedTraffic = true;
  return undefined;
};
