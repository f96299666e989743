/** Records of the table's stream: the outbox and the intents, as the store wrote them. */
import * as z from "zod/mini";
import type { OutboxEntry } from "../notice/notice.ts";
import { parse } from "./refuse.ts";

const StreamEvent = z.object({
  Records: z.array(
    z.object({
      eventName: z.optional(z.string()),
      dynamodb: z.object({
        SequenceNumber: z.string(),
        NewImage: z.optional(z.record(z.string(), z.object({ S: z.optional(z.string()) }))),
      }),
    }),
  ),
});

export type Arrival = { sequenceNumber: string; entry?: OutboxEntry };

/** Outbox entries that arrived; a record without one keeps its number, so that it can be passed over. */
export const arrivals = (raw: unknown): readonly Arrival[] =>
  parse(StreamEvent, raw, "a table stream event").Records.map((record) => {
    const text = record.dynamodb.NewImage?.entry?.S;
    return {
      sequenceNumber: record.dynamodb.SequenceNumber,
      ...(text !== undefined && { entry: JSON.parse(text) as OutboxEntry }),
    };
  });

/** Whether an event comes from the table's stream (an intent was put) rather than from a schedule. */
export const isStreamEvent = (raw: unknown): boolean =>
  typeof raw === "object" && raw !== null && Array.isArray((raw as { Records?: unknown }).Records);
