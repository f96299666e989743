import { GetItemCommand, PutItemCommand, UpdateItemCommand } from "@aws-sdk/client-dynamodb";
import { canonical } from "../kit/canonical.ts";
import { DAY_MS, isoOf, SECOND_MS } from "../kit/time.ts";
import type { OutboxEntry, Subject } from "../notice/notice.ts";
import type { Outbox, PostedMessage } from "../ports/outbox.ts";
import { reach, reachUnless } from "./failure.ts";
import { deploymentKey, type Item, jsonOf, number, open, openWork, type Table, text } from "./table.ts";

const MESSAGE = "MESSAGE#slack";

const partitionOf = (subject: Subject): string =>
  subject.kind === "deployment" ? deploymentKey(subject.id) : `ALARM#${subject.id}`;

const keyOf = (entry: OutboxEntry): Item => ({
  pk: text(partitionOf(entry.subject)),
  sk: text(`OUT#${entry.notice.id}#${entry.outlet}`),
});

/** Notices of alarms that belong to no deployment only guard against telling twice; what belongs to a deployment is kept. */
const FORGET_MS = 90 * DAY_MS;

const forgetAt = (entry: OutboxEntry): Item => ({
  forgetAt: number(Math.ceil((entry.notice.at + FORGET_MS) / SECOND_MS)),
});

/** The stored form of an entry; written with the record it follows from. */
export const entryItem = (entry: OutboxEntry): Item => ({
  ...keyOf(entry),
  entry: text(canonical(entry)),
  ...open("NOTICE", isoOf(entry.notice.at)),
  ...(entry.subject.kind === "alarm" && forgetAt(entry)),
});

export const dynamodbOutbox = (table: Table): Outbox => ({
  put: async (entries) => {
    let isNew = false;
    for (const entry of entries) {
      const stored = await reachUnless(
        "storing a notice",
        ["ConditionalCheckFailedException"],
        "known" as const,
        () =>
          table.client.send(
            new PutItemCommand({
              TableName: table.name,
              Item: entryItem(entry),
              ConditionExpression: "attribute_not_exists(pk)",
            }),
          ),
      );
      isNew ||= stored !== "known";
    }
    return isNew;
  },

  unsent: async (limit) =>
    (await openWork(table, "NOTICE", limit)).map((item) => jsonOf<OutboxEntry>(item, "entry")),

  isSent: async (entry) => {
    const { Item } = await reach("reading a notice", () =>
      table.client.send(
        new GetItemCommand({ TableName: table.name, Key: keyOf(entry), ConsistentRead: true }),
      ),
    );
    return Item?.sentAt !== undefined;
  },

  markSent: async (entry, at) => {
    await reach("marking a notice as sent", () =>
      table.client.send(
        new UpdateItemCommand({
          TableName: table.name,
          Key: keyOf(entry),
          UpdateExpression: "SET sentAt = if_not_exists(sentAt, :at) REMOVE openKind, openSince",
          ExpressionAttributeValues: { ":at": number(at) },
        }),
      ),
    );
  },

  message: async (subject) => {
    const { Item } = await reach("reading a Slack message's place", () =>
      table.client.send(
        new GetItemCommand({
          TableName: table.name,
          Key: { pk: text(partitionOf(subject)), sk: text(MESSAGE) },
          ConsistentRead: true,
        }),
      ),
    );
    return Item === undefined ? undefined : jsonOf<PostedMessage>(Item, "message");
  },

  saveMessage: async (subject, message) => {
    await reach("storing a Slack message's place", () =>
      table.client.send(
        new PutItemCommand({
          TableName: table.name,
          Item: { pk: text(partitionOf(subject)), sk: text(MESSAGE), message: text(canonical(message)) },
        }),
      ),
    );
  },
});
