/** Resource-based policies of functions and their qualifiers: which services and URLs may call them. */
import { type Account, AwsError, type Json } from "../account.ts";
import { policyAllows } from "../resource-policy.ts";
import type { Fn } from "./state.ts";
import { parseFunctionName, type Store } from "./store.ts";

const CONFLICT_STATUS = 409;
const NOT_FOUND_STATUS = 404;
const INVOKE = "lambda:InvokeFunction";
const INVOKE_URL = "lambda:InvokeFunctionUrl";

export type Permissions = {
  add(fn: Fn, qualifier: string | undefined, input: Json): Json;
  remove(fn: Fn, qualifier: string | undefined, statementId: string): void;
  /** Throws ResourceNotFoundException when there is no policy. */
  policy(fn: Fn, qualifier: string | undefined): Json;
  permits(functionArn: string, servicePrincipal: string, sourceArn: string): boolean;
  /** Whether anybody may call the function's URL. */
  permitsUrl(fn: Fn, qualifier: string | undefined): boolean;
};

const principalIn = (principal: string): Json => {
  if (principal === "*") return "*";
  if (/^\d{12}$/.test(principal)) return { AWS: `arn:aws:iam::${principal}:root` };
  return principal.startsWith("arn:") ? { AWS: principal } : { Service: principal };
};

const conditionIn = (input: Json): Json => {
  const equals = {
    ...(input.SourceAccount !== undefined && { "AWS:SourceAccount": input.SourceAccount }),
    ...(input.FunctionUrlAuthType !== undefined && {
      "lambda:FunctionUrlAuthType": input.FunctionUrlAuthType,
    }),
  };
  const condition = {
    ...(input.SourceArn !== undefined && { ArnLike: { "AWS:SourceArn": input.SourceArn } }),
    ...(Object.keys(equals).length > 0 && { StringEquals: equals }),
    ...(input.InvokedViaFunctionUrl !== undefined && {
      Bool: { "lambda:InvokedViaFunctionUrl": String(input.InvokedViaFunctionUrl) },
    }),
  };
  return Object.keys(condition).length > 0 ? { Condition: condition } : {};
};

export const createPermissions = (account: Account, store: Store): Permissions => {
  const statementsOf = (fn: Fn, qualifier: string | undefined): Json[] =>
    fn.policies.get(qualifier ?? "") ?? [];

  return {
    add: (fn, qualifier, input) => {
      const statements = statementsOf(fn, qualifier);
      const id = String(input.StatementId);
      if (statements.some(({ Sid }) => Sid === id))
        throw new AwsError(
          "ResourceConflictException",
          `The statement id (${id}) provided already exists. Please provide a new statement id, or remove the existing statement.`,
          CONFLICT_STATUS,
        );
      const statement = {
        Sid: id,
        Effect: "Allow",
        Principal: principalIn(String(input.Principal)),
        Action: String(input.Action),
        Resource: store.arnOf(fn.name, qualifier),
        ...conditionIn(input),
      };
      fn.policies.set(qualifier ?? "", [...statements, statement]);
      return statement;
    },
    remove: (fn, qualifier, statementId) => {
      const statements = statementsOf(fn, qualifier);
      const rest = statements.filter(({ Sid }) => Sid !== statementId);
      if (rest.length === statements.length)
        throw new AwsError(
          "ResourceNotFoundException",
          `Statement ${statementId} is not found in resource policy.`,
          NOT_FOUND_STATUS,
        );
      fn.policies.set(qualifier ?? "", rest);
    },
    policy: (fn, qualifier) => {
      const Statement = statementsOf(fn, qualifier);
      if (Statement.length === 0)
        throw new AwsError(
          "ResourceNotFoundException",
          "The resource you requested does not exist.",
          NOT_FOUND_STATUS,
        );
      return { Version: "2012-10-17", Id: "default", Statement };
    },
    permits: (functionArn, servicePrincipal, sourceArn) => {
      const { name, qualifier } = parseFunctionName(functionArn);
      const fn = store.find(name);
      if (fn === undefined) return false;
      const Statement = statementsOf(fn, qualifier);
      return policyAllows(
        { Statement },
        {
          principal: servicePrincipal,
          action: INVOKE,
          resource: store.arnOf(name, qualifier),
          conditions: { "aws:SourceArn": sourceArn, "aws:SourceAccount": account.id },
        },
      );
    },
    permitsUrl: (fn, qualifier) => {
      const Statement = statementsOf(fn, qualifier);
      const request = {
        principal: "*",
        action: INVOKE_URL,
        resource: store.arnOf(fn.name, qualifier),
        conditions: { "lambda:FunctionUrlAuthType": "NONE" },
      };
      return policyAllows({ Statement }, request);
    },
  };
};
