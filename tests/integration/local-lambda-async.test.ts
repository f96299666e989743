import {
  InvokeCommand,
  PutFunctionConcurrencyCommand,
  PutFunctionEventInvokeConfigCommand,
} from "@aws-sdk/client-lambda";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Json } from "../../local/account.ts";
import { type LambdaAccount, lambdaAccount } from "../support/lambda-account.ts";

/** Fails as often as it is told, and says in its log when it ran. */
const FAILS_AT_FIRST = `
let runs = 0;
export const handler = async ({ failures = 0, sleepMs = 0 }, context) => {
  runs += 1;
  console.log(JSON.stringify({ ran: runs, at: Date.now(), id: context.awsRequestId }));
  if (sleepMs > 0) await new Promise((done) => setTimeout(done, sleepMs));
  if (runs <= failures) throw new Error("failure " + runs);
  return { runs };
};`;

const QUEUE = "arn:aws:sqs:eu-west-1:000000000000:failed";
const mayTell = { Effect: "Allow", Action: "sqs:SendMessage", Resource: QUEUE };

let account: LambdaAccount;
beforeAll(async () => {
  account = await lambdaAccount();
  await account.json("AmazonSQS.CreateQueue", { QueueName: "failed" });
});
afterAll(() => account.close());

const put = async (name: string, mayDeliver = true): Promise<string> => {
  const role = await account.role(`${name}-role`, ...(mayDeliver ? [mayTell] : []));
  await account.put(name, FAILS_AT_FIRST, { Role: role });
  await account.lambda.send(
    new PutFunctionEventInvokeConfigCommand({
      FunctionName: name,
      DestinationConfig: { OnFailure: { Destination: QUEUE } },
    }),
  );
  return `arn:aws:lambda:eu-west-1:000000000000:function:${name}`;
};

const received = async (): Promise<Json[]> => {
  const { Messages = [] } = await account.json("AmazonSQS.ReceiveMessage", {
    QueueUrl: "failed",
    MaxNumberOfMessages: 10,
  });
  for (const { ReceiptHandle } of Messages)
    await account.json("AmazonSQS.DeleteMessage", { QueueUrl: "failed", ReceiptHandle });
  return Messages.map((message: Json) => JSON.parse(message.Body));
};

/** What the function wrote, as JSON: one entry a run. */
const runsOf = async (name: string): Promise<Json[]> => {
  const input = { logGroupName: `/aws/lambda/${name}`, filterPattern: "ran" };
  const { events } = await account.json("Logs_20140328.FilterLogEvents", input);
  return events.map((event: Json) => JSON.parse(event.message.split("\t").at(-1)));
};

describe("an asynchronous call", () => {
  it("is tried again after one and after two minutes, as the same request", async () => {
    const arn = await put("twice");
    const from = account.world.now();
    account.account.lambda.invokeAsync(arn, { failures: 2 });
    await account.advance(200_000);
    const runs = await runsOf("twice");
    expect(runs.map(({ at }) => Math.floor((at - from) / 60_000))).toEqual([0, 1, 3]);
    expect(new Set(runs.map(({ id }) => id)).size).toBe(1);
    expect(await received()).toEqual([]);
  });

  it("that never succeeds is told to the destination, with its event and its last error", async () => {
    const arn = await put("never");
    account.account.lambda.invokeAsync(arn, { failures: 9, order: 7 });
    await account.advance(200_000);
    expect(await runsOf("never")).toHaveLength(3);
    expect(await received()).toMatchObject([
      {
        version: "1.0",
        requestContext: {
          functionArn: `${arn}:$LATEST`,
          condition: "RetriesExhausted",
          approximateInvokeCount: 3,
        },
        requestPayload: { failures: 9, order: 7 },
        responseContext: { statusCode: 200, functionError: "Unhandled" },
        responsePayload: { errorMessage: "failure 3" },
      },
    ]);
  });

  it("is told to nobody when the function's role may not, and that is listed", async () => {
    const arn = await put("mute", false);
    account.account.lambda.invokeAsync(arn, { failures: 9 });
    await account.advance(200_000);
    expect(await received()).toEqual([]);
    expect(account.account.iam.denied.at(-1)).toMatchObject({ action: "sqs:SendMessage", resource: QUEUE });
  });

  it("through the API is accepted at once and runs later", async () => {
    await put("later");
    const from = account.world.now();
    const invoke = new InvokeCommand({ FunctionName: "later", InvocationType: "Event", Payload: "{}" });
    expect((await account.lambda.send(invoke)).StatusCode).toBe(202);
    await expect(runsOf("later")).rejects.toThrow(/ResourceNotFound/);
    await account.advance(1_000);
    expect(await runsOf("later")).toMatchObject([{ ran: 1 }]);
    expect(account.world.now() - from).toBe(1_000);
  });

  it("does not run while another one does", async () => {
    const [one, two] = [await put("one"), await put("two")];
    account.account.lambda.invokeAsync(one, { sleepMs: 2_500 });
    account.account.lambda.invokeAsync(two, {});
    await account.advance(10_000);
    const [[first], [second]] = [await runsOf("one"), await runsOf("two")];
    expect(second.at - first.at).toBeGreaterThanOrEqual(2_500);
  });

  it("that is throttled waits until it may run", async () => {
    const arn = await put("held");
    const reserve = (ReservedConcurrentExecutions: number) =>
      account.lambda.send(
        new PutFunctionConcurrencyCommand({ FunctionName: "held", ReservedConcurrentExecutions }),
      );
    await reserve(0);
    account.account.lambda.invokeAsync(arn, {});
    await account.advance(10_000);
    await expect(runsOf("held")).rejects.toThrow(/ResourceNotFound/);
    await reserve(1);
    await account.advance(20_000);
    expect(await runsOf("held")).toHaveLength(1);
  });

  it("of a function that is not there is refused", () => {
    const nobody = "arn:aws:lambda:eu-west-1:000000000000:function:nobody";
    expect(() => account.account.lambda.invokeAsync(nobody, {})).toThrow(/Function not found/);
  });
});
