import {
  DeleteFunctionConcurrencyCommand,
  InvokeCommand,
  PutFunctionConcurrencyCommand,
} from "@aws-sdk/client-lambda";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Json } from "../../local/account.ts";
import { type LambdaAccount, lambdaAccount } from "../support/lambda-account.ts";

const BY_EVENT = `
const sleep = (ms) => new Promise((done) => setTimeout(done, ms));
export const handler = async (event, context) => {
  if (event.sleepMs) await sleep(event.sleepMs);
  if (event.throws) throw new RangeError(event.throws);
  if (event.rejects) return Promise.reject(event.rejects);
  if (event.hangs) await new Promise(() => {});
  if (event.exits) process.exit(event.exits);
  if (event.leavesLateError) setTimeout(() => { throw new Error("too late to catch"); }, 5);
  if (event.leavesLateError) await sleep(10);
  if (event.grows) { const all = []; for (;;) all.push(new Array(100_000).fill({})); }
  globalThis.calls = (globalThis.calls ?? 0) + 1;
  return { at: Date.now(), calls: globalThis.calls, left: context.getRemainingTimeInMillis(), random: Math.random(), id: context.awsRequestId };
};`;

/** Calls another function, and gives up after a while. */
const CALLER = `
const call = (name, event, signal) => fetch(process.env.AWS_ENDPOINT_URL + "/2015-03-31/functions/" + name + "/invocations", {
  method: "POST",
  headers: { authorization: "AWS4-HMAC-SHA256 Credential=" + process.env.AWS_ACCESS_KEY_ID + "/20260105/eu-west-1/lambda/aws4_request, SignedHeaders=host, Signature=0" },
  body: JSON.stringify(event),
  signal,
});
export const handler = async ({ patienceMs = 60_000, ...event }) => {
  const startedAt = Date.now();
  try {
    const answer = await call("worker", event, AbortSignal.timeout(patienceMs));
    return { status: answer.status, tookMs: Date.now() - startedAt, answer: await answer.json() };
  } catch (error) {
    return { gaveUp: error.name, tookMs: Date.now() - startedAt };
  }
};`;

const invokeWorker = {
  Effect: "Allow",
  Action: "lambda:InvokeFunction",
  Resource: "arn:aws:lambda:eu-west-1:000000000000:function:worker",
};

let account: LambdaAccount;
beforeAll(async () => {
  account = await lambdaAccount();
  await account.put("worker", BY_EVENT, { Timeout: 120 });
  await account.put("caller", CALLER, { Timeout: 100, Role: await account.role("caller", invokeWorker) });
});
afterAll(() => account.close());

const invoke = (event: Json, name = "worker") =>
  account.account.lambda.invoke(name, undefined, JSON.stringify(event));
const errorOf = async (event: Json): Promise<Json> => JSON.parse((await invoke(event)).payload);

describe("time", () => {
  it("passes in the account while a function sleeps, and timers run meanwhile", async () => {
    await invoke({});
    const { world } = account;
    const from = world.now();
    const seen: number[] = [];
    for (const ms of [10_000, 50_000, 91_000])
      world.at(from + ms, "look", () => void seen.push(world.now() - from));
    const { durationMs, payload } = await invoke({ sleepMs: 90_000 });
    expect([durationMs, world.now() - from, JSON.parse(payload).at - from]).toEqual([90_000, 90_000, 90_000]);
    expect(seen).toEqual([10_000, 50_000]);
    expect(JSON.parse(payload).left).toBe(30_000);
  });

  it("of a cold start is not counted as the call's", async () => {
    await account.put("cold", BY_EVENT);
    const from = account.world.now();
    const { durationMs } = await invoke({ sleepMs: 20 }, "cold");
    expect(durationMs).toBe(20);
    expect(account.world.now() - from).toBeGreaterThan(120);
  });

  it("that a called function takes has passed for its caller too", async () => {
    const { status, tookMs, answer } = await account.call("caller", { sleepMs: 7_000 });
    expect([status, tookMs]).toEqual([200, 7_000]);
    expect(answer.at).toBe(account.world.now());
  });

  it("is up for a caller that waits too long, while what it called goes on", async () => {
    const from = account.world.now();
    expect(await account.call("caller", { sleepMs: 50_000, patienceMs: 3_000 })).toEqual({
      gaveUp: "TimeoutError",
      tookMs: 3_000,
    });
    expect(account.world.now() - from).toBe(50_000);
  });

  it("passes although nobody reads an answer", async () => {
    const UNREAD = `
import { get } from "node:http";
export const handler = async () => {
  await new Promise((done) => get(process.env.AWS_ENDPOINT_URL + "/slack/messages", done));
  await new Promise((done) => setTimeout(done, 5_000));
  return "slept";
};`;
    await account.put("unread", UNREAD, { Timeout: 10 });
    const { payload, durationMs } = await invoke({}, "unread");
    expect([payload, durationMs]).toEqual(['"slept"', 5_000]);
  });

  it("is up for a caller whose own timeout comes first", async () => {
    const { payload, durationMs } = await invoke({ sleepMs: 110_000, patienceMs: 110_000 }, "caller");
    expect(JSON.parse(payload).errorMessage).toMatch(/Task timed out after 100\.00 seconds$/);
    expect(durationMs).toBe(100_000);
  });
});

describe("a call that fails", () => {
  it("tells the error, without this machine's folders in it", async () => {
    const error = await errorOf({ throws: "no" });
    expect(error).toMatchObject({ errorType: "RangeError", errorMessage: "no" });
    expect(error.trace[1]).toMatch(/file:\/\/\/var\/task\/index\.mjs:\d+:\d+/);
    expect(JSON.stringify(error)).not.toMatch(/worker\/|\/tmp\//);
  });

  it("tells what was rejected when that was no error", async () => {
    expect(await errorOf({ rejects: "just text" })).toMatchObject({
      errorType: "string",
      errorMessage: "just text",
    });
  });

  it("times out when nothing is left to wait for", async () => {
    const from = account.world.now();
    const { payload, durationMs } = await invoke({ hangs: true });
    expect(JSON.parse(payload)).toMatchObject({ errorType: "Sandbox.Timedout" });
    expect([durationMs, account.world.now() - from]).toEqual([120_000, 120_000]);
  });

  it.each([
    ["the process ends", { exits: 3 }, "Runtime.ExitError", /exit status 3$/],
    ["a timer throws", { leavesLateError: true }, "Error", /too late to catch/],
    ["memory runs out", { grows: true }, "Runtime.OutOfMemory", /signal: killed$/],
  ])("because %s starts anew with the next call", async (_what, event, type, message) => {
    expect(JSON.parse((await invoke({})).payload).calls).toBeGreaterThan(0);
    const error = await errorOf(event);
    expect(error.errorType).toBe(type);
    expect(error.errorMessage).toMatch(message);
    expect(JSON.parse((await invoke({})).payload).calls).toBe(1);
  });

  it("because its module does not load says so", async () => {
    await account.put("broken", "export const handler = () => 1; throw new Error('not today');");
    expect(await account.call("broken")).toMatchObject({ errorType: "Error", errorMessage: "not today" });
    await account.put("nameless", "export const other = () => 1;");
    expect(await account.call("nameless")).toMatchObject({ errorType: "Runtime.HandlerNotFound" });
  });
});

describe("Invoke", () => {
  const send = (input: Json) => account.lambda.send(new InvokeCommand({ FunctionName: "worker", ...input }));
  const text = (payload: Uint8Array | undefined): string => Buffer.from(payload ?? []).toString();

  it("answers with the version that ran and the end of the log", async () => {
    const answer = await send({ Payload: "{}", LogType: "Tail" });
    expect([answer.StatusCode, answer.ExecutedVersion, answer.FunctionError]).toEqual([
      200,
      "$LATEST",
      undefined,
    ]);
    const { id } = JSON.parse(text(answer.Payload));
    expect(Buffer.from(answer.LogResult ?? "", "base64").toString()).toContain(
      `REPORT RequestId: ${id}\tDuration: 1.00 ms`,
    );
  });

  it("marks a function error but is no error itself", async () => {
    const answer = await send({ Payload: '{"throws":"no"}' });
    expect([answer.StatusCode, answer.FunctionError]).toEqual([200, "Unhandled"]);
  });

  it("does nothing in a dry run", async () => {
    expect((await send({ InvocationType: "DryRun" })).StatusCode).toBe(204);
  });

  it("refuses what is no JSON, and a function that is not there", async () => {
    await expect(send({ Payload: "{" })).rejects.toMatchObject({ name: "InvalidRequestContentException" });
    await expect(send({ FunctionName: "nobody" })).rejects.toMatchObject({
      name: "ResourceNotFoundException",
    });
    await expect(send({ Qualifier: "9" })).rejects.toMatchObject({ name: "ResourceNotFoundException" });
  });

  it("is throttled where no concurrency is left to the function", async () => {
    await account.lambda.send(
      new PutFunctionConcurrencyCommand({ FunctionName: "worker", ReservedConcurrentExecutions: 0 }),
    );
    await expect(send({})).rejects.toMatchObject({ name: "TooManyRequestsException" });
    await account.lambda.send(new DeleteFunctionConcurrencyCommand({ FunctionName: "worker" }));
    expect((await send({})).StatusCode).toBe(200);
  });
});
