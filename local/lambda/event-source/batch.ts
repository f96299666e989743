/** What becomes of a batch of stream records, from the function's answer to it. Pure. */
import type { Invoked, Json } from "../../account.ts";

/** `at` is when the record was written, epoch ms. */
export type StreamRecord = { at: number; record: Json };

/** Records to hand over together, and how many retries were spent on them. */
export type Batch = { records: readonly StreamRecord[]; retries: number };

export const sequenceOf = ({ record }: StreamRecord): string => record.dynamodb.SequenceNumber;

/**
 * The first record that was not done: 0 when all failed, the batch's length when all succeeded. An answer that names
 * nothing, or something that is not in the batch, is a failure of all.
 */
const firstUndone = (records: readonly StreamRecord[], payload: string): number => {
  const answer: Json = JSON.parse(payload);
  const failures: Json = answer?.batchItemFailures;
  if (answer === null || typeof answer !== "object" || failures === undefined || failures === null)
    return records.length;
  if (!Array.isArray(failures)) return 0;
  const places = failures.map((failure: Json) =>
    records.findIndex((one) => sequenceOf(one) === failure?.itemIdentifier),
  );
  return places.includes(-1) ? 0 : Math.min(records.length, ...places);
};

/** Splitting does not count as a retry. */
const again = (records: readonly StreamRecord[], retries: number, isBisecting: boolean): Batch[] => {
  if (!isBisecting || records.length < 2) return [{ records, retries: retries + 1 }];
  const middle = Math.ceil(records.length / 2);
  return [records.slice(0, middle), records.slice(middle)].map((part) => ({ records: part, retries }));
};

/** The batches that remain to be done, in order; none after a success. */
export const remainder = (
  batch: Batch,
  invoked: Pick<Invoked, "ok" | "payload">,
  settings: { reportsItems: boolean; isBisecting: boolean },
): Batch[] => {
  const { records, retries } = batch;
  if (!invoked.ok) return again(records, retries, settings.isBisecting);
  const undone = settings.reportsItems ? firstUndone(records, invoked.payload) : records.length;
  if (undone === records.length) return [];
  // The function has said where the bad record is: what comes before it is done, and what remains is not split.
  return undone > 0
    ? [{ records: records.slice(undone), retries: retries + 1 }]
    : again(records, retries, settings.isBisecting);
};
