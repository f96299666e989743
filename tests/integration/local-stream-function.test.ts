import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  CreateTableCommand,
  DynamoDBClient,
  ScanCommand,
  TransactWriteItemsCommand,
} from "@aws-sdk/client-dynamodb";
import { CreateEventSourceMappingCommand, CreateFunctionCommand, LambdaClient } from "@aws-sdk/client-lambda";
import { zipSync } from "fflate";
import { afterAll, beforeAll, expect, test } from "vitest";
import { bundleFile } from "../../build/bundle.ts";
import { type LocalAccount, REGION, START_AT, startAccount } from "../../local/start.ts";
import { jsonCall, makeRole } from "../support/raw-call.ts";

const FIXTURE = join(import.meta.dirname, "..", "fixtures", "lambda-worker", "handlers.ts");
const TABLE = "arn:aws:dynamodb:eu-west-1:000000000000:table";
const DEAD = "arn:aws:sqs:eu-west-1:000000000000:dead";

const folder = mkdtempSync(join(tmpdir(), "bellwether-stream-"));
let code: Uint8Array;
const opened: LocalAccount[] = [];

beforeAll(async () => {
  const file = join(folder, "index.mjs");
  await bundleFile(FIXTURE, file);
  code = zipSync({ "index.mjs": readFileSync(file) });
});
afterAll(async () => {
  await Promise.all(opened.map((one) => one.close()));
  rmSync(folder, { recursive: true, force: true });
});

const table = (TableName: string, hasStream: boolean) =>
  new CreateTableCommand({
    TableName,
    BillingMode: "PAY_PER_REQUEST",
    AttributeDefinitions: [{ AttributeName: "pk", AttributeType: "S" }],
    KeySchema: [{ AttributeName: "pk", KeyType: "HASH" }],
    ...(hasStream && { StreamSpecification: { StreamEnabled: true, StreamViewType: "NEW_IMAGE" } }),
  });

const STATEMENTS = [
  {
    Effect: "Allow",
    Action: ["dynamodb:DescribeStream", "dynamodb:GetRecords", "dynamodb:GetShardIterator"],
    Resource: `${TABLE}/things/stream/*`,
  },
  { Effect: "Allow", Action: "dynamodb:PutItem", Resource: `${TABLE}/notes` },
  { Effect: "Allow", Action: "sqs:SendMessage", Resource: DEAD },
];

/** An account in which the function `notes` hears what is put into `things`. */
const open = async (seed: number) => {
  const local = await startAccount({ seed });
  opened.push(local);
  const settings = {
    endpoint: local.endpoint,
    region: REGION,
    credentials: { accessKeyId: "owner", secretAccessKey: "owner" },
  };
  const [lambda, dynamodb] = [new LambdaClient(settings), new DynamoDBClient(settings)];
  await dynamodb.send(table("notes", false));
  const { TableDescription: things } = await dynamodb.send(table("things", true));
  await jsonCall(local.endpoint, "sqs", "AmazonSQS.CreateQueue", { QueueName: "dead" });
  const role = await makeRole(local.endpoint, "notes", STATEMENTS);
  await lambda.send(
    new CreateFunctionCommand({
      FunctionName: "notes",
      Runtime: "nodejs24.x",
      Handler: "index.notes",
      Role: role,
      Timeout: 30,
      Code: { ZipFile: code },
    }),
  );
  await lambda.send(
    new CreateEventSourceMappingCommand({
      EventSourceArn: things?.LatestStreamArn ?? "",
      FunctionName: "notes",
      StartingPosition: "LATEST",
      BisectBatchOnFunctionError: true,
      MaximumRetryAttempts: 1,
      DestinationConfig: { OnFailure: { Destination: DEAD } },
    }),
  );
  const put = (...keys: string[]) =>
    dynamodb.send(
      new TransactWriteItemsCommand({
        TransactItems: keys.map((pk) => ({ Put: { TableName: "things", Item: { pk: { S: pk } } } })),
      }),
    );
  const noted = async () => {
    const { Items = [] } = await dynamodb.send(new ScanCommand({ TableName: "notes" }));
    return Items.map(({ pk, at }) => [pk?.S ?? "", Number(at?.N) - START_AT] as const).sort();
  };
  return { local, put, noted };
};

test("what a transaction writes reaches the function through the stream, and the function writes by itself", async () => {
  const { local, put, noted } = await open(1);
  await put("a", "b");
  expect(await noted()).toEqual([]);
  await local.advance(5_000);
  const notes = await noted();
  expect(notes.map(([key]) => key)).toEqual(["a", "b"]);
  for (const [, at] of notes) expect(at).toBeGreaterThanOrEqual(250);
});

test("the same seed gives the same instants, also through retries and splits", async () => {
  const told = async () => {
    const { local, put, noted } = await open(7);
    await put("a", "bad", "c");
    await local.advance(60_000);
    expect(local.account.sqs.depth(DEAD)).toBe(1);
    return noted();
  };
  const first = await told();
  expect(first.map(([key]) => key)).toEqual(["a", "c"]);
  expect(await told()).toEqual(first);
});
