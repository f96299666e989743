/** IAM's API, as far as it takes to make roles by hand. Only the account's owner has a use for it. */
import { type Account, AwsError, type Json, type Operation } from "../account.ts";
import { type Decision, evaluate, parsePolicyDocument } from "./evaluate.ts";
import type { Role, Roles } from "./roles.ts";

const CONFLICT_STATUS = 409;

const shapeOf = (role: Role): Json => ({
  Path: role.path,
  RoleName: role.name,
  RoleId: role.id,
  Arn: role.arn,
  CreateDate: new Date(role.createdAt).toISOString(),
  AssumeRolePolicyDocument: encodeURIComponent(JSON.stringify(role.trust)),
});

const DECISIONS: Readonly<Record<Decision, string>> = {
  allowed: "allowed",
  "explicit-deny": "explicitDeny",
  "implicit-deny": "implicitDeny",
};

const parseTrust = (text: string): Json => {
  try {
    return JSON.parse(text);
  } catch {
    throw new AwsError("MalformedPolicyDocument", "The trust policy is not JSON.");
  }
};

export const iamOperations = (account: Account, roles: Roles): Record<string, Operation> => {
  const roleArn = (name: string): string => `arn:aws:iam::${account.id}:role/${name}`;

  const operation = (name: string, run: (input: Json) => Json): Record<string, Operation> => ({
    [name]: {
      needs: (input) => [
        { action: `iam:${name}`, resource: input.RoleName === undefined ? "*" : roleArn(input.RoleName) },
      ],
      run,
    },
  });

  const createRole = (input: Json): Json => {
    const name = String(input.RoleName);
    if (roles.list().some((role) => role.name === name))
      throw new AwsError("EntityAlreadyExists", `Role with name ${name} already exists.`, CONFLICT_STATUS);
    return { Role: shapeOf(roles.put(name, input.Path ?? "/", parseTrust(input.AssumeRolePolicyDocument))) };
  };

  const createPolicy = (input: Json): Json => {
    const Arn = roles.putManaged(
      String(input.PolicyName),
      input.Path ?? "/",
      parsePolicyDocument(input.PolicyDocument),
    );
    return { Policy: { PolicyName: input.PolicyName, Arn, Path: input.Path ?? "/", DefaultVersionId: "v1" } };
  };

  /** What the role's policies say of each action on each resource, as at the moment of asking. */
  const simulate = (input: Json): Json => {
    const role = roles.find(String(input.PolicySourceArn));
    if (role === undefined)
      throw new AwsError("NoSuchEntity", `The role ${input.PolicySourceArn} cannot be found.`, 404);
    const resources: string[] = input.ResourceArns ?? ["*"];
    const actions: string[] = input.ActionNames ?? [];
    const EvaluationResults = actions.flatMap((action) =>
      resources.map((resource) => ({
        EvalActionName: action,
        EvalResourceName: resource,
        EvalDecision: DECISIONS[evaluate(roles.documentsOf(role), { action, resource }, {})],
      })),
    );
    return { EvaluationResults, IsTruncated: false };
  };

  return {
    SimulatePrincipalPolicy: {
      needs: (input) => [{ action: "iam:SimulatePrincipalPolicy", resource: String(input.PolicySourceArn) }],
      run: simulate,
    },
    ...operation("CreateRole", createRole),
    ...operation("CreatePolicy", createPolicy),
    ...operation("GetRole", (input) => ({ Role: shapeOf(roles.named(String(input.RoleName))) })),
    ...operation("ListRoles", () => ({ Roles: roles.list().map(shapeOf), IsTruncated: false })),
    ...operation("DeleteRole", (input) => {
      roles.delete(roles.named(String(input.RoleName)));
      return {};
    }),
    ...operation("PutRolePolicy", (input) => {
      roles.putInline(roles.named(String(input.RoleName)), String(input.PolicyName), input.PolicyDocument);
      return {};
    }),
    ...operation("DeleteRolePolicy", (input) => {
      roles.named(String(input.RoleName)).inline.delete(String(input.PolicyName));
      return {};
    }),
    ...operation("AttachRolePolicy", (input) => {
      roles.attach(roles.named(String(input.RoleName)), String(input.PolicyArn));
      return {};
    }),
    ...operation("DetachRolePolicy", (input) => {
      roles.named(String(input.RoleName)).attached.delete(String(input.PolicyArn));
      return {};
    }),
  };
};
