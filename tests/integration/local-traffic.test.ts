import fc from "fast-check";
import { expect, test } from "vitest";
import type { Json } from "../../local/account.ts";
import { isTrafficModel } from "../../local/traffic.ts";
import { createArrivals } from "../../local/traffic-arrivals.ts";
import type { TrafficModel } from "../../local/traffic-model.ts";
import { createWorld } from "../../local/world.ts";
import { createSmallAccount, type SmallAccount, START_AT } from "../support/small-account.ts";

const MINUTE_MS = 60_000;
const PARAMETER = "/local/traffic/orders/live";

const steady = (callsPerSecond: number): TrafficModel => ({
  callsPerSecond,
  phases: [
    {
      afterMs: 0,
      inputs: [
        { payload: { kind: "a" }, weight: 3 },
        { payload: { kind: "b" }, weight: 1 },
      ],
    },
  ],
});

const ordersAccount = (seed = 1): SmallAccount => {
  const account = createSmallAccount({ seed });
  account.lambda.addFunction("orders", ["1", "2"]);
  account.lambda.addAlias("orders", "live", "1");
  return account;
};

test("calls come at the model's rate, spread like a Poisson process, with inputs by their shares", async () => {
  const account = ordersAccount();
  account.traffic.set("orders", "live", steady(20));
  await account.pass(10 * MINUTE_MS);
  const { calls } = account.lambda;
  expect(calls.length).toBeGreaterThan(12_000 - 4 * Math.sqrt(12_000));
  expect(calls.length).toBeLessThan(12_000 + 4 * Math.sqrt(12_000));
  const perSecond = new Map<number, number>();
  for (const { at } of calls)
    perSecond.set(Math.floor(at / 1000), (perSecond.get(Math.floor(at / 1000)) ?? 0) + 1);
  const counts = Array.from({ length: 600 }, (_, second) => perSecond.get(START_AT / 1000 + second) ?? 0);
  const mean = calls.length / 600;
  const variance = counts.reduce((sum, count) => sum + (count - mean) ** 2, 0) / 599;
  expect(variance / mean).toBeGreaterThan(0.8);
  expect(variance / mean).toBeLessThan(1.2);
  const share = calls.filter(({ payload }) => payload === '{"kind":"a"}').length / calls.length;
  expect(Math.abs(share - 0.75)).toBeLessThan(0.02);
});

test("weights decide which version answers, and its metrics carry the three names", async () => {
  const account = ordersAccount();
  account.lambda.moveAlias("orders", "live", { version: "1", weights: { "2": 0.1 } });
  account.lambda.behave("orders", "2", () => ({ durationMs: 80, isError: true }));
  account.traffic.set("orders", "live", steady(50));
  await account.pass(2 * MINUTE_MS);
  const Dimensions = Object.entries({
    FunctionName: "orders",
    Resource: "orders:live",
    ExecutedVersion: "2",
  }).map(([Name, Value]) => ({ Name, Value }));
  const query = (Id: string, MetricName: string, Stat: string) => ({
    Id,
    MetricStat: { Metric: { Namespace: "AWS/Lambda", MetricName, Dimensions }, Period: 60, Stat },
  });
  const { MetricDataResults } = await account.call("cloudwatch", "GetMetricData", {
    StartTime: START_AT / 1000,
    EndTime: START_AT / 1000 + 60,
    MetricDataQueries: [
      query("i", "Invocations", "Sum"),
      query("e", "Errors", "Sum"),
      query("d", "Duration", "p99"),
    ],
  });
  const [invocations, errors, p99] = MetricDataResults.map(({ Values }: Json) => Values[0]);
  expect(Math.abs(invocations - 300)).toBeLessThan(70);
  expect(errors).toBe(invocations);
  expect(p99).toBe(80);
});

test("settling in pieces makes the same calls as settling at once", () => {
  const phases = [
    { afterMs: 0, inputs: [{ payload: 1, weight: 1 }] },
    { afterMs: 20_000, inputs: [{ payload: 2, weight: 1 }], callsPerSecond: 0 },
    { afterMs: 40_000, inputs: [{ payload: 3, weight: 1 }], callsPerSecond: 9 },
  ];
  const arrivals = () =>
    createArrivals({ callsPerSecond: 3, phases }, 0, createWorld({ seed: 4, startAt: 0 }).random("t"));
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 60_000 }), { maxLength: 8 }), (cuts) => {
      const pieces = arrivals();
      const parts = [...cuts.toSorted((left, right) => left - right), 60_000].flatMap((at) =>
        pieces.before(at),
      );
      const whole = arrivals().before(60_000);
      expect(parts).toEqual(whole);
      expect(whole.every(({ at, payload }) => payload === String(at < 20_000 ? 1 : 3))).toBe(true);
      expect(whole.some(({ at }) => at >= 20_000 && at < 40_000)).toBe(false);
    }),
    { numRuns: 50 },
  );
});

test("the same seed gives the same calls", async () => {
  const run = async (seed: number) => {
    const account = ordersAccount(seed);
    account.traffic.set("orders", "live", steady(5));
    await account.pass(MINUTE_MS);
    return account.lambda.calls;
  };
  expect(await run(3)).toEqual(await run(3));
  expect(await run(3)).not.toEqual(await run(4));
});

test("a parameter starts traffic, changes it, and ends it", async () => {
  const account = ordersAccount();
  account.putParameter(PARAMETER, JSON.stringify(steady(10)));
  await account.pass(MINUTE_MS);
  const slow = account.lambda.calls.length;
  expect(Math.abs(slow - 600)).toBeLessThan(120);
  account.putParameter(PARAMETER, JSON.stringify(steady(40)));
  await account.pass(MINUTE_MS);
  expect(Math.abs(account.lambda.calls.length - slow - 2400)).toBeLessThan(240);
  account.putParameter(PARAMETER, undefined);
  const ended = account.lambda.calls.length;
  await account.pass(MINUTE_MS);
  expect(account.lambda.calls).toHaveLength(ended);
});

test("a parameter that holds no model is passed over with one line of log", async () => {
  const account = ordersAccount();
  account.putParameter(PARAMETER, "{");
  account.putParameter(PARAMETER, '{"callsPerSecond":1}');
  account.putParameter("/local/traffic/too/many/parts", "{");
  await account.pass(MINUTE_MS);
  expect(account.lambda.calls).toEqual([]);
  expect(account.logLines).toEqual(
    Array.from({ length: 2 }, () => `${PARAMETER} is no traffic model: ignored`),
  );
});

test("traffic to an alias that is not there is lost, and flows once there is one", async () => {
  const account = createSmallAccount();
  account.traffic.set("orders", "live", steady(10));
  await account.pass(MINUTE_MS);
  account.lambda.addFunction("orders", ["1"]);
  account.lambda.addAlias("orders", "live", "1");
  await account.pass(MINUTE_MS);
  expect(account.lambda.calls.every(({ at }) => at >= START_AT + MINUTE_MS - 10_000)).toBe(true);
  expect(account.lambda.calls.length).toBeGreaterThan(400);
});

const input = { payload: 1, weight: 1 };

test.each([
  ["no phases", { callsPerSecond: 1, phases: [] }],
  ["a negative rate", { callsPerSecond: -1, phases: [{ afterMs: 0, inputs: [input] }] }],
  ["a rate beyond the limit", { callsPerSecond: 5001, phases: [{ afterMs: 0, inputs: [input] }] }],
  [
    "phases out of order",
    {
      callsPerSecond: 1,
      phases: [
        { afterMs: 5, inputs: [input] },
        { afterMs: 5, inputs: [input] },
      ],
    },
  ],
  ["no inputs", { callsPerSecond: 1, phases: [{ afterMs: 0, inputs: [] }] }],
  [
    "an input of no weight",
    { callsPerSecond: 1, phases: [{ afterMs: 0, inputs: [{ payload: 1, weight: 0 }] }] },
  ],
  ["an input without a payload", { callsPerSecond: 1, phases: [{ afterMs: 0, inputs: [{ weight: 1 }] }] }],
  ["nothing", null],
])("a value with %s is no traffic model", (_what, value) => {
  expect(isTrafficModel(value)).toBe(false);
});
