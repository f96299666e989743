/** Time to live by the account's clock. DynamoDB Local's own goes by the real one and stays off. */
import type { Account, Json } from "../account.ts";
import type { Changes } from "./changes.ts";
import { type Send, TABLES } from "./engine.ts";
import type { Table } from "./tables.ts";

/** AWS deletes "within a few days"; here, 48 hours after the instant, at the next sweep. */
export const GRACE_MS = 48 * 3_600_000;
export const SWEEP_EVERY_MS = 6 * 3_600_000;
/** Who deletes, in the stream's records. */
const IDENTITY = { type: "Service", principalId: "dynamodb.amazonaws.com" };

export type Expiry = {
  /** Sweeps a table for as long as it has a time to live. */
  start(table: Table): void;
};

export const createExpiry = (
  account: Account,
  send: Send,
  changes: Changes,
  has: (table: Table) => boolean,
): Expiry => {
  const swept = new Set<Table>();

  const keyOf = (item: Json, schema: Json): Json =>
    Object.fromEntries(
      schema.map(({ AttributeName }: { AttributeName: string }) => [AttributeName, item[AttributeName]]),
    );

  const expiredPage = (table: Table, attribute: string, start: Json): Promise<Json> =>
    send(TABLES, "Scan", {
      TableName: table.name,
      FilterExpression: "attribute_type(#at, :number) AND #at < :limit",
      ExpressionAttributeNames: { "#at": attribute },
      ExpressionAttributeValues: {
        ":number": { S: "N" },
        ":limit": { N: String(Math.floor((account.world.now() - GRACE_MS) / 1000)) },
      },
      ...(start && { ExclusiveStartKey: start }),
    });

  const sweep = async (table: Table): Promise<void> => {
    const attribute = table.timeToLive?.attributeName ?? "";
    const { Table: description } = await send(TABLES, "DescribeTable", { TableName: table.name });
    let start: Json;
    do {
      const page = await expiredPage(table, attribute, start);
      for (const item of page.Items)
        await send(TABLES, "DeleteItem", {
          TableName: table.name,
          Key: keyOf(item, description.KeySchema),
        });
      if (page.Items.length > 0) await changes.read(table.name, IDENTITY);
      start = page.LastEvaluatedKey;
    } while (start !== undefined);
  };

  const schedule = (table: Table): void => {
    account.world.at(account.world.now() + SWEEP_EVERY_MS, `time to live of ${table.name}`, async () => {
      if (table.timeToLive?.isEnabled !== true || !has(table)) {
        swept.delete(table);
        return;
      }
      await sweep(table);
      schedule(table);
    });
  };

  return {
    start: (table) => {
      if (table.timeToLive?.isEnabled !== true || swept.has(table)) return;
      swept.add(table);
      schedule(table);
    },
  };
};
