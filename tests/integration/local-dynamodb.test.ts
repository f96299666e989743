import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { AwsError, type Json } from "../../local/account.ts";
import { createDynamodb } from "../../local/dynamodb.ts";
import { createSmallAccount, type SmallAccount, START_AT } from "../support/small-account.ts";

const HOUR_MS = 3_600_000;

type Dynamodb = ReturnType<typeof createDynamodb>;
let warm: Dynamodb;
let account: SmallAccount;
let dynamodb: Dynamodb;
const made: Dynamodb[] = [];

beforeAll(async () => {
  warm = createDynamodb(createSmallAccount());
  await warm.start();
});
beforeEach(() => {
  account = createSmallAccount();
  dynamodb = createDynamodb(account);
  made.push(dynamodb);
});
afterAll(async () => {
  await Promise.all([warm, ...made].map((one) => one.close()));
});

const call = async (operation: string, input: Json, on = dynamodb): Promise<Json> => {
  const found = on.service.operations[operation];
  if (found === undefined) throw new Error(`no operation ${operation}`);
  return found.run(input, account.iam.callerOf(undefined));
};
const refusal = async (operation: string, input: Json): Promise<AwsError> => {
  try {
    await call(operation, input);
  } catch (error) {
    if (error instanceof AwsError) return error;
    throw error;
  }
  throw new Error(`${operation} was not refused`);
};
const needs = (operation: string, input: Json): string[] =>
  (dynamodb.service.operations[operation]?.needs(input) ?? []).map(
    ({ action, resource }) => `${action} ${resource}`,
  );

const TABLE = {
  TableName: "things",
  BillingMode: "PAY_PER_REQUEST",
  AttributeDefinitions: [
    { AttributeName: "pk", AttributeType: "S" },
    { AttributeName: "kind", AttributeType: "S" },
  ],
  KeySchema: [{ AttributeName: "pk", KeyType: "HASH" }],
  GlobalSecondaryIndexes: [
    {
      IndexName: "by-kind",
      KeySchema: [{ AttributeName: "kind", KeyType: "HASH" }],
      Projection: { ProjectionType: "ALL" },
    },
  ],
  StreamSpecification: { StreamEnabled: true, StreamViewType: "NEW_IMAGE" },
};
const ARN = "arn:aws:dynamodb:eu-west-1:111122223333:table/things";
const put = (pk: string, more: Json = {}): Promise<Json> =>
  call("PutItem", { TableName: "things", Item: { pk: { S: pk }, ...more } });
const only = (pk: string): Json => ({
  TableName: "things",
  Item: { pk: { S: pk } },
  ConditionExpression: "attribute_not_exists(pk)",
  ReturnValuesOnConditionCheckFailure: "ALL_OLD",
});

test("a table is described with this account's times and names", async () => {
  await call("CreateTable", TABLE);
  const { Table: table } = await call("DescribeTable", { TableName: "things" });
  expect(table).toMatchObject({
    TableStatus: "ACTIVE",
    TableArn: ARN,
    CreationDateTime: START_AT / 1000,
    LatestStreamArn: `${ARN}/stream/2026-08-16T11:56:00.000`,
  });
  expect(table.GlobalSecondaryIndexes[0].IndexArn).toBe(`${ARN}/index/by-kind`);
  expect(table.BillingModeSummary.LastUpdateToPayPerRequestDateTime).toBe(START_AT / 1000);
});

test("items are written and found by key and by index", async () => {
  await call("CreateTable", TABLE);
  await put("a", { kind: { S: "odd" } });
  const { Item: item } = await call("GetItem", { TableName: ARN, Key: { pk: { S: "a" } } });
  expect(item.kind.S).toBe("odd");
  const found = await call("Query", {
    TableName: "things",
    IndexName: "by-kind",
    KeyConditionExpression: "kind = :kind",
    ExpressionAttributeValues: { ":kind": { S: "odd" } },
  });
  expect(found.Count).toBe(1);
});

test("a failed condition gives back the item, a cancelled transaction its reasons", async () => {
  await call("CreateTable", TABLE);
  await put("a");
  const failed = await refusal("PutItem", only("a"));
  expect(failed.code).toBe("ConditionalCheckFailedException");
  expect(failed.fields.Item).toEqual({ pk: { S: "a" } });
  const cancelled = await refusal("TransactWriteItems", {
    TransactItems: [{ Put: only("b") }, { Put: only("a") }],
  });
  expect(cancelled.code).toBe("TransactionCanceledException");
  expect(cancelled.fields.CancellationReasons).toMatchObject([
    { Code: "None" },
    { Code: "ConditionalCheckFailed", Item: { pk: { S: "a" } } },
  ]);
  expect(await call("GetItem", { TableName: "things", Key: { pk: { S: "b" } } })).toEqual({});
});

test("a table may be named by its ARN everywhere", async () => {
  await call("CreateTable", TABLE);
  const item = (pk: string): Json => ({ Put: { TableName: ARN, Item: { pk: { S: pk } } } });
  await call("TransactWriteItems", { TransactItems: [item("a"), item("b")] });
  const found = await call("BatchGetItem", { RequestItems: { [ARN]: { Keys: [{ pk: { S: "a" } }] } } });
  expect(found.Responses.things).toEqual([{ pk: { S: "a" } }]);
});

test("accounts do not see each other's tables", async () => {
  await call("CreateTable", TABLE);
  expect((await call("ListTables", {}, warm)).TableNames).toEqual([]);
  expect((await call("ListTables", {})).TableNames).toEqual(["things"]);
});

test("a missing table is refused", async () => {
  expect((await refusal("DescribeTable", { TableName: "nothing" })).code).toBe("ResourceNotFoundException");
  expect((await refusal("DescribeTimeToLive", { TableName: "nothing" })).code).toBe(
    "ResourceNotFoundException",
  );
});

test("changes are told in order, with account times and the same ids for the same writes", async () => {
  const told = async (): Promise<Json[]> => {
    const [one, records] = [createSmallAccount(), [] as Json[]];
    const database = createDynamodb(one);
    made.push(database);
    await call("CreateTable", TABLE, database);
    const streamArn = `${ARN}/stream/2026-08-16T11:56:00.000`;
    database.onChange(streamArn, (changes) => records.push(...changes), false);
    await call("PutItem", { TableName: "things", Item: { pk: { S: "a" } } }, database);
    await one.pass(61_500);
    const parts = ["b", "c"].map((pk) => ({ Put: only(pk) }));
    await call("TransactWriteItems", { TransactItems: parts }, database);
    return records;
  };
  const records = await told();
  expect(records.map(({ eventName, dynamodb: { Keys } }) => [eventName, Keys.pk.S])).toEqual([
    ["INSERT", "a"],
    ["INSERT", "b"],
    ["INSERT", "c"],
  ]);
  expect(records[2].dynamodb.ApproximateCreationDateTime).toBe(START_AT / 1000 + 61);
  expect(await told()).toEqual(records);
});

test("a listener that begins at the start hears what was kept", async () => {
  await call("CreateTable", TABLE);
  await put("a");
  const records: Json[] = [];
  dynamodb.onChange(`${ARN}/stream/2026-08-16T11:56:00.000`, (more) => records.push(...more), true);
  expect(records).toHaveLength(1);
  expect(() => dynamodb.onChange(`${ARN}/stream/never`, () => {}, true)).toThrow(/Stream not found/);
});

test("items go two days after their time to live, by the account's clock, and the stream says who deleted them", async () => {
  await call("CreateTable", TABLE);
  await call("UpdateTimeToLive", {
    TableName: "things",
    TimeToLiveSpecification: { AttributeName: "forgetAt", Enabled: true },
  });
  await put("old", { forgetAt: { N: String(START_AT / 1000) } });
  await put("young", { forgetAt: { N: String(START_AT / 1000 + 86_400) } });
  const removed: Json[] = [];
  dynamodb.onChange(`${ARN}/stream/2026-08-16T11:56:00.000`, (more) => removed.push(...more), false);
  await account.pass(47 * HOUR_MS);
  expect((await call("Scan", { TableName: "things" })).Count).toBe(2);
  await account.pass(8 * HOUR_MS);
  expect((await call("Scan", { TableName: "things" })).Items.map(({ pk }: Json) => pk.S)).toEqual(["young"]);
  expect(removed).toMatchObject([
    { eventName: "REMOVE", userIdentity: { principalId: "dynamodb.amazonaws.com" } },
  ]);
});

test("settings without effect are kept and shown", async () => {
  await call("CreateTable", {
    ...TABLE,
    SSESpecification: { Enabled: true },
    Tags: [{ Key: "a", Value: "1" }],
  });
  const { Table: table } = await call("DescribeTable", { TableName: "things" });
  expect(table.SSEDescription.Status).toBe("ENABLED");
  await call("UpdateContinuousBackups", {
    TableName: "things",
    PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
  });
  const { ContinuousBackupsDescription: backups } = await call("DescribeContinuousBackups", {
    TableName: "things",
  });
  expect(backups.PointInTimeRecoveryDescription.PointInTimeRecoveryStatus).toBe("ENABLED");
  await call("TagResource", { ResourceArn: ARN, Tags: [{ Key: "b", Value: "2" }] });
  await call("UntagResource", { ResourceArn: ARN, TagKeys: ["a"] });
  expect((await call("ListTagsOfResource", { ResourceArn: ARN })).Tags).toEqual([{ Key: "b", Value: "2" }]);
});

test("a protected table is deleted only once its protection is off", async () => {
  await call("CreateTable", { ...TABLE, DeletionProtectionEnabled: true });
  expect((await refusal("DeleteTable", { TableName: "things" })).code).toBe("ValidationException");
  await call("UpdateTable", { TableName: "things", DeletionProtectionEnabled: false });
  await call("DeleteTable", { TableName: "things" });
  expect((await call("ListTables", {})).TableNames).toEqual([]);
});

test("CloudFormation makes a table once, with stream, time to live and protection", async () => {
  const make = dynamodb.service.resources?.["AWS::DynamoDB::Table"];
  if (make === undefined) throw new Error("no maker");
  const { StreamSpecification: _, TableName: __, ...shape } = TABLE;
  const properties = {
    ...shape,
    DeletionProtectionEnabled: "true",
    SSESpecification: { SSEEnabled: true },
    StreamSpecification: { StreamViewType: "NEW_AND_OLD_IMAGES" },
    TimeToLiveSpecification: { Enabled: true, AttributeName: "forgetAt" },
  };
  const context = { stackName: "shop", logicalId: "Things" };
  const first = await make(properties, context);
  expect(await make(properties, context)).toEqual(first);
  const { Table: table } = await call("DescribeTable", { TableName: first.ref });
  expect(table.DeletionProtectionEnabled).toBe(true);
  expect(first.attributes).toEqual({ Arn: table.TableArn, StreamArn: table.LatestStreamArn });
  expect((await call("DescribeTimeToLive", { TableName: first.ref })).TimeToLiveDescription).toEqual({
    TimeToLiveStatus: "ENABLED",
    AttributeName: "forgetAt",
  });
});

test("each operation needs the permission AWS asks for", () => {
  expect(needs("GetItem", { TableName: "things" })).toEqual([`dynamodb:GetItem ${ARN}`]);
  expect(needs("Query", { TableName: "things", IndexName: "by-kind" })).toEqual([
    `dynamodb:Query ${ARN}/index/by-kind`,
  ]);
  expect(
    needs("TransactWriteItems", {
      TransactItems: [{ Put: { TableName: "things" } }, { ConditionCheck: { TableName: "things" } }],
    }),
  ).toEqual([`dynamodb:PutItem ${ARN}`, `dynamodb:ConditionCheckItem ${ARN}`]);
  expect(needs("BatchWriteItem", { RequestItems: { things: [] } })).toEqual([
    `dynamodb:BatchWriteItem ${ARN}`,
  ]);
  expect(needs("ListTables", {})).toEqual(["dynamodb:ListTables *"]);
});
