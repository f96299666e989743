import { describe, expect, it } from "vitest";
import { type Calls, createCalls } from "../../../local/lambda/worker/calls.ts";
import { createClock } from "../../../local/lambda/worker/clock.ts";
import {
  errorDocument,
  exitDocument,
  unhandledRejection,
} from "../../../local/lambda/worker/error-document.ts";
import type { InFlight } from "../../../local/lambda/worker/in-flight.ts";
import type { Handler } from "../../../local/lambda/worker/load.ts";
import type { WorkerSettings } from "../../../local/lambda/worker/messages.ts";
import { createPump } from "../../../local/lambda/worker/pump.ts";
import { createRandomness } from "../../../local/lambda/worker/randomness.ts";
import { createTimers, type Timers } from "../../../local/lambda/worker/timers.ts";

const AT = 1_000_000;
const SETTINGS: WorkerSettings = {
  workerId: "w",
  functionName: "f",
  version: "3",
  handler: "index.handler",
  codeDir: "/tmp/code",
  runtime: "nodejs24.x",
  memorySizeMb: 256,
  logFormat: "Text",
  logGroup: "g",
  logStream: "s",
  endpointHost: "127.0.0.1:1",
  seed: "seed",
  at: AT,
};
const CONTEXT = { requestId: "r", invokedFunctionArn: "arn", timeoutMs: 3_000 };
const idle: InFlight = {
  isIdle: () => true,
  change: () => new Promise((resolve) => setImmediate(resolve)),
  wake: () => {},
  drained: async () => {},
};

const bench = (
  make: (timers: Timers, random: () => number) => Handler,
): { calls: Calls; written: string[] } => {
  const clock = createClock(AT);
  const timers = createTimers(clock);
  const random = createRandomness("seed");
  const written: string[] = [];
  const calls = createCalls({
    settings: SETTINGS,
    clock,
    timers,
    random,
    inFlight: idle,
    output: {
      belongTo: () => {},
      write: (level, ...values) => written.push([level, ...values].join(" ")),
      take: () => [],
    },
    pump: createPump(clock, timers, idle),
    pass: async () => {},
  });
  calls.use(make(timers, random.next));
  return { calls, written };
};

const one = (calls: Calls, event: unknown = {}, more: object = {}) =>
  calls.one({
    kind: "call",
    at: AT,
    payload: JSON.stringify(event),
    seed: "a",
    context: { ...CONTEXT, ...more },
  });

describe("a call", () => {
  it("brings event and context", async () => {
    const { calls } = bench(() => async (event, context) => [event, JSON.parse(JSON.stringify(context))]);
    const clientContext = Buffer.from('{"custom":{"a":1}}').toString("base64");
    const said = await one(calls, { x: 1 }, { clientContext });
    const payload = said.kind === "answered" && said.answer.outcome === "returned" ? said.answer.payload : "";
    expect(JSON.parse(payload)).toEqual([
      { x: 1 },
      {
        callbackWaitsForEmptyEventLoop: true,
        functionName: "f",
        functionVersion: "3",
        invokedFunctionArn: "arn",
        memoryLimitInMB: "256",
        awsRequestId: "r",
        logGroupName: "g",
        logStreamName: "s",
        clientContext: { custom: { a: 1 } },
      },
    ]);
    expect(calls.requestId()).toBe("r");
  });

  it.each([
    ["nothing", undefined, "null"],
    ["text", "a", '"a"'],
    ["a value without waiting", 7, "7"],
  ])("that answers %s answers %s", async (_what, value, payload) => {
    const { calls } = bench(() => () => value);
    expect(await one(calls)).toMatchObject({ answer: { outcome: "returned", payload, elapsedMs: 0 } });
  });

  it("of an older runtime may answer by callback", async () => {
    const { calls } = bench((timers) => (_event, _context, callback) => {
      timers.setTimeout(() => (callback as (error: null, value: string) => void)(null, "late"), 30);
    });
    expect(await one(calls)).toMatchObject({
      answer: { outcome: "returned", payload: '"late"', elapsedMs: 30 },
    });
    const failing = bench(
      () => (_event, _context, callback) => (callback as (error: Error) => void)(new Error("no")),
    );
    expect(await one(failing.calls)).toMatchObject({
      answer: { outcome: "failed", error: { errorMessage: "no" } },
    });
  });

  it("fails with what it threw, and logs it", async () => {
    const { calls, written } = bench(() => () => {
      throw new RangeError("no");
    });
    expect(await one(calls)).toMatchObject({
      answer: { outcome: "failed", error: { errorType: "RangeError" } },
    });
    expect(written[0]).toMatch(/^ERROR Invoke Error \{"errorType":"RangeError"/);
  });

  it("fails when its answer is no JSON, or too much of it", async () => {
    const circle: { self?: unknown } = {};
    circle.self = circle;
    const circular = bench(() => () => circle);
    expect(await one(circular.calls)).toMatchObject({
      answer: { error: { errorType: "Runtime.MarshalError" } },
    });
    const large = bench(() => () => "x".repeat(6_300_000));
    expect(await one(large.calls)).toMatchObject({
      answer: { error: { errorType: "Function.ResponseSizeTooLarge" } },
    });
  });

  it("draws the same with the same seed", async () => {
    const { calls } = bench((_timers, random) => () => random());
    expect(await one(calls)).toEqual(await one(calls));
  });
});

describe("many calls", () => {
  it("have each its own instant, and one that hangs does not disturb the next", async () => {
    const { calls } = bench((timers) => async (event) => {
      const { ms, hangs } = event as { ms: number; hangs?: boolean };
      if (hangs) timers.setTimeout(() => {}, 1_000_000);
      await new Promise((resolve) => !hangs && timers.setTimeout(() => resolve(undefined), ms));
      if (ms === 30) throw new Error("thirty");
    });
    const inputs = [{ ms: 10 }, { ms: 20, hangs: true }, { ms: 30 }, { ms: 40 }];
    const said = await calls.many({
      kind: "many",
      calls: inputs.map((input, index) => ({ at: AT + index, payload: JSON.stringify(input) })),
      seed: "a",
      context: { requestPrefix: "request-", invokedFunctionArn: "arn", timeoutMs: 3_000 },
    });
    expect(said).toEqual({
      kind: "many-answered",
      answers: { durationsMs: [10, 3_000, 30, 40], failed: [false, true, true, false] },
    });
    expect([calls.requestId(), calls.soFar()]).toEqual(["request-0003", undefined]);
  });
});

describe("an error document", () => {
  it("shows the code where it lies on AWS", () => {
    const error = new TypeError("bad");
    error.stack = "TypeError: bad\n    at handler (file:///tmp/code/index.mjs:1:2)";
    expect(errorDocument(error, "/tmp/code").trace?.[1]).toBe(
      "    at handler (file:///var/task/index.mjs:1:2)",
    );
  });

  it("names what is no error by its type", () => {
    expect(errorDocument("text", "/tmp/code")).toEqual({
      errorType: "string",
      errorMessage: "text",
      trace: [],
    });
    expect(unhandledRejection("text", "/tmp/code")).toMatchObject({ errorMessage: "text" });
    expect(unhandledRejection(new TypeError("bad"), "/tmp/code").errorMessage).toBe("TypeError: bad");
  });

  it("says how the process ended", () => {
    expect(exitDocument("r", 0).errorMessage).toMatch(/without providing a reason$/);
    expect(exitDocument("r", 3).errorMessage).toMatch(/exit status 3$/);
  });
});
