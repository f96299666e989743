/** DynamoDB: AWS's own DynamoDB Local behind this account's permissions, clock and names. JSON 1.0. */
import { type Account, AwsError, type Json, type Operation, type Service } from "./account.ts";
import { createChanges } from "./dynamodb/changes.ts";
import { createEngine, TABLES } from "./dynamodb/engine.ts";
import { createExpiry } from "./dynamodb/expiry.ts";
import type { Dynamodb } from "./dynamodb/face.ts";
import { needsOf, OPERATIONS } from "./dynamodb/permissions.ts";
import { tableMaker } from "./dynamodb/resource.ts";
import { settingsAnswers, tableOf } from "./dynamodb/settings.ts";
import { byName } from "./dynamodb/table-names.ts";
import { createTableOperations } from "./dynamodb/table-operations.ts";
import { createTables } from "./dynamodb/tables.ts";

const ITEM_WRITES: readonly string[] = ["PutItem", "UpdateItem", "DeleteItem"];

/** The tables that an operation may have changed. */
const written = (operation: string, input: Json): string[] => {
  if (ITEM_WRITES.includes(operation)) return [input.TableName];
  if (operation === "BatchWriteItem") return Object.keys(input.RequestItems);
  if (operation !== "TransactWriteItems") return [];
  const parts: Json[] = input.TransactItems.flatMap((item: Json) => Object.values(item));
  return [...new Set(parts.map((part) => String(part.TableName)))];
};

/**
 * `start` starts DynamoDB Local ahead of the first call; `close` deletes the account's tables and lets go of the process.
 * Operations that DynamoDB Local knows and this list does not are unknown here.
 */
export const createDynamodb = (
  account: Account,
): Dynamodb & { service: Service; start(): Promise<void>; close(): Promise<void> } => {
  const engine = createEngine(account.region);
  const tables = createTables(account);
  const changes = createChanges(account, tables, engine.send);
  const expiry = createExpiry(account, engine.send, changes, (table) => tables.find(table.name) === table);
  const tableOperations = createTableOperations(tables, changes, engine.send);
  const settings = settingsAnswers(expiry);

  const forward = async (operation: string, input: Json): Promise<Json> => {
    const named = byName(input);
    const answer = await engine.send(TABLES, operation, named);
    for (const name of written(operation, named)) await changes.read(name);
    return answer;
  };

  const run = (operation: string, input: Json): Promise<Json> | Json => {
    const onTable = tableOperations[operation];
    if (onTable !== undefined) return onTable(input);
    const answer = settings[operation];
    return answer === undefined ? forward(operation, input) : answer(tableOf(tables, input), input);
  };

  const arns = { table: tables.arnOf, index: tables.indexArnOf };
  const operationOf = (operation: string): Operation => ({
    needs: (input) => needsOf(operation, input, arns),
    run: (input) => run(operation, input),
  });

  return {
    onChange: (streamArn, listener, isFromStart) => {
      const listening = changes.listen(streamArn, listener, isFromStart);
      if (listening === undefined)
        throw new AwsError("ResourceNotFoundException", `Stream not found: ${streamArn}`, 404);
      return listening;
    },
    start: engine.start,
    close: engine.close,
    service: {
      name: "dynamodb",
      signingName: "dynamodb",
      protocol: "json-1.0",
      targetPrefix: TABLES,
      operations: Object.fromEntries(OPERATIONS.map((operation) => [operation, operationOf(operation)])),
      resources: { "AWS::DynamoDB::Table": tableMaker(tables, tableOperations, expiry) },
    },
  };
};
