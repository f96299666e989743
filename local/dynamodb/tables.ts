/** What the account knows of its tables besides what DynamoDB Local keeps: when, by which ids, and settings that have no effect there. */
import { type Account, AwsError, type Json } from "../account.ts";
import { randomUuid } from "../random-id.ts";
import { tableName } from "./table-names.ts";

export type TimeToLive = { attributeName: string; isEnabled: boolean };

export type Table = {
  name: string;
  arn: string;
  id: string;
  createdAt: number;
  /** Set while the table has a stream. */
  stream?: { arn: string; label: string };
  encryption: Json;
  isBackedUp: boolean;
  timeToLive?: TimeToLive;
  tags: Map<string, string>;
};

export type Tables = {
  /** Throws ResourceNotFoundException. */
  get(nameOrArn: string): Table;
  find(nameOrArn: string): Table | undefined;
  list(): readonly Table[];
  /** Notes a table that was made, from the operation's input. */
  note(input: Json): Table;
  update(table: Table, input: Json): void;
  forget(name: string): void;
  /** A table's description as of this account: its times, its ARNs, its settings. */
  describe(description: Json): Json;
  arnOf(name: string): string;
  indexArnOf(table: string, index: string): string;
};

const seconds = (at: number): number => at / 1000;

export const createTables = (account: Account): Tables => {
  const tables = new Map<string, Table>();
  const arnOf = (name: string): string => `arn:aws:dynamodb:${account.region}:${account.id}:table/${name}`;

  const startStream = (table: Table): void => {
    // As AWS writes it: without a zone.
    const label = new Date(account.world.now()).toISOString().replace("Z", "");
    table.stream = { label, arn: `${table.arn}/stream/${label}` };
  };

  const update = (table: Table, input: Json): void => {
    const streams = input.StreamSpecification?.StreamEnabled;
    if (streams === true && table.stream === undefined) startStream(table);
    if (streams === false) delete table.stream;
    if (input.SSESpecification !== undefined) table.encryption = input.SSESpecification;
    for (const { Key, Value } of input.Tags ?? []) table.tags.set(Key, Value);
  };

  const note = (input: Json): Table => {
    const name = tableName(input.TableName);
    const table: Table = {
      name,
      arn: arnOf(name),
      id: randomUuid(account.world.random("dynamodb-ids")),
      createdAt: account.world.now(),
      encryption: undefined,
      isBackedUp: false,
      tags: new Map(),
    };
    update(table, input);
    tables.set(name, table);
    return table;
  };

  const find = (nameOrArn: string): Table | undefined => tables.get(tableName(nameOrArn));

  const encryptionOf = (table: Table): Json =>
    table.encryption?.Enabled === true || table.encryption?.SSEEnabled === true
      ? {
          SSEDescription: {
            Status: "ENABLED",
            SSEType: "KMS",
            KMSMasterKeyArn: `arn:aws:kms:${account.region}:${account.id}:alias/aws/dynamodb`,
          },
        }
      : {};

  const describe = (description: Json): Json => {
    const table = find(description.TableName);
    if (table === undefined) return description;
    const { LatestStreamArn: _arn, LatestStreamLabel: _label, ...rest } = description;
    return {
      ...rest,
      CreationDateTime: seconds(table.createdAt),
      TableArn: table.arn,
      TableId: table.id,
      ...(rest.BillingModeSummary && {
        BillingModeSummary: {
          ...rest.BillingModeSummary,
          LastUpdateToPayPerRequestDateTime: seconds(table.createdAt),
        },
      }),
      ...(rest.GlobalSecondaryIndexes && {
        GlobalSecondaryIndexes: rest.GlobalSecondaryIndexes.map((index: Json) => ({
          ...index,
          IndexArn: `${table.arn}/index/${index.IndexName}`,
        })),
      }),
      ...(table.stream && { LatestStreamArn: table.stream.arn, LatestStreamLabel: table.stream.label }),
      ...encryptionOf(table),
    };
  };

  return {
    get: (nameOrArn) => {
      const table = find(nameOrArn);
      if (table === undefined)
        throw new AwsError(
          "ResourceNotFoundException",
          `Requested resource not found: Table: ${tableName(nameOrArn)} not found`,
        );
      return table;
    },
    find,
    list: () => [...tables.values()],
    note,
    update,
    forget: (name) => {
      tables.delete(tableName(name));
    },
    describe,
    arnOf,
    indexArnOf: (table, index) => `${arnOf(table)}/index/${index}`,
  };
};
