import * as fc from "fast-check";
import { expect, test } from "vitest";
import {
  type Batch,
  remainder,
  type StreamRecord,
  sequenceOf,
} from "../../local/lambda/event-source/batch.ts";

const recordsOf = (count: number): StreamRecord[] =>
  Array.from({ length: count }, (_, index) => ({
    at: 0,
    record: { dynamodb: { SequenceNumber: String(index + 1) } },
  }));
const batchOf = (count: number, retries = 0): Batch => ({ records: recordsOf(count), retries });
const sequences = (batches: readonly Batch[]): string[] =>
  batches.flatMap(({ records }) => records.map(sequenceOf));
const report = (...identifiers: string[]): string =>
  JSON.stringify({ batchItemFailures: identifiers.map((itemIdentifier) => ({ itemIdentifier })) });

const PLAIN = { reportsItems: false, isBisecting: false };
const REPORTING = { reportsItems: true, isBisecting: false };

test("what remains is a tail of the batch, in order, whatever the function answers", () => {
  void fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 50 }),
      fc.boolean(),
      fc.boolean(),
      fc.boolean(),
      fc.array(fc.integer({ min: 0, max: 60 }), { maxLength: 5 }),
      (count, ok, reportsItems, isBisecting, failed) => {
        const payload = report(...failed.map(String));
        const rest = sequences(remainder(batchOf(count), { ok, payload }, { reportsItems, isBisecting }));
        const all = recordsOf(count).map(sequenceOf);
        expect(rest).toEqual(rest.length === 0 ? [] : all.slice(-rest.length));
        if (!ok) expect(rest).toEqual(all);
        if (ok && !reportsItems) expect(rest).toEqual([]);
      },
    ),
  );
});

test("a failure costs a retry, a split does not", () => {
  expect(remainder(batchOf(4, 1), { ok: false, payload: "null" }, PLAIN)).toMatchObject([{ retries: 2 }]);
  const halves = remainder(batchOf(5, 1), { ok: false, payload: "null" }, { ...PLAIN, isBisecting: true });
  expect(halves.map(({ records, retries }) => [records.length, retries])).toEqual([
    [3, 1],
    [2, 1],
  ]);
});

test.each([
  ["null", 0],
  ["{}", 0],
  ['"done"', 0],
  [report(), 0],
  [report("3"), 2],
  [report("4", "2"), 3],
  [report("nine"), 4],
  ['{"batchItemFailures":"all"}', 4],
  ['{"batchItemFailures":[{}]}', 4],
])("the answer %s leaves %d of four", (payload, left) => {
  expect(sequences(remainder(batchOf(4), { ok: true, payload }, REPORTING))).toHaveLength(left);
});
