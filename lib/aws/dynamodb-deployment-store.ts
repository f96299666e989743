import { type TransactWriteItem, TransactWriteItemsCommand } from "@aws-sdk/client-dynamodb";
import type { AuditLine } from "../deployment/fact.ts";
import type { DeploymentRecord } from "../deployment/record.ts";
import { canonical } from "../kit/canonical.ts";
import { BugError } from "../kit/errors.ts";
import type { Change, DeploymentStore } from "../ports/deployment-store.ts";
import { entryItem } from "./dynamodb-outbox.ts";
import { isNamed, reach } from "./failure.ts";
import {
  deploymentKey,
  INDEX,
  type Item,
  jsonOf,
  number,
  open,
  openWork,
  queryAll,
  type Table,
  text,
  textOf,
} from "./table.ts";

const RECORD = "LIFE#RECORD";
/** DynamoDB's own limit for one transaction. */
const TRANSACTION_MAX = 100;

const recordItem = (id: string, change: Change): Item => {
  const { record } = change;
  const { requested } = record.times;
  return {
    pk: text(deploymentKey(id)),
    sk: text(RECORD),
    record: text(canonical(record)),
    seq: number(change.expectedSeq + change.lines.length),
    status: text(record.status),
    service: text(record.service),
    requestedAt: text(requested),
    month: text(requested.slice(0, 7)),
    ...(record.release && { releaseId: text(record.release.id) }),
    ...(change.isOpen && open("DEPLOYMENT", requested)),
  };
};

const lineItem = (id: string, line: AuditLine): Item => ({
  pk: text(deploymentKey(id)),
  sk: text(`LIFE#FACT#${line.fact.id}`),
  line: text(canonical(line)),
});

const put = (table: Table, item: Item, condition: string, values?: Item): TransactWriteItem => ({
  Put: {
    TableName: table.name,
    Item: item,
    ConditionExpression: condition,
    ...(values && { ExpressionAttributeValues: values }),
  },
});

const NEW = "attribute_not_exists(pk)";

/** What cancelled a transaction: the places whose condition did not hold, or `conflict` with another one under way. */
const cancelledBy = (thrown: unknown): readonly number[] | "conflict" | undefined => {
  if (!isNamed(thrown, "TransactionCanceledException")) return undefined;
  const reasons = (thrown as { CancellationReasons?: { Code?: string }[] }).CancellationReasons ?? [];
  const codes = new Set(reasons.map(({ Code }) => Code ?? "None"));
  codes.delete("None");
  if (codes.delete("TransactionConflict"))
    return codes.size === 0 || codes.has("ConditionalCheckFailed") ? "conflict" : undefined;
  if (codes.size !== 1 || !codes.has("ConditionalCheckFailed")) return undefined;
  return reasons.flatMap(({ Code }, place) => (Code === "ConditionalCheckFailed" ? [place] : []));
};

const recordsOf = (items: readonly Item[]): DeploymentRecord[] =>
  items.map((item) => jsonOf<DeploymentRecord>(item, "record"));

/** Months looked through for the newest deployments of all services. */
const MONTHS_MAX = 12;

const monthsBack = (from: string): string[] => {
  const [year = 0, month = 0] = from.split("-").map(Number);
  return Array.from({ length: MONTHS_MAX }, (_, back) =>
    new Date(Date.UTC(year, month - 1 - back, 1)).toISOString().slice(0, 7),
  );
};

/** A notice that is in the outbox already must not keep the record from moving on: it is left out, the rest is written. */
const append = async (table: Table, deploymentId: string, change: Change): Promise<"stored" | "stale"> => {
  const record =
    change.expectedSeq === 0
      ? put(table, recordItem(deploymentId, change), NEW)
      : put(table, recordItem(deploymentId, change), "seq = :seq", { ":seq": number(change.expectedSeq) });
  const kept = [record, ...change.lines.map((line) => put(table, lineItem(deploymentId, line), NEW))];
  const writes = [...kept, ...change.entries.map((entry) => put(table, entryItem(entry), NEW))];
  if (writes.length > TRANSACTION_MAX)
    throw new BugError(`${writes.length} writes in one transaction, the most is ${TRANSACTION_MAX}`);
  try {
    await table.client.send(new TransactWriteItemsCommand({ TransactItems: writes }));
    return "stored";
  } catch (error) {
    const refused = cancelledBy(error);
    if (refused === undefined)
      return reach(`storing deployment ${deploymentId}`, () => Promise.reject(error));
    if (refused === "conflict" || refused.some((place) => place < kept.length)) return "stale";
    const entries = change.entries.filter((_, index) => !refused.includes(kept.length + index));
    return append(table, deploymentId, { ...change, entries });
  }
};

export const dynamodbDeploymentStore = (table: Table, now: () => number): DeploymentStore => {
  const listed = (index: string, key: string, value: string, limit: number): Promise<Item[]> =>
    queryAll(
      table,
      {
        IndexName: index,
        KeyConditionExpression: "#key = :value",
        ExpressionAttributeNames: { "#key": key },
        ExpressionAttributeValues: { ":value": text(value) },
        ScanIndexForward: false,
      },
      limit,
    );

  return {
    load: async (deploymentId) => {
      const items = await queryAll(table, {
        KeyConditionExpression: "pk = :pk AND begins_with(sk, :life)",
        ExpressionAttributeValues: { ":pk": text(deploymentKey(deploymentId)), ":life": text("LIFE#") },
        ConsistentRead: true,
      });
      const record = items.find((item) => textOf(item, "sk") === RECORD);
      if (record === undefined) return undefined;
      const lines = items
        .filter((item) => item.line !== undefined)
        .map((item) => jsonOf<AuditLine>(item, "line"));
      return {
        record: jsonOf<DeploymentRecord>(record, "record"),
        lines: lines.sort((left, right) => left.seq - right.seq),
        isOpen: record.openKind !== undefined,
      };
    },

    append: (deploymentId, change) => append(table, deploymentId, change),

    openIds: async () =>
      (await openWork(table, "DEPLOYMENT")).map((item) => textOf(item, "pk").slice(deploymentKey("").length)),

    history: async ({ service, limit }) => {
      if (service !== undefined) return recordsOf(await listed(INDEX.service, "service", service, limit));
      const found: DeploymentRecord[] = [];
      for (const month of monthsBack(new Date(now()).toISOString().slice(0, 7))) {
        if (found.length >= limit) break;
        found.push(...recordsOf(await listed(INDEX.month, "month", month, limit - found.length)));
      }
      return found;
    },

    ofRelease: async (releaseId) => recordsOf(await listed(INDEX.release, "releaseId", releaseId, 100)),
  };
};
