import { afterAll, beforeEach, expect, test } from "vitest";
import { AwsError, type Json } from "../../local/account.ts";
import { createDynamodb } from "../../local/dynamodb.ts";
import { createEventSources, type EventSources } from "../../local/lambda/event-source/service.ts";
import { createSmallAccount, type SmallAccount, START_AT } from "../support/small-account.ts";

const STREAM = "arn:aws:dynamodb:eu-west-1:111122223333:table/things/stream/2026-08-16T11:56:00.000";
const FUNCTION = "arn:aws:lambda:eu-west-1:111122223333:function:telling:live";
const QUEUE = "arn:aws:sqs:eu-west-1:111122223333:dead";
const ROLE = "arn:aws:iam::111122223333:role/telling";

type Answer = { ok: boolean; payload?: Json };

let account: SmallAccount;
let sources: EventSources;
let dynamodb: ReturnType<typeof createDynamodb>;
let put: (...keys: string[]) => Promise<void>;
/** What the function was given, and when. */
let calls: { at: number; keys: string[] }[];
let discarded: Json[];
/** How the function answers a batch of keys. */
let answer: (keys: string[], records: Json[]) => Answer;
const opened: { close(): Promise<void> }[] = [];

beforeEach(async () => {
  account = createSmallAccount();
  dynamodb = createDynamodb(account);
  opened.push(dynamodb);
  Object.assign(account, { dynamodb });
  [calls, discarded, answer] = [[], [], () => ({ ok: true })];
  account.lambda.invoke = async (_name, qualifier, payload) => {
    expect(qualifier).toBe("live");
    const records: Json[] = JSON.parse(payload).Records;
    const keys = records.map(({ dynamodb: { Keys } }) => Keys.pk.S);
    calls.push({ at: account.world.now() - START_AT, keys });
    const { ok, payload: given = null } = answer(keys, records);
    return { ok, payload: JSON.stringify(given), executedVersion: "1", durationMs: 1 };
  };
  sources = createEventSources(account, {
    find: () => ({ arn: FUNCTION, roleArn: ROLE }),
    discard: (roleArn, destinationArn, record) => discarded.push({ roleArn, destinationArn, record }),
  });
  await run("CreateTable", {
    TableName: "things",
    BillingMode: "PAY_PER_REQUEST",
    AttributeDefinitions: [{ AttributeName: "pk", AttributeType: "S" }],
    KeySchema: [{ AttributeName: "pk", KeyType: "HASH" }],
    StreamSpecification: { StreamEnabled: true, StreamViewType: "NEW_IMAGE" },
  });
  put = async (...keys) => {
    const items = keys.map((pk) => ({ Put: { TableName: "things", Item: { pk: { S: pk } } } }));
    await run("TransactWriteItems", { TransactItems: items });
  };
});
afterAll(async () => {
  await Promise.all(opened.map((one) => one.close()));
});

const owner = { principalArn: "arn:aws:iam::111122223333:root", isRoot: true };
const run = async (operation: string, input: Json): Promise<Json> =>
  dynamodb.service.operations[operation]?.run(input, owner);
const operate = async (operation: string, input: Json): Promise<Json> =>
  sources.operations[operation]?.run(input, owner);
const map = (more: Json = {}): Promise<Json> =>
  operate("CreateEventSourceMapping", {
    EventSourceArn: STREAM,
    FunctionName: "telling:live",
    StartingPosition: "LATEST",
    ...more,
  });
const onFailure = { DestinationConfig: { OnFailure: { Destination: QUEUE } } };

test("records reach the function a quarter of a second after the write, together", async () => {
  await map();
  await put("a", "b");
  await account.pass(1_000);
  expect(calls).toEqual([{ at: 250, keys: ["a", "b"] }]);
});

test("a batch is no larger than its size, and the next one follows at once", async () => {
  await map({ BatchSize: 2 });
  await put("a", "b", "c");
  await account.pass(1_000);
  expect(calls.map(({ keys }) => keys)).toEqual([["a", "b"], ["c"]]);
});

test("a batching window gathers records", async () => {
  await map({ MaximumBatchingWindowInSeconds: 5 });
  await put("a");
  await account.pass(3_000);
  await put("b");
  await account.pass(3_000);
  expect(calls).toEqual([{ at: 5_000, keys: ["a", "b"] }]);
});

test("filters take only what matches one of them", async () => {
  const startsWith = (prefix: string): Json => ({
    Pattern: JSON.stringify({ eventName: ["INSERT"], dynamodb: { Keys: { pk: { S: [{ prefix }] } } } }),
  });
  await map({ FilterCriteria: { Filters: [startsWith("OUT#"), startsWith("INTENT#")] } });
  await put("OUT#1", "FACT#1", "INTENT#1");
  await account.pass(1_000);
  expect(calls.map(({ keys }) => keys)).toEqual([["OUT#1", "INTENT#1"]]);
});

test("from TRIM_HORIZON on, earlier records come too", async () => {
  await put("early");
  await map({ StartingPosition: "TRIM_HORIZON" });
  await account.pass(1_000);
  expect(calls.map(({ keys }) => keys)).toEqual([["early"]]);
});

test("a failing batch is tried again with growing pauses and then goes to the destination", async () => {
  await map({ MaximumRetryAttempts: 2, ...onFailure });
  answer = (keys) => ({ ok: keys[0] !== "bad" });
  await put("bad");
  await account.pass(1_000);
  await put("good");
  await account.pass(60_000);
  expect(calls).toEqual([
    { at: 250, keys: ["bad"] },
    { at: 1_250, keys: ["bad"] },
    { at: 3_250, keys: ["bad"] },
    { at: 3_250 + 4_000, keys: ["good"] },
  ]);
  expect(discarded).toMatchObject([
    {
      roleArn: ROLE,
      destinationArn: QUEUE,
      record: {
        requestContext: {
          condition: "RetryAttemptsExhausted",
          approximateInvokeCount: 3,
          functionArn: FUNCTION,
        },
        DDBStreamBatchInfo: { batchSize: 1, streamArn: STREAM, startSequenceNumber: "000000000000000000001" },
      },
    },
  ]);
});

test("bisecting finds the bad record and delivers the others", async () => {
  await map({ BisectBatchOnFunctionError: true, MaximumRetryAttempts: 1, ...onFailure });
  answer = (keys) => ({ ok: !keys.includes("bad") });
  await put("a", "b", "bad", "d");
  await account.pass(60_000);
  expect(calls.filter(({ keys }) => !keys.includes("bad")).flatMap(({ keys }) => keys)).toEqual([
    "a",
    "b",
    "d",
  ]);
  expect(discarded).toHaveLength(1);
  expect(discarded[0].record.DDBStreamBatchInfo.batchSize).toBe(1);
});

test("a function that reports failed items gets only those and what follows again", async () => {
  await map({ FunctionResponseTypes: ["ReportBatchItemFailures"], MaximumRetryAttempts: 3 });
  let isFirst = true;
  answer = (_keys, records) => {
    const failed = isFirst ? [{ itemIdentifier: records[1].dynamodb.SequenceNumber }] : [];
    isFirst = false;
    return { ok: true, payload: { batchItemFailures: failed } };
  };
  await put("a", "b", "c");
  await account.pass(10_000);
  expect(calls.map(({ keys }) => keys)).toEqual([
    ["a", "b", "c"],
    ["b", "c"],
  ]);
});

test("an unknown item in the report fails the whole batch", async () => {
  await map({ FunctionResponseTypes: ["ReportBatchItemFailures"], MaximumRetryAttempts: 0, ...onFailure });
  answer = () => ({ ok: true, payload: { batchItemFailures: [{ itemIdentifier: "7777" }] } });
  await put("a", "b");
  await account.pass(10_000);
  expect(calls).toHaveLength(1);
  expect(discarded[0].record.DDBStreamBatchInfo.batchSize).toBe(2);
});

test("records beyond the greatest age are given up", async () => {
  await map({ MaximumRecordAgeInSeconds: 60, ...onFailure });
  answer = () => ({ ok: false });
  await put("a");
  await account.pass(300_000);
  expect(discarded).toHaveLength(1);
  expect(discarded[0].record.requestContext.condition).toBe("RecordAgeExceeded");
  expect(calls.at(-1)?.at).toBeLessThan(61_000);
});

test("while the function cannot be called records wait, without using up retries", async () => {
  await map({ MaximumRetryAttempts: 0, ...onFailure });
  const invoke = account.lambda.invoke;
  account.lambda.invoke = async () => {
    throw new AwsError("TooManyRequestsException", "Rate Exceeded.", 429);
  };
  await put("a");
  await account.pass(10_000);
  account.lambda.invoke = invoke;
  await account.pass(60_000);
  expect(calls.map(({ keys }) => keys)).toEqual([["a"]]);
  expect(discarded).toEqual([]);
});

test("a disabled mapping keeps records until it is enabled, a deleted one hears nothing", async () => {
  const { UUID } = await map();
  await operate("UpdateEventSourceMapping", { UUID, Enabled: false });
  await put("a");
  await account.pass(5_000);
  expect(calls).toEqual([]);
  await operate("UpdateEventSourceMapping", { UUID, Enabled: true });
  await account.pass(1_000);
  expect(calls.map(({ keys }) => keys)).toEqual([["a"]]);
  await operate("DeleteEventSourceMapping", { UUID });
  await put("b");
  await account.pass(5_000);
  expect(calls).toHaveLength(1);
  await expect(operate("GetEventSourceMapping", { UUID })).rejects.toThrow(/does not exist/);
});

test("a mapping is listed with its settings, and made but once", async () => {
  const made = await map({ BatchSize: 10, ...onFailure });
  expect(made).toMatchObject({
    State: "Enabled",
    BatchSize: 10,
    FunctionArn: FUNCTION,
    MaximumRetryAttempts: -1,
  });
  expect((await operate("ListEventSourceMappings", { EventSourceArn: STREAM })).EventSourceMappings).toEqual([
    made,
  ]);
  await expect(map()).rejects.toThrow(/already exists/);
});

test.each([
  ["a role that may not read the stream", {}, "dynamodb:GetRecords", /Please ensure the role/],
  ["a source that is no stream", { EventSourceArn: QUEUE }, "nothing", /Only DynamoDB streams/],
  ["no starting position", { StartingPosition: "SOON" }, "nothing", /StartingPosition/],
  [
    "a batch size beyond the limit",
    { BatchSize: 10_001 },
    "nothing",
    /BatchSize must be between 1 and 10000/,
  ],
  ["a malformed filter", { FilterCriteria: { Filters: [{ Pattern: "{" }] } }, "nothing", /Invalid filter/],
])("%s is refused", async (_what, input, denied, message) => {
  account.denied.add(denied);
  await expect(map(input)).rejects.toThrow(message);
});

test("CloudFormation makes a mapping, and updates it when it is there", async () => {
  const make = sources.resources["AWS::Lambda::EventSourceMapping"];
  const properties = { EventSourceArn: STREAM, FunctionName: FUNCTION, StartingPosition: "LATEST" };
  const context = { stackName: "shop", logicalId: "Telling" };
  const first = await make?.({ ...properties, BatchSize: 5 }, context);
  const second = await make?.({ ...properties, BatchSize: 6 }, context);
  expect(second?.ref).toBe(first?.ref);
  expect((await operate("GetEventSourceMapping", { UUID: first?.ref })).BatchSize).toBe(6);
});
