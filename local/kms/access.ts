/**
 * Who may use a key. The key's policy decides: it names the user, or it names the account, which leaves it to the user's own
 * policies. A Deny on either side wins. (KMS developer guide, "Determining access to KMS keys".)
 */
import { type Account, AwsError, type Caller, type Json, type Permission } from "../account.ts";
import type { ActingService } from "../acting-service.ts";
import { conditionsHold } from "../iam/conditions.ts";
import { sessionArn } from "../iam/service.ts";
import { policyAllows } from "../resource-policy.ts";
import { matches } from "../wildcard.ts";
import type { KeyUse, KeyUser } from "./face.ts";
import type { Key } from "./keys.ts";

const listOf = (value: Json): Json[] => (Array.isArray(value) ? value : value === undefined ? [] : [value]);

const refusal = (who: string, action: string, key: Key, because: string): AwsError =>
  new AwsError(
    "AccessDeniedException",
    `User: ${who} is not authorized to perform: ${action} on resource: ${key.arn} because ${because}`,
  );

type Names = { account: readonly string[]; user: string };

const principalsOf = (statement: Json): string[] =>
  statement.Principal === "*" ? ["*"] : listOf(statement.Principal?.AWS).map(String);

const isAbout = (statement: Json, names: Names): boolean =>
  principalsOf(statement).some((name) => name === "*" || name === names.user || names.account.includes(name));

const applying = (key: Key, use: KeyUse, names: Names, context: Record<string, string>): Json[] =>
  listOf(key.policy.Statement).filter(
    (statement) =>
      isAbout(statement, names) &&
      listOf(statement.Action).some((action) => matches(String(action), use.action, "i")) &&
      listOf(statement.Resource ?? "*").some((resource) => matches(String(resource), key.arn)) &&
      conditionsHold(statement.Condition, context),
  );

const checkCaller = (account: Account, key: Key, caller: Caller, use: KeyUse): void => {
  const who = sessionArn(account, caller);
  const rootArn = `arn:aws:iam::${account.id}:root`;
  const names = { account: [rootArn, account.id], user: caller.principalArn };
  const context = {
    "aws:PrincipalArn": caller.principalArn,
    "aws:PrincipalAccount": account.id,
    "kms:CallerAccount": account.id,
    "aws:SecureTransport": "true",
    ...use.conditions,
  };
  const statements = applying(key, use, names, context);
  if (statements.some(({ Effect }) => Effect === "Deny"))
    throw refusal(who, use.action, key, "an explicit deny in a resource-based policy");
  const allowing = statements.filter(({ Effect }) => Effect === "Allow");
  if (allowing.length === 0)
    throw refusal(who, use.action, key, `no resource-based policy allows the ${use.action} action`);
  if (caller.isRoot) return;
  const permission: Permission = { action: use.action, resource: key.arn, context };
  const isNamed = allowing.some((statement) =>
    principalsOf(statement).some((name) => name === "*" || name === names.user),
  );
  if (!account.iam.lets(caller, permission, isNamed))
    throw refusal(who, use.action, key, `no identity-based policy allows the ${use.action} action`);
};

const checkService = (account: Account, key: Key, actor: ActingService, use: KeyUse): void => {
  const isAllowed = policyAllows(key.policy, {
    principal: actor.principal,
    action: use.action,
    resource: key.arn,
    conditions: { "aws:SourceArn": actor.sourceArn, "aws:SourceAccount": account.id, ...use.conditions },
  });
  if (!isAllowed)
    throw refusal(actor.principal, use.action, key, `no key policy allows the ${use.action} action`);
};

/** Throws AccessDeniedException as KMS words it. */
export const checkUse = (account: Account, key: Key, user: KeyUser, use: KeyUse): void => {
  if ("principal" in user) checkService(account, key, user, use);
  else checkCaller(account, key, user, use);
};
