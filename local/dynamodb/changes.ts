/** The changes of tables with a stream, read from DynamoDB Local right after each write, in order. */
import type { Account, Json } from "../account.ts";
import { type Send, STREAMS, TABLES } from "./engine.ts";
import type { Table, Tables } from "./tables.ts";

/** The one shard a local stream has. */
export const SHARD_ID = "shardId-00000001767614400000-00000001";
const DIGITS = 21;
/** How long AWS keeps a stream's records. */
const KEPT_MS = 24 * 3_600_000;
/** An answer with as much may not be all: it is asked again. */
const FULL_RECORDS = 50;
const FULL_BYTES = 262_144;

type Listener = (records: readonly Json[]) => void;

type Reading = {
  streamArn: string;
  iterator: string;
  listeners: Set<Listener>;
  kept: { at: number; record: Json }[];
  /** One reading after the other: each goes on where the one before ended. */
  last: Promise<void>;
};

export type Changes = {
  /** Begins to read a table's stream, before the first write. */
  watch(table: Table): Promise<void>;
  unwatch(table: Table): void;
  /** Reads what a write has changed, and tells the listeners. `userIdentity` names a service that wrote by itself. */
  read(tableName: string, userIdentity?: Json): Promise<void>;
  /** `isFromStart` hears the kept records first. Undefined when there is no such stream. */
  listen(streamArn: string, listener: Listener, isFromStart: boolean): { cancel(): void } | undefined;
  /** The records kept of a stream; undefined when there is none. */
  kept(streamArn: string): readonly Json[] | undefined;
};

export const createChanges = (account: Account, tables: Tables, send: Send): Changes => {
  const readings = new Map<string, Reading>();

  const localStreamArn = async (table: Table): Promise<string> => {
    const { Table: description } = await send(TABLES, "DescribeTable", { TableName: table.name });
    return description.LatestStreamArn;
  };

  const firstIterator = async (table: Table): Promise<string> => {
    const StreamArn = await localStreamArn(table);
    const { StreamDescription } = await send(STREAMS, "DescribeStream", { StreamArn });
    const answer = await send(STREAMS, "GetShardIterator", {
      StreamArn,
      ShardId: StreamDescription.Shards.at(-1).ShardId,
      ShardIteratorType: "TRIM_HORIZON",
    });
    return answer.ShardIterator;
  };

  /** Ids and times of this account, so that the same writes give the same records. */
  const recordOf = (raw: Json, streamArn: string, userIdentity: Json): Json => ({
    eventID: account.world
      .random(`changes/${streamArn}`)
      .below(2 ** 32)
      .toString(16)
      .padStart(32, "0"),
    eventName: raw.eventName,
    eventVersion: "1.1",
    eventSource: "aws:dynamodb",
    awsRegion: account.region,
    dynamodb: {
      ...raw.dynamodb,
      // Whole seconds, as AWS gives them.
      ApproximateCreationDateTime: Math.floor(account.world.now() / 1000),
      SequenceNumber: String(Number(raw.dynamodb.SequenceNumber)).padStart(DIGITS, "0"),
    },
    ...(userIdentity && { userIdentity }),
    eventSourceARN: streamArn,
  });

  const isFull = (records: readonly Json[]): boolean =>
    records.length >= FULL_RECORDS ||
    records.reduce((bytes, { dynamodb }) => bytes + dynamodb.SizeBytes, 0) >= FULL_BYTES;

  const keep = (reading: Reading, records: readonly Json[]): void => {
    const at = account.world.now();
    reading.kept.push(...records.map((record) => ({ at, record })));
    while ((reading.kept[0]?.at ?? at) < at - KEPT_MS) reading.kept.shift();
  };

  const readOn = async (reading: Reading, userIdentity: Json): Promise<void> => {
    for (;;) {
      const answer = await send(STREAMS, "GetRecords", { ShardIterator: reading.iterator });
      reading.iterator = answer.NextShardIterator;
      const records = answer.Records.map((raw: Json) => recordOf(raw, reading.streamArn, userIdentity));
      if (records.length === 0) return;
      keep(reading, records);
      for (const listener of reading.listeners) listener(records);
      if (!isFull(records)) return;
    }
  };

  const readingOf = (streamArn: string): Reading | undefined => {
    const table = tables.list().find(({ stream }) => stream?.arn === streamArn);
    return table === undefined ? undefined : readings.get(table.name);
  };

  return {
    watch: async (table) => {
      if (table.stream === undefined || readings.has(table.name)) return;
      const iterator = await firstIterator(table);
      readings.set(table.name, {
        streamArn: table.stream.arn,
        iterator,
        listeners: new Set(),
        kept: [],
        last: Promise.resolve(),
      });
    },
    unwatch: (table) => {
      readings.delete(table.name);
    },
    read: (tableName, userIdentity) => {
      const reading = readings.get(tableName);
      if (reading === undefined) return Promise.resolve();
      const next = reading.last.then(() => readOn(reading, userIdentity));
      reading.last = next.catch(() => undefined);
      return next;
    },
    listen: (streamArn, listener, isFromStart) => {
      const reading = readingOf(streamArn);
      if (reading === undefined) return undefined;
      reading.listeners.add(listener);
      if (isFromStart && reading.kept.length > 0) listener(reading.kept.map(({ record }) => record));
      return { cancel: () => reading.listeners.delete(listener) };
    },
    kept: (streamArn) => readingOf(streamArn)?.kept.map(({ record }) => record),
  };
};
