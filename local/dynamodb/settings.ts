/** Operations on tables' settings that are answered here: they change nothing in DynamoDB Local. */
import { AwsError, type Json } from "../account.ts";
import type { Expiry } from "./expiry.ts";
import type { Table, Tables } from "./tables.ts";

type Answer = (table: Table, input: Json) => Json;

const backupsOf = (table: Table): Json => ({
  ContinuousBackupsDescription: {
    ContinuousBackupsStatus: "ENABLED",
    PointInTimeRecoveryDescription: {
      PointInTimeRecoveryStatus: table.isBackedUp ? "ENABLED" : "DISABLED",
    },
  },
});

const updateTimeToLive =
  (expiry: Expiry): Answer =>
  (table, input) => {
    const { AttributeName: attributeName, Enabled: isEnabled } = input.TimeToLiveSpecification;
    if (table.timeToLive?.isEnabled === isEnabled)
      throw new AwsError(
        "ValidationException",
        `TimeToLive is already ${isEnabled ? "enabled" : "disabled"}`,
      );
    table.timeToLive = { attributeName, isEnabled };
    expiry.start(table);
    return { TimeToLiveSpecification: { AttributeName: attributeName, Enabled: isEnabled } };
  };

const timeToLiveOf: Answer = (table) => ({
  TimeToLiveDescription:
    table.timeToLive?.isEnabled === true
      ? { TimeToLiveStatus: "ENABLED", AttributeName: table.timeToLive.attributeName }
      : { TimeToLiveStatus: "DISABLED" },
});

/** By operation; each is given the table it names. */
export const settingsAnswers = (expiry: Expiry): Readonly<Record<string, Answer>> => ({
  UpdateTimeToLive: updateTimeToLive(expiry),
  DescribeTimeToLive: timeToLiveOf,
  UpdateContinuousBackups: (table, input) => {
    table.isBackedUp = input.PointInTimeRecoverySpecification?.PointInTimeRecoveryEnabled === true;
    return backupsOf(table);
  },
  DescribeContinuousBackups: backupsOf,
  TagResource: (table, input) => {
    for (const { Key, Value } of input.Tags ?? []) table.tags.set(Key, Value);
    return {};
  },
  UntagResource: (table, input) => {
    for (const key of input.TagKeys ?? []) table.tags.delete(key);
    return {};
  },
  ListTagsOfResource: (table) => ({
    Tags: [...table.tags].map(([Key, Value]) => ({ Key, Value })),
  }),
});

/** The table that an operation's input names. */
export const tableOf = (tables: Tables, input: Json): Table =>
  tables.get(String(input.TableName ?? input.ResourceArn ?? ""));
