/** Resource-based policies of topics and queues: may this AWS service act on this resource? */
import type { Json } from "./account.ts";

/** `conditions`: the request's context keys, such as `aws:SourceArn`. */
export type ServiceRequest = {
  principal: string;
  action: string;
  resource: string;
  conditions: Readonly<Record<string, string>>;
};

const listOf = (value: Json): string[] => (Array.isArray(value) ? value : value === undefined ? [] : [value]);

/** IAM wildcards: `*` any run of characters, `?` any one. */
export const matches = (pattern: string, value: string, flags = ""): boolean => {
  const source = pattern
    .replace(/[.+^${}()|[\]\\]/g, "\\$&")
    .replaceAll("*", ".*")
    .replaceAll("?", ".");
  return new RegExp(`^${source}$`, `s${flags}`).test(value);
};

const isPrincipal = (principal: Json, service: string): boolean =>
  principal === "*" || listOf(principal?.Service).some((name) => name === service || name === "*");

const holds = (operator: string, expected: readonly string[], actual: string | undefined): boolean => {
  if (operator.endsWith("IfExists") && actual === undefined) return true;
  if (actual === undefined) return false;
  switch (operator.replace(/IfExists$/, "")) {
    case "StringEquals":
    case "ArnEquals":
      return expected.includes(actual);
    case "StringLike":
    case "ArnLike":
      return expected.some((pattern) => matches(pattern, actual));
    default:
      return false;
  }
};

const conditionsHold = (condition: Json, actual: Readonly<Record<string, string>>): boolean => {
  const known = new Map(Object.entries(actual).map(([key, value]) => [key.toLowerCase(), value]));
  return Object.entries(condition ?? {}).every(([operator, keys]) =>
    Object.entries(keys as Record<string, Json>).every(([key, expected]) =>
      holds(operator, listOf(expected), known.get(key.toLowerCase())),
    ),
  );
};

const applies = (statement: Json, request: ServiceRequest): boolean => {
  const isConditional = Object.keys(statement.Condition ?? {}).length > 0;
  // EventBridge sends no context: "You can't use Condition blocks in Amazon SNS topic policies for EventBridge".
  if (request.principal === "events.amazonaws.com" && request.action === "sns:Publish" && isConditional)
    return false;
  return (
    isPrincipal(statement.Principal, request.principal) &&
    listOf(statement.Action).some((action) => matches(action, request.action, "i")) &&
    listOf(statement.Resource ?? "*").some((resource) => matches(resource, request.resource)) &&
    conditionsHold(statement.Condition, request.conditions)
  );
};

/** A Deny that applies wins over any Allow; no statement that applies is a refusal. */
export const policyAllows = (policy: Json, request: ServiceRequest): boolean => {
  const statements: Json[] = Array.isArray(policy?.Statement) ? policy.Statement : [policy?.Statement ?? {}];
  const applying = statements.filter((statement) => applies(statement, request));
  return (
    applying.some((statement) => statement.Effect === "Allow") &&
    !applying.some((statement) => statement.Effect === "Deny")
  );
};
