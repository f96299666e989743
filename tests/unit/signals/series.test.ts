import { describe, expect, test } from "vitest";
import type { Signal } from "../../../lib/policy/policy.ts";
import type { Ask } from "../../../lib/signals/ask.ts";
import { gaugeOf, isGauge } from "../../../lib/signals/gauge.ts";
import { pastOf, slowerThan } from "../../../lib/signals/past.ts";
import { asksFor, callsOf, needsLadder, seriesOf } from "../../../lib/signals/series.ts";

const SHIFT = { name: "checkout", alias: "live", from: "1", to: "2" };
const AT = 600_000;
const TERMS = { shift: SHIFT, slowerThanMs: 200, timeoutsMs: { baseline: 3_000, canary: 10_000 } };

const DECLINED: Signal = {
  name: "declined",
  namespace: "Checkout",
  bad: "Declined",
  total: "Payments",
  dimensions: { Shop: "za" },
  versionDimension: "Version",
};

/** Answers by the question's metric, statistic and version, all in one minute. */
const answering = (asks: readonly Ask[], answer: (ask: Ask, version: string) => number | undefined) =>
  new Map(
    asks.map((ask) => {
      const version = ask.dimensions.ExecutedVersion ?? ask.dimensions.Version ?? "";
      const value = answer(ask, version);
      return [ask.id, new Map(value === undefined ? [] : [[AT, value]])] as const;
    }),
  );

const read = (signals: readonly Signal[], answer: (ask: Ask, version: string) => number | undefined) => {
  const gauges = signals.map((signal) => gaugeOf(signal, TERMS));
  const asks = asksFor(SHIFT, gauges);
  const found = answering(asks, answer);
  return { asks, found, series: seriesOf(gauges, found, [AT]) };
};

describe("what is asked", () => {
  const { asks } = read(["errors", "throttles", "slow-calls", "timeouts", DECLINED], () => 0);

  test("names all three dimensions for every metric of Lambda's, and each question once", () => {
    for (const { namespace, dimensions } of asks)
      if (namespace === "AWS/Lambda")
        expect(dimensions).toEqual({
          FunctionName: "checkout",
          Resource: "checkout:live",
          ExecutedVersion: expect.stringMatching(/^[12]$/),
        });
    expect(new Set(asks.map(({ id }) => id)).size).toBe(asks.length);
    expect(asks.filter(({ metric }) => metric === "Invocations").length).toBe(2);
  });

  test("has ids that CloudWatch takes", () => {
    for (const { id } of asks) expect(id).toMatch(/^[a-z][a-zA-Z0-9_]{0,254}$/);
  });

  test("of a service's own metric names its dimensions and each version", () => {
    expect(asks.filter(({ namespace }) => namespace === "Checkout").map((ask) => ask.dimensions)).toEqual([
      { Shop: "za", Version: "1" },
      { Shop: "za", Version: "1" },
      { Shop: "za", Version: "2" },
      { Shop: "za", Version: "2" },
    ]);
  });
});

describe("what the answers count", () => {
  test("errors are zero where there is none; more of them than calls is late data, and all calls are bad", () => {
    const quiet = read(["errors"], ({ metric }) => (metric === "Invocations" ? 40 : undefined));
    expect(quiet.series[0]?.minutes).toEqual([
      { baseline: { total: 40, bad: 0 }, canary: { total: 40, bad: 0 } },
    ]);
    const late = read(["errors"], ({ metric }) => (metric === "Invocations" ? 3 : 5));
    expect(late.series[0]?.minutes[0]?.canary).toEqual({ total: 3, bad: 3 });
  });

  test("a throttled request is an attempt that is no invocation", () => {
    const { series } = read(["throttles"], ({ metric }, version) =>
      metric === "Invocations" ? 10 : version === "2" ? 30 : 0,
    );
    const silent = read(["throttles"], ({ metric }) => (metric === "Invocations" ? 10 : undefined));
    expect(silent.series[0]?.minutes).toEqual([null]);
    expect(series[0]?.minutes).toEqual([{ baseline: { total: 10, bad: 0 }, canary: { total: 40, bad: 30 } }]);
  });

  test("a call that lasts its own version's timeout is a timeout", () => {
    const { asks, series } = read(["timeouts"], ({ stat, metric }, version) => {
      if (metric === "Invocations") return 20;
      if (stat === "SampleCount") return 20;
      return stat.endsWith(":)") ? Number(version) : 20 - Number(version);
    });
    expect(asks.filter(({ stat }) => stat.startsWith("TC")).map(({ stat }) => stat)).toEqual([
      "TC(2999:)",
      "TC(:2999)",
      "TC(9999:)",
      "TC(:9999)",
    ]);
    expect(series[0]?.minutes).toEqual([{ baseline: { total: 20, bad: 1 }, canary: { total: 20, bad: 2 } }]);
  });

  test("slow and not slow that do not add up to all calls are not believed", () => {
    const { series } = read(["slow-calls"], ({ stat }) => (stat === "SampleCount" ? 20 : undefined));
    expect(series[0]?.minutes).toEqual([null]);
    expect(needsLadder(series)).toBe(true);
    const gone = read(["slow-calls"], ({ metric }) => (metric === "Invocations" ? 20 : undefined));
    expect(gone.series[0]?.minutes).toEqual([null]);
  });

  test("as many cold starts as the canary had calls under way at once in its first minute", () => {
    const { series } = read(["slow-calls"], ({ metric, stat }) => {
      if (metric === "ConcurrentExecutions") return 7;
      return stat === "SampleCount" || metric === "Invocations" ? 20 : stat.endsWith(":)") ? 5 : 15;
    });
    expect(series[0]).toMatchObject({
      minutes: [{ canary: { total: 20, bad: 5 } }],
      about: { slowerThanMs: 200, coldStarts: 7 },
    });
  });

  test("a service's own calls without a single point of the bad ones are not read: the name may be wrong", () => {
    const misspelt = read([DECLINED], ({ metric }) => (metric === "Payments" ? 20 : undefined));
    expect(misspelt.series[0]?.minutes).toEqual([null]);
    const well = read([DECLINED], ({ metric }) => (metric === "Payments" ? 20 : 0));
    expect(well.series[0]?.minutes).toEqual([
      { baseline: { total: 20, bad: 0 }, canary: { total: 20, bad: 0 } },
    ]);
    const bare = read([DECLINED], ({ metric }) => (metric === "Declined" ? 20 : undefined));
    expect(bare.series[0]?.minutes).toEqual([null]);
    const idle = read([DECLINED], () => undefined);
    expect(idle.series[0]?.minutes).toEqual([
      { baseline: { total: 0, bad: 0 }, canary: { total: 0, bad: 0 } },
    ]);
  });

  test("without what a signal must know beforehand, none of its minutes is read, and the reason is there", () => {
    const gauges = (["slow-calls", "timeouts"] as const).map((signal) => gaugeOf(signal, { shift: SHIFT }));
    expect(seriesOf(gauges, new Map(), [AT]).map(({ minutes }) => minutes)).toEqual([[null], [null]]);
    for (const gauge of gauges) expect(isGauge(gauge) ? "" : gauge.missing).toMatch(/history|timeout/);
  });

  test("calls of both versions are counted whatever the signals are", () => {
    const { found } = read([DECLINED], ({ metric }, version) =>
      metric === "Invocations" ? Number(version) : 1,
    );
    expect(callsOf(found, [AT])).toEqual([{ baseline: 1, canary: 2 }]);
  });
});

describe("the baseline's past", () => {
  test("calls slow what is slower than the middle hour's 95th percentile: one bad hour does not count", () => {
    const hours = [120, 118, 9_000, 131, 125].map((value, index) => [index * 3_600_000, value] as const);
    expect(slowerThan(new Map([["threshold", new Map(hours)]]))).toBe(125);
    expect(slowerThan(new Map())).toBeUndefined();
    expect(slowerThan(new Map([["threshold", new Map([[0, Number.NaN]])]]))).toBeUndefined();
  });

  test("adds up all periods, leaves out those that cannot be right, and is silent about a signal without calls", () => {
    const gauges = (["errors", "slow-calls", "throttles"] as const).map((signal) => gaugeOf(signal, TERMS));
    const values = (...counts: number[]) => new Map(counts.map((count, index) => [index, count] as const));
    const past = pastOf(
      gauges.slice(0, 2),
      new Map([
        ["calls_baseline", values(100, 200)],
        ["errors_baseline", values(1, 2)],
        ["timed_baseline", values(100, 200)],
        ["s_slow_calls_over_baseline", values(5, 9)],
        ["s_slow_calls_under_baseline", values(95, 0)],
      ]),
    );
    expect(past).toEqual({ errors: { total: 300, bad: 3 }, "slow-calls": { total: 100, bad: 5 } });
    expect(pastOf(gauges, new Map())).toEqual({});
  });
});
