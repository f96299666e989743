/** Whether a service's traffic stands where its last deployment left it, and can go back. */
import type { Snapshot } from "../deployment/snapshot.ts";
import { type CheckResult, command, fine } from "./result.ts";

/** What an alias serves; `split` is a second version that takes a share of its calls. */
export type AliasSeen = { version: string; split?: { version: string } };

const pin = (name: string, alias: string, version: string): string =>
  command(
    ...["aws", "lambda", "update-alias", "--function-name", name, "--name", alias],
    ...["--function-version", version, "--routing-config", '{"AdditionalVersionWeights":{}}'],
  );

/**
 * Drift: the alias serves something else than the last deployment left behind. While one runs nothing is said. CodeDeploy
 * refuses a deployment whose CurrentVersion is not what the alias serves, and any while the alias is split.
 */
export const checkAlias = (last: Snapshot, alias: AliasSeen | "unknown"): CheckResult => {
  const { name, alias: aliasName, from, to } = last.function;
  const base = { id: "alias", subject: `${name}:${aliasName}` };
  if (alias === "unknown")
    return {
      ...base,
      kind: "broken",
      what: "the alias does not exist",
      why: "callers of the alias get an error, and nothing can be deployed",
      mend: command(
        ...["aws", "lambda", "create-alias", "--function-name", name],
        ...["--name", aliasName, "--function-version", last.end?.result === "succeeded" ? to : from],
      ),
    };
  if (last.end === undefined) return fine(base.id, base.subject, `${last.id} is under way`);
  const expected = last.end.result === "succeeded" ? to : from;
  if (alias.split !== undefined)
    return {
      ...base,
      kind: "broken",
      what: `split between versions ${alias.version} and ${alias.split.version} though no deployment runs`,
      why: "every later deployment fails until the weights are gone; the command sends all calls to one version at once",
      mend: pin(name, aliasName, expected),
    };
  if (alias.version !== expected)
    return {
      ...base,
      kind: "broken",
      what: `serves version ${alias.version}, but ${last.id} left version ${expected}`,
      why: "somebody moved it past CodeDeploy, whose next deployment may be refused; the command sends all calls to one version at once",
      mend: pin(name, aliasName, expected),
    };
  return fine(base.id, base.subject, `serves all of version ${expected}, as ${last.id} left it`);
};

/** Whether the version to go back to is still there. */
export const checkWayBack = (last: Snapshot, isThere: boolean): CheckResult => {
  const { name, from } = last.function;
  const base = { id: "way-back", subject: `${name} version ${from}` };
  if (isThere) return fine(base.id, base.subject, "is still there to go back to");
  return {
    ...base,
    kind: "broken",
    what: "is gone",
    why: "a rollback has nothing to go back to; publish and deploy a good version",
    mend: command("aws", "lambda", "list-versions-by-function", "--function-name", name),
  };
};

const roleName = (arn: string): string => arn.split("/").at(-1) ?? arn;

/** CodeDeploy calls a hook as the group's role; AWS's own policy allows it names that begin with CodeDeployHook_ only. */
export const checkInvocable = (roleArn: string, hookArn: string, isAllowed: boolean): CheckResult => {
  const base = { id: "hook-invocable", subject: hookArn };
  if (isAllowed) return fine(base.id, base.subject, `${roleName(roleArn)} may call it`);
  const document = {
    Version: "2012-10-17",
    Statement: [{ Effect: "Allow", Action: "lambda:InvokeFunction", Resource: hookArn }],
  };
  return {
    ...base,
    kind: "broken",
    what: `${roleName(roleArn)} may not call it`,
    why: "the deployment fails with IAM_ROLE_PERMISSIONS before a single call is shifted",
    mend: command(
      ...["aws", "iam", "put-role-policy", "--role-name", roleName(roleArn)],
      ...["--policy-name", `invoke-${hookArn.split(":").at(-1)}`],
      ...["--policy-document", JSON.stringify(document)],
    ),
  };
};

export const checkMayMove = (roleArn: string, functionArn: string, isAllowed: boolean): CheckResult => {
  const base = { id: "role-moves-alias", subject: functionArn };
  if (isAllowed) return fine(base.id, base.subject, `${roleName(roleArn)} may move its alias`);
  return {
    ...base,
    kind: "broken",
    what: `${roleName(roleArn)} may not move its alias`,
    why: "CodeDeploy can neither shift traffic nor take it back",
    mend: command(
      ...["aws", "iam", "attach-role-policy", "--role-name", roleName(roleArn)],
      ...["--policy-arn", "arn:aws:iam::aws:policy/service-role/AWSCodeDeployRoleForLambda"],
    ),
  };
};
