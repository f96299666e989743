/** Making, changing and deleting tables: DynamoDB Local does it, this account's notes follow. */
import { AwsError, type Json } from "../account.ts";
import type { Changes } from "./changes.ts";
import { type Send, TABLES } from "./engine.ts";
import { tableName } from "./table-names.ts";
import type { Tables } from "./tables.ts";

/** Settings that are kept here and mean nothing to DynamoDB Local. */
const OURS = [
  "SSESpecification",
  "Tags",
  "ResourcePolicy",
  "OnDemandThroughput",
  "WarmThroughput",
  "TableClass",
  "PointInTimeRecoverySpecification",
];

const forLocal = (input: Json): Json =>
  Object.fromEntries(
    Object.entries({ ...input, TableName: tableName(String(input.TableName)) }).filter(
      ([name]) => !OURS.includes(name),
    ),
  );

export type TableOperations = Readonly<Record<string, (input: Json) => Promise<Json>>>;

export const createTableOperations = (tables: Tables, changes: Changes, send: Send): TableOperations => {
  const describe = async (input: Json): Promise<Json> => {
    const { Table: description } = await send(TABLES, "DescribeTable", forLocal(input));
    return tables.describe(description);
  };

  const followStream = async (name: string, hadStream: boolean): Promise<void> => {
    const table = tables.get(name);
    if (hadStream && table.stream === undefined) changes.unwatch(table);
    else await changes.watch(table);
  };

  return {
    CreateTable: async (input) => {
      const { TableDescription } = await send(TABLES, "CreateTable", forLocal(input));
      const table = tables.note(input);
      await followStream(table.name, false);
      return { TableDescription: tables.describe(TableDescription) };
    },
    DescribeTable: async (input) => ({ Table: await describe(input) }),
    UpdateTable: async (input) => {
      const table = tables.get(String(input.TableName));
      const local = forLocal(input);
      if (Object.keys(local).length > 1) await send(TABLES, "UpdateTable", local);
      else if (Object.keys(input).length === 1)
        throw new AwsError("ValidationException", "At least one setting to change is required");
      const hadStream = table.stream !== undefined;
      tables.update(table, input);
      await followStream(table.name, hadStream);
      return { TableDescription: await describe(input) };
    },
    DeleteTable: async (input) => {
      const table = tables.get(String(input.TableName));
      const { TableDescription } = await send(TABLES, "DeleteTable", forLocal(input));
      const described = { ...tables.describe(TableDescription), TableStatus: "DELETING" };
      changes.unwatch(table);
      tables.forget(table.name);
      return { TableDescription: described };
    },
  };
};
