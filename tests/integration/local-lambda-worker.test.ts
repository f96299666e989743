import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import type { CallEnd } from "../../local/lambda/instance.ts";
import { AT, createWorkerBench, type WorkerBench } from "../support/worker-instance.ts";

let bench: WorkerBench;
let server: Server;
let endpoint: string;
/** How many calls the server fails before it answers. */
let failuresLeft = 0;

beforeAll(async () => {
  bench = await createWorkerBench();
  server = createServer((request, response) => {
    request.resume().on("end", () => {
      const isFailing = failuresLeft > 0 && request.url === "/";
      if (isFailing) failuresLeft -= 1;
      const body = isFailing ? '{"__type":"InternalServerError"}' : '{"TableNames":["things"]}';
      // Real time: what a function waits for while its own time stands still.
      setTimeout(() => {
        response.writeHead(isFailing ? 500 : 200, { "content-type": "application/x-amz-json-1.0" }).end(body);
      }, 20);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
beforeEach(() => {
  bench.passed.length = 0;
  bench.lines.length = 0;
  failuresLeft = 0;
});
afterAll(async () => {
  bench.close();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

const call = (handler: string, event: unknown = {}, timeoutMs?: number): Promise<CallEnd> =>
  bench.call(bench.start(handler, { endpoint }), event, timeoutMs);
const answered = async (handler: string, event: unknown = {}, timeoutMs?: number): Promise<unknown> => {
  const end = await call(handler, event, timeoutMs);
  if (end.outcome !== "returned") throw new Error(`it ended otherwise: ${JSON.stringify(end)}`);
  return JSON.parse(end.payload);
};
const errorOf = async (handler: string, event: unknown = {}): Promise<unknown> => {
  const end = await call(handler, event);
  return "error" in end ? `${end.outcome}: ${end.error.errorType}: ${end.error.errorMessage}` : end;
};

test("sleeping moves the account's time, and every clock of the function with it", async () => {
  const began = performance.now();
  expect(await answered("naps", { ms: 60_000 }, 900_000)).toEqual({
    elapsed: 180_000,
    monotonic: 180_000,
    at: new Date(AT + 180_000).toISOString(),
  });
  expect(bench.passed).toEqual([60_000, 120_000, 180_000]);
  expect(performance.now() - began).toBeLessThan(10_000);
});

test("intervals fire on time, again and again", async () => {
  expect(await answered("ticks")).toEqual([1_000, 2_000, 3_000]);
});

test("the remaining time goes down as account time passes", async () => {
  expect(await answered("remaining", {}, 10_000)).toEqual([10_000, 8_500]);
});

test("files, compression and digests take no account time", async () => {
  expect(await answered("unreferenced")).toEqual({ isAborted: false, bytes: 32, now: AT });
});

test("the same seed draws the same, whatever is asked for numbers", async () => {
  const [first, second] = [await answered("chance"), await answered("chance")];
  expect(second).toEqual(first);
  expect(new Set(first as string[]).size).toBe(4);
});

test("a call of the SDK takes no time, its retries take their backoff", async () => {
  expect(await answered("tables")).toEqual({ TableNames: ["things"], elapsed: 0 });
  expect(bench.passed).toEqual([]);
  failuresLeft = 3;
  const { TableNames, elapsed } = (await answered("tables")) as { TableNames: string[]; elapsed: number };
  expect(TableNames).toEqual(["things"]);
  expect(elapsed).toBeGreaterThan(0);
  expect(bench.passed.at(-1)).toBe(elapsed);
});

test("fetch works, with a deadline that does not fire and timers of its own that move nothing", async () => {
  expect(await answered("fetches", { path: "/x", abortAfterMs: 5_000 })).toEqual({
    text: '{"TableNames":["things"]}',
    elapsed: 0,
  });
  expect(bench.passed.at(-1)).toBe(10_000);
});

test.each(["hangs", "sleepsTooLong"])("a function that %s ends with its time", async (handler) => {
  expect(await call(handler, {}, 3_000)).toEqual({ outcome: "timed-out", elapsedMs: 3_000 });
  expect(bench.passed.at(-1)).toBe(3_000);
});

test("a loop that waits for the clock comes to its end", async () => {
  expect(await answered("watchesTheClock")).toBe("over");
});

test("errors are worded as Lambda words them", async () => {
  expect(await errorOf("throws")).toBe("failed: RangeError: too far");
  expect(await errorOf("cyclic")).toMatch(/^failed: Runtime.MarshalError: Unable to stringify response body/);
  expect(await errorOf("nothing")).toBe(
    "failed: Runtime.HandlerNotFound: index.nothing is undefined or not exported",
  );
  expect(await errorOf("old")).toMatch(/Runtime.CallbackHandlerDeprecated/);
});

test("traces show where the code lies on AWS", async () => {
  const end = await call("throws");
  const trace = "error" in end ? (end.error.trace ?? []).join("\n") : "";
  expect(trace).toMatch(/\/var\/task\/index\.mjs/);
  expect(trace).not.toMatch(/bellwether-worker-/);
});

test("code that ends its process takes the instance with it", async () => {
  const instance = bench.start("exits");
  const end = await bench.call(instance);
  expect(end).toMatchObject({ outcome: "died", error: { errorType: "Runtime.ExitError" } });
  expect(JSON.stringify(end)).toMatch(/exit status 3/);
  expect(instance.isAlive()).toBe(false);
});

test("errors nobody catches end the process too", async () => {
  expect(await errorOf("throwsLater")).toBe("died: Error: nobody caught this");
  expect(await errorOf("rejectsAlone")).toMatch(
    /^died: Runtime.UnhandledPromiseRejection: Error: left alone/,
  );
});

test("an instance that is killed ends its call", async () => {
  const instance = bench.start("hangs");
  await instance.ready;
  const ending = instance.call(
    {
      kind: "call",
      at: AT,
      payload: "{}",
      seed: "s",
      context: { requestId: "r", invokedFunctionArn: "arn:bench", timeoutMs: 3_000 },
    },
    async () => instance.kill(),
  );
  expect(await ending).toMatchObject({ outcome: "died", error: { errorType: "Runtime.ExitError" } });
});

test("lines are caught with their instants, in the function's format", async () => {
  await answered("logs");
  const [one, three, four] = bench.lines.map(({ at, message }) => [at - AT, JSON.parse(message)] as const);
  expect(one).toMatchObject([
    0,
    { level: "INFO", message: "one { two: 2 }", timestamp: new Date(AT).toISOString() },
  ]);
  expect(three).toEqual([0, { three: 3 }]);
  expect(four).toMatchObject([1_000, { level: "ERROR", errorMessage: "four" }]);
});

test("an instance keeps its state from call to call, and shares nothing of this process", async () => {
  const instance = bench.start("counts");
  await bench.call(instance);
  expect(await bench.call(instance)).toMatchObject({ payload: "2" });
  expect(Object.keys((await answered("environment")) as object).sort()).toEqual([
    "AWS_ACCESS_KEY_ID",
    "AWS_ENDPOINT_URL",
    "AWS_REGION",
    "AWS_SECRET_ACCESS_KEY",
  ]);
});

test("older runtimes still answer by callback", async () => {
  expect(await bench.call(bench.start("old", { runtime: "nodejs22.x" }))).toMatchObject({
    outcome: "returned",
    payload: '"called back"',
    elapsedMs: 20,
  });
});

const many = async (handler: string, payloads: readonly unknown[], timeoutMs = 3_000) => {
  const instance = bench.start(handler);
  await instance.ready;
  const calls = payloads.map((payload, index) => ({ at: AT + index, payload: JSON.stringify(payload) }));
  const context = { requestPrefix: "r", invokedFunctionArn: "arn:bench", timeoutMs };
  return instance.many({ kind: "many", calls, seed: "s", context });
};

test("many calls live at their own instants and ask nobody for time", async () => {
  const payloads = [{ ms: 50 }, { ms: 5_000 }, { ms: 20, isBad: true }, { ms: 30 }];
  const { answers } = await many("serves", payloads);
  expect(answers).toEqual({ durationsMs: [50, 3_000, 20, 30], failed: [false, true, true, false] });
  expect(bench.passed).toEqual([]);
});

test("many calls end where the code ends its process", async () => {
  const { answers, died } = await many("exits", [{}, {}, {}]);
  expect(answers.durationsMs).toEqual([]);
  expect(died?.errorType).toBe("Runtime.ExitError");
});

test.each([
  ["trivial", { a: 1 }, 50_000],
  ["serves", { ms: 25 }, 20_000],
])("the speed of many calls of %s", async (handler, payload, count) => {
  await many(handler, [payload]);
  const payloads = Array.from({ length: count }, () => payload);
  const began = performance.now();
  const { answers } = await many(handler, payloads);
  const perSecond = Math.round(count / ((performance.now() - began) / 1000));
  process.stdout.write(`${handler}: ${perSecond} calls/s\n`);
  expect(answers.failed).toHaveLength(count);
  expect(answers.failed).not.toContain(true);
});
