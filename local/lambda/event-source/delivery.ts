/** Hands a stream's records to a function: in order, in batches, again after failures, and to the destination in the end. */
import { type Account, AwsError, type Invoked, type Json } from "../../account.ts";
import { SHARD_ID } from "../../dynamodb/changes.ts";
import { matchesPattern } from "../../events/pattern.ts";
import { randomUuid } from "../../random-id.ts";
import { type Batch, remainder, type StreamRecord, sequenceOf } from "./batch.ts";
import { type Mapping, UNLIMITED } from "./mapping.ts";

/** "Lambda polls shards in your DynamoDB stream for records at a base rate of 4 times per second." */
const POLL_MS = 250;
/** AWS does not tell how it spaces retries: doubling, from one second to one minute. */
const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 60_000;
/** How long the stream itself keeps a record: an unlimited age ends there. */
const RETENTION_SECONDS = 86_400;

export type Condition = "RetryAttemptsExhausted" | "RecordAgeExceeded";

/** Says where what was given up goes; throws AwsError when it cannot go there. */
export type Discard = (mapping: Mapping, record: Json) => void;

export type Delivery = {
  /** Without records: goes on with those that wait. */
  take(records: readonly Json[]): void;
  stop(): void;
};

const isoSecond = (at: number): string => `${new Date(at).toISOString().slice(0, 19)}Z`;

export const createDelivery = (account: Account, mapping: Mapping, discard: Discard): Delivery => {
  const waiting: StreamRecord[] = [];
  let batches: Batch[] = [];
  let isScheduled = false;
  let isStopped = false;
  let failures = 0;

  const isWanted = (record: Json): boolean =>
    mapping.settings.filters.length === 0 ||
    mapping.settings.filters.some(({ pattern }) => matchesPattern(pattern, record));

  const invoke = async (batch: Batch): Promise<Invoked> => {
    const [, name = "", qualifier] = /:function:([^:]+)(?::(.+))?$/.exec(mapping.functionArn) ?? [];
    const payload = JSON.stringify({ Records: batch.records.map(({ record }) => record) });
    return account.lambda.invoke(name, qualifier, payload);
  };

  /** AWS's record of a batch that was given up: where it was, not what was in it. */
  const failureRecord = (batch: Batch, condition: Condition, invoked: Invoked | undefined): Json => {
    const [first, last] = [batch.records[0], batch.records.at(-1)] as [StreamRecord, StreamRecord];
    return {
      requestContext: {
        requestId: randomUuid(account.world.random("event-source-ids")),
        functionArn: mapping.functionArn,
        condition,
        approximateInvokeCount: batch.retries,
      },
      ...(invoked && {
        responseContext: {
          statusCode: 200,
          executedVersion: invoked.executedVersion,
          ...(invoked.functionError && { functionError: invoked.functionError }),
        },
      }),
      version: "1.0",
      timestamp: new Date(account.world.now()).toISOString(),
      DDBStreamBatchInfo: {
        shardId: SHARD_ID,
        startSequenceNumber: sequenceOf(first),
        endSequenceNumber: sequenceOf(last),
        approximateArrivalOfFirstRecord: isoSecond(first.at),
        approximateArrivalOfLastRecord: isoSecond(last.at),
        batchSize: batch.records.length,
        streamArn: mapping.streamArn,
      },
    };
  };

  const giveUp = (batch: Batch, condition: Condition, invoked?: Invoked): void => {
    if (mapping.settings.onFailureArn === undefined) return;
    try {
      discard(mapping, failureRecord(batch, condition, invoked));
    } catch (error) {
      if (!(error instanceof AwsError)) throw error;
      mapping.lastResult = `PROBLEM: ${error.message}`;
    }
  };

  /** Gives up the records that are too old, and answers the others. */
  const withoutOld = (batch: Batch): Batch | undefined => {
    const { ageMaxSeconds } = mapping.settings;
    const ageMaxMs = (ageMaxSeconds === UNLIMITED ? RETENTION_SECONDS : ageMaxSeconds) * 1000;
    const limit = account.world.now() - ageMaxMs;
    const old = batch.records.filter(({ at }) => at < limit);
    if (old.length === 0) return batch;
    giveUp({ ...batch, records: old }, "RecordAgeExceeded");
    const young = batch.records.slice(old.length);
    return young.length === 0 ? undefined : { ...batch, records: young };
  };

  const isSpent = (batch: Batch): boolean =>
    mapping.settings.retriesMax !== UNLIMITED && batch.retries > mapping.settings.retriesMax;

  const handOver = async (batch: Batch): Promise<void> => {
    const invoked = await invoke(batch);
    const rest = remainder(batch, invoked, mapping.settings);
    for (const spent of rest.filter(isSpent)) giveUp(spent, "RetryAttemptsExhausted", invoked);
    batches.unshift(...rest.filter((one) => !isSpent(one)));
    failures = rest.length === 0 ? 0 : failures + 1;
    mapping.lastResult = rest.length === 0 ? "OK" : "PROBLEM: Function call failed";
  };

  const nextBatch = (): Batch | undefined => {
    if (batches.length === 0 && waiting.length > 0)
      batches = [{ records: waiting.splice(0, mapping.settings.batchSize), retries: 0 }];
    const first = batches.shift();
    return first === undefined ? undefined : withoutOld(first);
  };

  const pauseMs = (): number =>
    failures === 0 ? 0 : Math.min(FIRST_PAUSE_MS * 2 ** (failures - 1), LONGEST_PAUSE_MS);

  const deliver = async (): Promise<void> => {
    isScheduled = false;
    if (isStopped || !mapping.settings.isEnabled) return;
    const batch = nextBatch();
    try {
      if (batch !== undefined) await handOver(batch);
    } catch (error) {
      // The function is gone: the records wait for it until they are too old.
      if (!(error instanceof AwsError) || batch === undefined) throw error;
      failures += 1;
      batches.unshift(batch);
      mapping.lastResult = `PROBLEM: ${error.message}`;
    }
    if (batches.length > 0 || waiting.length > 0) schedule(pauseMs());
  };

  const schedule = (inMs: number): void => {
    if (isScheduled || isStopped) return;
    isScheduled = true;
    account.world.queue(account.world.now() + inMs, `records for ${mapping.functionArn}`, deliver);
  };

  return {
    take: (records) => {
      waiting.push(
        ...records
          .filter(isWanted)
          .map((record) => ({ at: record.dynamodb.ApproximateCreationDateTime * 1000, record })),
      );
      if (waiting.length === 0) return;
      const isFull = waiting.length >= mapping.settings.batchSize;
      schedule(isFull ? POLL_MS : Math.max(POLL_MS, mapping.settings.windowSeconds * 1000));
    },
    stop: () => {
      isStopped = true;
    },
  };
};
