/**
 * Who may take on a role with a web identity: what STS checks of a token, and how IAM reads the role's trust policy.
 * Written from the IAM user guide's "condition operators" and "set operators"; an operator it does not know is an error, never a yes.
 */

/** A token's payload. GitHub's claims hold one text each; a forged one may hold anything. */
export type Claims = Readonly<Record<string, string | readonly string[]>>;
export type Provider = { arn: string; issuer: string; audiences: readonly string[] };

type Values = string | readonly string[];
type Statement = {
  Effect: string;
  Principal: { Federated?: Values };
  Action: Values;
  Condition?: Readonly<Record<string, Readonly<Record<string, Values>>>>;
};
export type TrustPolicy = { Statement: readonly Statement[] };

/** What STS lets a trust policy ask of GitHub's tokens, since January 2026 beyond `aud` and `sub`. Others are as if absent. */
const ASKABLE: ReadonlySet<string> = new Set([
  "aud",
  "sub",
  "actor",
  "actor_id",
  "job_workflow_ref",
  "repository",
  "repository_id",
  "workflow",
  "ref",
  "environment",
  "enterprise_id",
]);

const listOf = (values: Values | undefined): readonly string[] =>
  values === undefined ? [] : typeof values === "string" ? [values] : values;

const like = (pattern: string, value: string): boolean => {
  const source = pattern.replace(/[.+^${}()|[\]\\]/g, "\\$&");
  return new RegExp(`^${source.replaceAll("*", ".*").replaceAll("?", ".")}$`, "s").test(value);
};

const TESTS: Readonly<Record<string, (wanted: string, value: string) => boolean>> = {
  StringEquals: (wanted, value) => wanted === value,
  StringEqualsIgnoreCase: (wanted, value) => wanted.toLowerCase() === value.toLowerCase(),
  StringLike: like,
};
const NEGATED: Readonly<Record<string, string>> = {
  StringNotEquals: "StringEquals",
  StringNotEqualsIgnoreCase: "StringEqualsIgnoreCase",
  StringNotLike: "StringLike",
};

const OPERATOR = /^(?:(ForAnyValue|ForAllValues):)?(\w+?)(IfExists)?$/;

/** One operator on one key; `actual` undefined when the token does not have the claim. */
const holds = (operator: string, wanted: Values, actual: readonly string[] | undefined): boolean => {
  const [, set, base = "", ifExists] = OPERATOR.exec(operator) ?? [];
  if (base === "Null") return listOf(wanted).includes(String(actual === undefined));
  const test = TESTS[NEGATED[base] ?? base];
  if (test === undefined) throw new Error(`this evaluator does not know the condition operator ${operator}`);
  const isNegated = base in NEGATED;
  if (actual === undefined) return isNegated || ifExists !== undefined || set === "ForAllValues";
  const fits = (value: string): boolean => listOf(wanted).some((one) => test(one, value)) !== isNegated;
  if (set === "ForAllValues") return actual.every(fits);
  if (set === "ForAnyValue") return actual.some(fits);
  // IAM leaves open what a plain operator makes of several values; here they keep out.
  const [only, ...others] = actual;
  return only !== undefined && others.length === 0 && fits(only);
};

/** Claims as condition keys: `token.actions.githubusercontent.com:sub`. Keys know no case, values do. */
const contextOf = (provider: Provider, claims: Claims): Map<string, readonly string[]> => {
  const host = provider.issuer.replace("https://", "");
  return new Map(
    Object.entries(claims)
      .filter(([name]) => ASKABLE.has(name))
      .map(([name, values]) => [`${host}:${name}`.toLowerCase(), listOf(values)]),
  );
};

const applies = (
  statement: Statement,
  provider: Provider,
  context: ReadonlyMap<string, readonly string[]>,
): boolean =>
  listOf(statement.Action).includes("sts:AssumeRoleWithWebIdentity") &&
  listOf(statement.Principal.Federated).includes(provider.arn) &&
  Object.entries(statement.Condition ?? {}).every(([operator, keys]) =>
    Object.entries(keys).every(([key, wanted]) => holds(operator, wanted, context.get(key.toLowerCase()))),
  );

/** Whether STS gives credentials of the role for a token whose signature is good. */
export const mayEnter = (policy: TrustPolicy, provider: Provider, claims: Claims): boolean => {
  if (claims.iss !== provider.issuer) return false;
  if (typeof claims.aud !== "string" || !provider.audiences.includes(claims.aud)) return false;
  if (typeof claims.sub !== "string" || claims.sub === "") return false;
  const context = contextOf(provider, claims);
  const applying = policy.Statement.filter((statement) => applies(statement, provider, context));
  return applying.length > 0 && applying.every(({ Effect }) => Effect === "Allow");
};
