/** Identity-based policies: a Deny that applies wins, then an Allow that applies; everything else is refused. */
import { AwsError, type Json, type Permission } from "../account.ts";
import { matches } from "../wildcard.ts";
import { conditionsHold, isKnownOperator } from "./conditions.ts";

export type Decision = "allowed" | "explicit-deny" | "implicit-deny";

const listOf = (value: Json): Json[] => (Array.isArray(value) ? value : value === undefined ? [] : [value]);

const malformed = (message: string): AwsError => new AwsError("MalformedPolicyDocument", message);

const ACTION = /^(\*|[A-Za-z0-9-]+:[A-Za-z0-9*?]+)$/;
const RESOURCE = /^(\*|arn:.+)$/s;

const checkList = (statement: Json, name: string, pattern: RegExp): void => {
  const [given, inverted] = [statement[name], statement[`Not${name}`]];
  if ((given === undefined) === (inverted === undefined))
    throw malformed(`A statement must have either ${name} or Not${name}.`);
  for (const value of listOf(given ?? inverted))
    if (typeof value !== "string" || !pattern.test(value))
      throw malformed(`${name} ${JSON.stringify(value)} is not valid.`);
};

const checkStatement = (statement: Json): void => {
  if (statement?.Effect !== "Allow" && statement?.Effect !== "Deny")
    throw malformed("A statement's Effect must be Allow or Deny.");
  checkList(statement, "Action", ACTION);
  checkList(statement, "Resource", RESOURCE);
  for (const operator of Object.keys(statement.Condition ?? {}))
    if (!isKnownOperator(operator)) throw malformed(`The condition operator ${operator} is not known here.`);
};

/** Text or object in, checked object out. Throws MalformedPolicyDocument. */
export const parsePolicyDocument = (given: Json): Json => {
  let document: Json;
  try {
    document = typeof given === "string" ? JSON.parse(given) : given;
  } catch {
    throw malformed("The policy is not JSON.");
  }
  if (listOf(document?.Statement).length === 0) throw malformed("A policy must have a statement.");
  for (const statement of listOf(document.Statement)) checkStatement(statement);
  return document;
};

const covers = (statement: Json, name: "Action" | "Resource", value: string, flags: string): boolean =>
  statement[name] === undefined
    ? !listOf(statement[`Not${name}`]).some((pattern) => matches(pattern, value, flags))
    : listOf(statement[name]).some((pattern) => matches(pattern, value, flags));

const applies = (
  statement: Json,
  permission: Permission,
  context: Readonly<Record<string, string>>,
): boolean =>
  covers(statement, "Action", permission.action, "i") &&
  covers(statement, "Resource", permission.resource, "") &&
  conditionsHold(statement.Condition, { ...context, ...permission.context });

/** `context`: the condition keys that every request has. */
export const evaluate = (
  documents: readonly Json[],
  permission: Permission,
  context: Readonly<Record<string, string>>,
): Decision => {
  const applying = documents
    .flatMap((document) => listOf(document.Statement))
    .filter((statement) => applies(statement, permission, context));
  if (applying.some(({ Effect }) => Effect === "Deny")) return "explicit-deny";
  return applying.length > 0 ? "allowed" : "implicit-deny";
};
