/**
 * The one table: where each thing lives and how it is found.
 *
 *   DEP#<id>      LIFE#RECORD             the record as JSON, and the keys of its lists
 *   DEP#<id>      LIFE#FACT#<fact id>     an audit line; its key is the dedup marker
 *   DEP#<id>      OUT#<notice>#<outlet>   a notice for one outlet (also under ALARM#<arn>, where TTL forgets it)
 *   DEP#<id>      MESSAGE#slack           where the living Slack message stands
 *   DEP#<id>      HOOK#<digest>           a hook run
 *   DEP#<id>      INTENT#<verb>           what a person asked for
 *
 * `openKind` and `openSince` stand only on what somebody still has to do; the index `open-work` holds just those.
 */
import type { AttributeValue, DynamoDBClient, QueryCommandInput } from "@aws-sdk/client-dynamodb";
import { QueryCommand } from "@aws-sdk/client-dynamodb";
import { UnavailableError } from "../kit/errors.ts";
import { reach } from "./failure.ts";

export type Table = { client: DynamoDBClient; name: string };
export type Item = Record<string, AttributeValue>;

export const INDEX = {
  open: "open-work",
  service: "service-history",
  release: "release-history",
  month: "month-history",
} as const;
export type OpenKind = "DEPLOYMENT" | "NOTICE" | "INTENT";

export const deploymentKey = (id: string): string => `DEP#${id}`;

export const text = (value: string): AttributeValue => ({ S: value });
export const number = (value: number): AttributeValue => ({ N: String(value) });
export const textOf = (item: Item, name: string): string => item[name]?.S ?? "";
export const jsonOf = <T>(item: Item, name: string): T => JSON.parse(textOf(item, name)) as T;

/** Attributes that list an item as open work. */
export const open = (kind: OpenKind, since: string): Item => ({
  openKind: text(kind),
  openSince: text(since),
});

/** Pages read for one list; more is a table that outgrew its use. */
const PAGES_MAX = 50;

/** All items of a query, or the first `limit`. Throws UnavailableError when there are more pages than any list should have. */
export const queryAll = async (
  table: Table,
  input: Omit<QueryCommandInput, "TableName">,
  limit = Number.POSITIVE_INFINITY,
): Promise<Item[]> => {
  const items: Item[] = [];
  let from: Item | undefined;
  for (let page = 0; page < PAGES_MAX; page += 1) {
    const answer = await reach("reading the deployments table", () =>
      table.client.send(
        new QueryCommand({
          ...input,
          TableName: table.name,
          ...(from && { ExclusiveStartKey: from }),
          ...(Number.isFinite(limit) && { Limit: limit - items.length }),
        }),
      ),
    );
    items.push(...(answer.Items ?? []));
    from = answer.LastEvaluatedKey;
    if (from === undefined || items.length >= limit) return items;
  }
  throw new UnavailableError(`more than ${PAGES_MAX} pages in the deployments table for one list`);
};

/** Open work of one kind, oldest first. May lag behind the table by a moment. */
export const openWork = (table: Table, kind: OpenKind, limit?: number): Promise<Item[]> =>
  queryAll(
    table,
    {
      IndexName: INDEX.open,
      KeyConditionExpression: "openKind = :kind",
      ExpressionAttributeValues: { ":kind": text(kind) },
    },
    limit,
  );
