/** Resource-based policies of topics and queues: may this AWS service act on this resource? */
import type { Json } from "./account.ts";
import { conditionsHold } from "./iam/conditions.ts";
import { matches } from "./wildcard.ts";

/** `conditions`: the request's context keys, such as `aws:SourceArn`. */
export type ServiceRequest = {
  principal: string;
  action: string;
  resource: string;
  conditions: Readonly<Record<string, string>>;
};

const listOf = (value: Json): string[] => (Array.isArray(value) ? value : value === undefined ? [] : [value]);

const isPrincipal = (principal: Json, service: string): boolean =>
  principal === "*" || listOf(principal?.Service).some((name) => name === service || name === "*");

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
