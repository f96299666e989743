/** IAM: who calls, and what they may do. Query protocol, API version 2010-05-08. */
import {
  type Account,
  AwsError,
  type Caller,
  type Denied,
  type Iam,
  type Permission,
  type Service,
} from "../account.ts";
import { createCredentialBook } from "./credentials.ts";
import { type Decision, evaluate } from "./evaluate.ts";
import { iamOperations } from "./operations.ts";
import { iamResources } from "./resources.ts";
import { createRoles } from "./roles.ts";

const FORBIDDEN_STATUS = 403;
const BECAUSE: Readonly<Record<Exclude<Decision, "allowed">, (action: string) => string>> = {
  "implicit-deny": (action) => `because no identity-based policy allows the ${action} action`,
  "explicit-deny": () => "with an explicit deny in an identity-based policy",
};

/** The ARN under which a function's calls are seen: its role, assumed under the function's name. */
export const sessionArn = (account: Account, caller: Caller): string =>
  caller.functionName === undefined
    ? caller.principalArn
    : `arn:aws:sts::${account.id}:assumed-role/${caller.principalArn.split("/").at(-1)}/${caller.functionName}`;

export const createIam = (account: Account): Iam & { service: Service } => {
  const roles = createRoles(account);
  const book = createCredentialBook();
  const denied: Denied[] = [];
  const used = new Set<string>();
  const rootArn = `arn:aws:iam::${account.id}:root`;

  const decide = (principalArn: string, permission: Permission): Decision => {
    if (principalArn === rootArn) return "allowed";
    const role = roles.find(principalArn);
    // A role that was never made here comes from outside, as `--role <any ARN>` of the AWS CLI: what it may do is unknown.
    if (role === undefined) return "allowed";
    return evaluate(roles.documentsOf(role), permission, {
      "aws:PrincipalArn": principalArn,
      "aws:PrincipalAccount": account.id,
      "aws:RequestedRegion": account.region,
      // As on AWS, where every call of an SDK is encrypted.
      "aws:SecureTransport": "true",
    });
  };

  /** Decides, and keeps what was decided. */
  const decideAndKeep = (
    principalArn: string,
    who: string,
    permission: Permission,
    isLetByResource = false,
  ): Decision => {
    const { action, resource } = permission;
    const own = decide(principalArn, permission);
    const decision = own === "implicit-deny" && isLetByResource ? "allowed" : own;
    if (decision === "allowed") used.add(`${who} ${action} ${resource}`);
    else denied.push({ at: account.world.now(), principalArn, action, resource });
    return decision;
  };

  const check: Iam["check"] = (caller, service, permissions) => {
    if (caller.isRoot) return;
    for (const permission of permissions) {
      const { action, resource } = permission;
      const decision = decideAndKeep(
        caller.principalArn,
        caller.functionName ?? caller.principalArn,
        permission,
      );
      if (decision === "allowed") continue;
      throw new AwsError(
        service.protocol === "query" || service.protocol === "rest-xml"
          ? "AccessDenied"
          : "AccessDeniedException",
        `User: ${sessionArn(account, caller)} is not authorized to perform: ${action} on resource: ${resource} ${BECAUSE[decision](action)}`,
        service.protocol.startsWith("json") ? undefined : FORBIDDEN_STATUS,
      );
    }
  };

  return {
    credentialsFor: (roleArn, functionName) => book.issue({ roleArn, functionName }),
    callerOf: (accessKeyId) => {
      const holder = accessKeyId === undefined ? undefined : book.holderOf(accessKeyId);
      if (holder === undefined) return { principalArn: rootArn, isRoot: true };
      const { roleArn: principalArn, functionName } = holder;
      const invocationId = account.lambda.running(functionName);
      return {
        principalArn,
        isRoot: false,
        functionName,
        ...(invocationId !== undefined && { invocationId }),
      };
    },
    lets: ({ principalArn, functionName }, permission, isLetByResource) =>
      decideAndKeep(principalArn, functionName ?? principalArn, permission, isLetByResource) === "allowed",
    allows: (principalArn, permission) => decideAndKeep(principalArn, principalArn, permission) === "allowed",
    check,
    denied,
    used,
    service: {
      name: "iam",
      signingName: "iam",
      protocol: "query",
      targetPrefix: "2010-05-08",
      operations: iamOperations(account, roles),
      resources: iamResources(roles),
    },
  };
};
