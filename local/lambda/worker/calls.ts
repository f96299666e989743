/** Calls of the handler: one that takes the account's time with it, or many that each have an instant of their own. */
import type { VirtualClock } from "./clock.ts";
import { errorDocument } from "./error-document.ts";
import type { InFlight } from "./in-flight.ts";
import type { Handler } from "./load.ts";
import type { Answer, FromWorker, ManyAnswers, ToWorker, WorkerSettings } from "./messages.ts";
import type { Output } from "./output.ts";
import type { Pass, Pump } from "./pump.ts";
import type { Randomness } from "./randomness.ts";
import type { Timers } from "./timers.ts";

/** Longest answer of a synchronous call, in bytes of JSON. */
const ANSWER_BYTES_MAX = 6_291_556;

type Parts = {
  settings: WorkerSettings;
  clock: VirtualClock;
  timers: Timers;
  random: Randomness;
  inFlight: InFlight;
  output: Output;
  pump: Pump;
  pass: Pass;
};

type Context = { requestId: string; invokedFunctionArn: string; clientContext?: string; timeoutMs: number };
type Message<K extends ToWorker["kind"]> = Extract<ToWorker, { kind: K }>;

export type Calls = {
  use(handler: Handler): void;
  one(message: Message<"call">): Promise<FromWorker>;
  many(message: Message<"many">): Promise<FromWorker>;
  /** Answers of the many calls under way that are already known. */
  soFar(): ManyAnswers | undefined;
  requestId(): string;
};

const jsonOf = (value: unknown): string => JSON.stringify(value) ?? "null";

/** Handlers of older runtimes may answer by callback; a promise they return counts first. */
const called = (handler: Handler, event: unknown, context: object): Promise<unknown> =>
  new Promise((resolve, reject) => {
    const callback = (error: unknown, value: unknown): void =>
      error === null || error === undefined ? resolve(value) : reject(error);
    const value = handler(event, context, callback);
    const isPromise = typeof (value as Promise<unknown> | undefined)?.then === "function";
    if (isPromise || handler.length <= 2) resolve(value);
  });

export const createCalls = (parts: Parts): Calls => {
  const { settings, clock, timers, random, output, pump } = parts;
  let handler: Handler = () => undefined;
  let requestId = "";
  let soFar: { durationsMs: number[]; failed: boolean[] } | undefined;

  const contextOf = (call: Context, deadlineAt: number): object => ({
    callbackWaitsForEmptyEventLoop: true,
    functionName: settings.functionName,
    functionVersion: settings.version,
    invokedFunctionArn: call.invokedFunctionArn,
    memoryLimitInMB: String(settings.memorySizeMb),
    awsRequestId: call.requestId,
    logGroupName: settings.logGroup,
    logStreamName: settings.logStream,
    ...(call.clientContext !== undefined && {
      clientContext: JSON.parse(Buffer.from(call.clientContext, "base64").toString("utf8")),
    }),
    getRemainingTimeInMillis: () => Math.max(0, deadlineAt - clock.now()),
  });

  const failure = (error: ReturnType<typeof errorDocument>, elapsedMs: number): Answer => {
    output.write("ERROR", "Invoke Error", JSON.stringify(error));
    return { outcome: "failed", error, elapsedMs };
  };

  const marshalled = (value: unknown, elapsedMs: number): Answer => {
    try {
      const payload = jsonOf(value);
      if (Buffer.byteLength(payload) <= ANSWER_BYTES_MAX) return { outcome: "returned", payload, elapsedMs };
      const errorMessage = `Response payload size exceeded maximum allowed payload size (${ANSWER_BYTES_MAX} bytes).`;
      return failure({ errorType: "Function.ResponseSizeTooLarge", errorMessage }, elapsedMs);
    } catch (thrown) {
      const errorMessage = `Unable to stringify response body: ${thrown instanceof Error ? thrown.message : thrown}`;
      return failure({ errorType: "Runtime.MarshalError", errorMessage }, elapsedMs);
    }
  };

  const run = async (payload: string, call: Context, startAt: number, pass?: Pass): Promise<Answer> => {
    requestId = call.requestId;
    output.belongTo(requestId);
    const deadlineAt = startAt + call.timeoutMs;
    const work = called(handler, JSON.parse(payload), contextOf(call, deadlineAt));
    const end = await pump.run(work, deadlineAt, pass);
    if (end === "late") return { outcome: "timed-out", elapsedMs: call.timeoutMs };
    const elapsedMs = clock.peek() - startAt;
    try {
      return marshalled(await work, elapsedMs);
    } catch (thrown) {
      return failure(errorDocument(thrown, settings.codeDir), elapsedMs);
    }
  };

  return {
    use: (loaded) => {
      handler = loaded;
    },
    one: async ({ at, payload, seed, context }) => {
      clock.setTo(at);
      clock.rest();
      random.reseed(seed);
      return { kind: "answered", answer: await run(payload, context, at, parts.pass) };
    },
    many: async ({ calls, seed, context }) => {
      random.reseed(seed);
      const answers: { durationsMs: number[]; failed: boolean[] } = { durationsMs: [], failed: [] };
      soFar = answers;
      for (const { at, payload } of calls) {
        clock.setTo(at);
        clock.rest();
        const number = answers.durationsMs.length.toString(16).padStart(4, "0");
        const one = await run(payload, { ...context, requestId: `${context.requestPrefix}${number}` }, at);
        // What a call that ran out of time still waits for must not disturb the next one.
        if (one.outcome === "timed-out") timers.drop();
        answers.durationsMs.push(one.elapsedMs);
        answers.failed.push(one.outcome !== "returned");
      }
      soFar = undefined;
      return { kind: "many-answered", answers };
    },
    soFar: () => soFar,
    requestId: () => requestId,
  };
};
