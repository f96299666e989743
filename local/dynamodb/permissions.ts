/** What a caller must be allowed for each operation. */
import type { Json, Permission } from "../account.ts";
import { tableName } from "./table-names.ts";

type Arns = {
  table(name: string): string;
  index(table: string, index: string): string;
};

/** Operations on one table whose action is their own name. */
export const TABLE_OPERATIONS: readonly string[] = [
  "GetItem",
  "PutItem",
  "UpdateItem",
  "DeleteItem",
  "CreateTable",
  "DescribeTable",
  "UpdateTable",
  "DeleteTable",
  "DescribeTimeToLive",
  "UpdateTimeToLive",
  "DescribeContinuousBackups",
  "UpdateContinuousBackups",
];
/** Their resource is named by its ARN. */
export const TAG_OPERATIONS: readonly string[] = ["TagResource", "UntagResource", "ListTagsOfResource"];
/** May read a table or one of its indexes. */
const QUERY_OPERATIONS: readonly string[] = ["Query", "Scan"];
/** Keyed by table. */
const BATCH_OPERATIONS: readonly string[] = ["BatchGetItem", "BatchWriteItem"];
const TRANSACTION_OPERATIONS: readonly string[] = ["TransactWriteItems", "TransactGetItems"];
/** Not about one table. */
const ACCOUNT_OPERATIONS: readonly string[] = ["ListTables", "DescribeLimits", "DescribeEndpoints"];

export const OPERATIONS: readonly string[] = [
  ...TABLE_OPERATIONS,
  ...TAG_OPERATIONS,
  ...QUERY_OPERATIONS,
  ...BATCH_OPERATIONS,
  ...TRANSACTION_OPERATIONS,
  ...ACCOUNT_OPERATIONS,
];

/** A part of a transaction needs the permission of the same operation by itself. */
const ITEM_ACTIONS: Readonly<Record<string, string>> = {
  Put: "dynamodb:PutItem",
  Update: "dynamodb:UpdateItem",
  Delete: "dynamodb:DeleteItem",
  Get: "dynamodb:GetItem",
  ConditionCheck: "dynamodb:ConditionCheckItem",
};

const transactionNeeds = (input: Json, arns: Arns): Permission[] =>
  (input.TransactItems ?? []).flatMap((item: Json) =>
    Object.entries(item).map(([kind, part]) => ({
      action: ITEM_ACTIONS[kind] ?? `dynamodb:${kind}`,
      resource: arns.table(tableName(String((part as Json)?.TableName))),
    })),
  );

export const needsOf = (operation: string, input: Json, arns: Arns): Permission[] => {
  const action = `dynamodb:${operation}`;
  const table = tableName(String(input.TableName ?? ""));
  if (TRANSACTION_OPERATIONS.includes(operation)) return transactionNeeds(input, arns);
  if (BATCH_OPERATIONS.includes(operation))
    return Object.keys(input.RequestItems ?? {}).map((name) => ({
      action,
      resource: arns.table(tableName(name)),
    }));
  if (QUERY_OPERATIONS.includes(operation) && input.IndexName !== undefined)
    return [{ action, resource: arns.index(table, String(input.IndexName)) }];
  if (TAG_OPERATIONS.includes(operation)) return [{ action, resource: String(input.ResourceArn) }];
  if (ACCOUNT_OPERATIONS.includes(operation)) return [{ action, resource: "*" }];
  return [{ action, resource: arns.table(table) }];
};
