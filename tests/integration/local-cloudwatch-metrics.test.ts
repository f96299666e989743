import fc from "fast-check";
import { expect, test } from "vitest";
import type { Json } from "../../local/account.ts";
import { parseStatistic } from "../../local/cloudwatch/statistics.ts";
import { createSmallAccount, type SmallAccount, START_AT } from "../support/small-account.ts";

const MINUTE_MS = 60_000;
const NAMES = { FunctionName: "orders", Resource: "orders:live", ExecutedVersion: "2" };
const DIMENSIONS = Object.entries(NAMES).map(([Name, Value]) => ({ Name, Value }));
const SERIES = { namespace: "AWS/Lambda", name: "Duration", dimensions: NAMES };

const query = (Id: string, Stat: string, MetricName = "Duration", Period = 60): Json => ({
  Id,
  MetricStat: { Metric: { Namespace: "AWS/Lambda", MetricName, Dimensions: DIMENSIONS }, Period, Stat },
});

const read = (account: SmallAccount, MetricDataQueries: Json[], more: Json = {}): Promise<Json> =>
  account.call("cloudwatch", "GetMetricData", {
    MetricDataQueries,
    StartTime: START_AT / 1000,
    EndTime: START_AT / 1000 + 600,
    ScanBy: "TimestampAscending",
    ...more,
  });

const observe = (
  account: SmallAccount,
  minute: number,
  values: readonly number[],
  name = "Duration",
): void => {
  for (const value of values)
    account.cloudwatch.record({ ...SERIES, name }, START_AT + minute * MINUTE_MS, value);
};

/** Ten minutes after the start, with metrics visible at once. */
const lateAccount = async (): Promise<SmallAccount> => {
  const account = createSmallAccount({ metricDelayMs: 0 });
  await account.pass(10 * MINUTE_MS);
  return account;
};

const sampleOf = (values: readonly number[]) => {
  const counts = new Map<number, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return { counts, sets: [] };
};

const VALUES = fc.array(
  fc.integer({ min: 0, max: 400 }).map((value) => value / 4),
  { minLength: 1, maxLength: 60 },
);
const PERCENT = fc.integer({ min: 1, max: 99 });
const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

test("a percentile is the value at its nearest rank, as a naive sort gives it", () => {
  fc.assert(
    fc.property(VALUES, PERCENT, (values, percent) => {
      const sorted = values.toSorted((left, right) => left - right);
      const naive = sorted[Math.ceil((percent * values.length) / 100) - 1];
      expect(parseStatistic(`p${percent}`)(sampleOf(values))).toBe(naive);
    }),
  );
});

test("TC, TS, TM and PR count what lies above the lower and not above the upper bound", () => {
  fc.assert(
    fc.property(VALUES, fc.nat(50), fc.integer({ min: 51, max: 100 }), (values, from, to) => {
      const kept = values.filter((value) => value > from && value <= to);
      const of = (text: string) => parseStatistic(text)(sampleOf(values));
      expect(of(`TC(${from}:${to})`)).toBe(kept.length);
      expect(of(`TS(${from}:${to})`)).toBeCloseTo(sum(kept), 9);
      expect(of(`PR(${from}:${to})`)).toBeCloseTo((100 * kept.length) / values.length, 9);
      if (kept.length === 0) expect(of(`TM(${from}:${to})`)).toBeUndefined();
      else expect(of(`TM(${from}:${to})`)).toBeCloseTo(sum(kept) / kept.length, 9);
    }),
  );
});

test("bins that cover everything add up to the sample count", () => {
  fc.assert(
    fc.property(VALUES, (values) => {
      const of = (text: string) => parseStatistic(text)(sampleOf(values)) ?? Number.NaN;
      expect(of("TC(:20)") + of("TC(20:60)") + of("TC(60:)")).toBe(of("SampleCount"));
    }),
  );
});

test("trimmed and winsorized forms cut by rank", () => {
  fc.assert(
    fc.property(
      VALUES,
      fc.integer({ min: 0, max: 40 }),
      fc.integer({ min: 60, max: 100 }),
      (values, from, to) => {
        const sorted = values.toSorted((left, right) => left - right);
        const rank = (percent: number) => Math.ceil((percent * values.length) / 100);
        const kept = sorted.slice(rank(from), rank(to));
        fc.pre(kept.length > 0);
        const of = (text: string) => parseStatistic(text)(sampleOf(values));
        expect(of(`TM(${from}%:${to}%)`)).toBeCloseTo(sum(kept) / kept.length, 9);
        expect(of(`TC(${from}%:${to}%)`)).toBe(kept.length);
        const [least = 0, most = 0] = [kept[0], kept.at(-1)];
        const clamped = sorted.map((value) => Math.min(Math.max(value, least), most));
        expect(of(`WM(${from}%:${to}%)`)).toBeCloseTo(sum(clamped) / clamped.length, 9);
        expect(of(`tm${to === 100 ? 99 : to}`)).toBe(of(`TM(:${to === 100 ? 99 : to}%)`));
      },
    ),
  );
});

test("the simple statistics and the interquartile mean", () => {
  const sample = sampleOf([1, 2, 3, 4, 5, 6, 7, 8]);
  const all = ["SampleCount", "Sum", "Average", "Minimum", "Maximum", "IQM", "p99.9", "p100"];
  expect(all.map((name) => parseStatistic(name)(sample))).toEqual([8, 36, 4.5, 1, 8, 4.5, 8, 8]);
});

test.each(["p101", "sum", "TC(5:1)", "TC(:)", "PR(10%:90%)", "TM(10%:90)", "TC(%:%)", ""])(
  "the statistic '%s' is refused",
  (text) => {
    expect(() => parseStatistic(text)).toThrow("not supported");
  },
);

test("statistic sets give sums, but percentiles only where they hide no value", () => {
  const set = (minimum: number, maximum: number) => ({
    counts: new Map([[5, 1]]),
    sets: [{ count: 3, sum: 9, minimum, maximum }],
  });
  expect(parseStatistic("Sum")(set(1, 5))).toBe(14);
  expect(parseStatistic("p50")(set(1, 5))).toBeUndefined();
  expect(parseStatistic("p50")(set(3, 3))).toBe(3);
});

test("an observation is visible only after the metric delay, at the minute it was made", async () => {
  const account = createSmallAccount();
  await account.pass(30_000);
  observe(account, 0, [10, 20]);
  const values = async () => (await read(account, [query("d", "Sum")])).MetricDataResults[0];
  await account.pass(44_999);
  expect((await values()).Values).toEqual([]);
  expect((await account.call("cloudwatch", "ListMetrics")).Metrics).toEqual([]);
  await account.pass(1);
  expect(await values()).toMatchObject({
    Values: [30],
    Timestamps: [START_AT / 1000],
    StatusCode: "Complete",
  });
  expect((await account.call("cloudwatch", "ListMetrics", { Namespace: "AWS/Lambda" })).Metrics).toEqual([
    { Namespace: "AWS/Lambda", MetricName: "Duration", Dimensions: DIMENSIONS },
  ]);
});

test("a late observation changes a minute that was already read", async () => {
  const account = await lateAccount();
  observe(account, 0, [10]);
  const count = async () => (await read(account, [query("d", "SampleCount")])).MetricDataResults[0].Values;
  expect(await count()).toEqual([1]);
  await account.pass(5 * MINUTE_MS);
  observe(account, 0, [900]);
  expect(await count()).toEqual([2]);
});

test("a longer period gathers its minutes into one exact percentile, and EndTime is exclusive", async () => {
  const account = await lateAccount();
  for (let minute = 0; minute < 4; minute += 1) observe(account, minute, [minute * 10, minute * 10 + 1]);
  const { MetricDataResults } = await read(account, [query("d", "p50", "Duration", 120)], {
    EndTime: START_AT / 1000 + 180,
  });
  expect(MetricDataResults[0].Values).toEqual([1, 20]);
});

test("a series with a dimension less is another series, and empty", async () => {
  const account = await lateAccount();
  observe(account, 0, [1]);
  const less = query("d", "Sum");
  less.MetricStat.Metric.Dimensions = DIMENSIONS.slice(0, 2);
  expect((await read(account, [less])).MetricDataResults[0]).toMatchObject({
    Values: [],
    StatusCode: "Complete",
  });
});

test("pages follow one another until every datapoint was given once", async () => {
  const account = await lateAccount();
  for (let minute = 0; minute < 5; minute += 1) observe(account, minute, [minute]);
  const queries = [query("a", "Sum"), query("b", "Maximum"), query("c", "Sum", "Errors")];
  const got: Record<string, number[]> = {};
  let token: string | undefined;
  let pages = 0;
  do {
    const answer: Json = await read(account, queries, { MaxDatapoints: 3, NextToken: token });
    for (const { Id, Values } of answer.MetricDataResults) got[Id] = [...(got[Id] ?? []), ...Values];
    token = answer.NextToken;
    pages += 1;
  } while (token !== undefined);
  expect(pages).toBe(4);
  expect(got).toEqual({ a: [0, 1, 2, 3, 4], b: [0, 1, 2, 3, 4], c: [] });
});

test("by default the newest datapoint comes first, and one cut short is PartialData", async () => {
  const account = await lateAccount();
  for (let minute = 0; minute < 3; minute += 1) observe(account, minute, [minute]);
  const answer = await read(account, [query("a", "Sum")], { ScanBy: undefined, MaxDatapoints: 2 });
  expect(answer.MetricDataResults[0]).toMatchObject({ Values: [2, 1], StatusCode: "PartialData" });
});

test.each([
  ["FILL(e, 0)", [0, 5, 0]],
  ["100 * FILL(e, 0) / i", [0, 50, 0]],
  ["e / i", [0.5]],
  ["IF(i > 9, 1, 0)", [1, 1, 0]],
  ["IF(e > 3, e)", [5]],
  ["SUM([e, i])", [10, 15, 8]],
  ["AVG(METRICS())", [10, 7.5, 8]],
  ["MAX([i]) - MIN([i])", [2]],
  ["-i + 2 * (1 + 2) ^ 2", [8, 8, 10]],
  ["i >= 10 AND i < 11", [1, 1, 0]],
  ["FILL(e, REPEAT)", [5, 5]],
  ["CEIL(i / 3)", [4, 4, 3]],
  ["PERIOD(i)", [60]],
  ["TIME_SERIES(3) - i", [-7, -7, -5]],
  ["ABS(e - 6) + FLOOR(e / 2)", [3]],
  ["IF(i != 10 OR FILL(e, 0) == 5, i, -1)", [-1, 10, 8]],
  ["FILL(e, i)", [10, 5, 8]],
  ["i / 0", []],
  ["SUM([e]) / SUM([i]) * TIME_SERIES(100)", [500 / 28, 500 / 28, 500 / 28]],
])("the expression %s gives %j", async (Expression, expected) => {
  const account = await lateAccount();
  observe(account, 0, [10], "Invocations");
  observe(account, 1, [10], "Invocations");
  observe(account, 1, [5], "Errors");
  observe(account, 2, [8], "Invocations");
  const inputs = [query("e", "Sum", "Errors"), query("i", "Sum", "Invocations")];
  for (const input of inputs) input.ReturnData = false;
  const { MetricDataResults } = await read(account, [...inputs, { Id: "x", Expression }], {
    EndTime: START_AT / 1000 + 180,
  });
  expect(MetricDataResults).toHaveLength(1);
  expect(MetricDataResults[0].Values).toEqual(expected);
});

test.each([
  ["an unknown id", [{ Id: "x", Expression: "y + 1" }]],
  [
    "a circle",
    [
      { Id: "x", Expression: "y" },
      { Id: "y", Expression: "x" },
    ],
  ],
  ["an unknown function", [query("m", "Sum"), { Id: "x", Expression: "GUESS(m)" }]],
  ["an open bracket", [query("m", "Sum"), { Id: "x", Expression: "(m" }]],
  ["a text in arithmetic", [query("m", "Sum"), { Id: "x", Expression: 'm + "a"' }]],
  ["a list of numbers", [query("m", "Sum"), { Id: "x", Expression: "SUM([m, 2])" }]],
  ["FILL of a number", [query("m", "Sum"), { Id: "x", Expression: "FILL(2, 0)" }]],
  ["IF over a list", [query("m", "Sum"), { Id: "x", Expression: "IF([m], 1, 0)" }]],
  ["neither metric nor expression", [{ Id: "x" }]],
  ["something behind the expression", [query("m", "Sum"), { Id: "x", Expression: "m m" }]],
  ["an expression that is too long", [query("m", "Sum"), { Id: "x", Expression: `m${" + 1".repeat(600)}` }]],
  ["a stray sign", [query("m", "Sum"), { Id: "x", Expression: "m ; m" }]],
  ["two equal ids", [query("m", "Sum"), query("m", "Sum")]],
  ["an id in capitals", [query("M", "Sum")]],
  ["a period of half a minute", [query("m", "Sum", "Duration", 30)]],
  ["no query", []],
])("a request with %s is refused", async (_what, MetricDataQueries) => {
  const account = createSmallAccount();
  const input = { MetricDataQueries, StartTime: 0, EndTime: 60 };
  expect(await account.refused("cloudwatch", "GetMetricData", input)).toBe("ValidationError");
});

test("spoiled series say so, their expressions too, and others are left alone", async () => {
  const account = await lateAccount();
  for (const minute of [0, 1, 2, 3]) observe(account, minute, [minute]);
  observe(account, 0, [1], "Errors");
  const queries = [query("d", "Sum"), query("e", "Sum", "Errors"), { Id: "x", Expression: "d * 2" }];
  const statuses = async () =>
    (await read(account, queries)).MetricDataResults.map((row: Json) => [row.StatusCode, row.Values.length]);
  for (const [status, left] of [
    ["PartialData", 2],
    ["InternalError", 0],
    ["Forbidden", 0],
  ] as const) {
    account.cloudwatch.spoil([{ status, name: "Duration", dimensions: { ExecutedVersion: "2" } }]);
    expect(await statuses()).toEqual([
      [status, left],
      ["Complete", 1],
      [status, left],
    ]);
  }
  account.cloudwatch.spoil([]);
  expect(await statuses()).toEqual([
    ["Complete", 4],
    ["Complete", 1],
    ["Complete", 4],
  ]);
});

test("custom metrics are kept with their counts, and AWS namespaces are refused", async () => {
  const account = await lateAccount();
  const put = (Namespace: string, datum: Json) => ({
    Namespace,
    MetricData: [{ MetricName: "Size", ...datum }],
  });
  const Timestamp = START_AT / 1000;
  await account.call(
    "cloudwatch",
    "PutMetricData",
    put("Mine", { Values: [1, 5], Counts: [3, 1], Timestamp }),
  );
  const StatisticValues = { SampleCount: 2, Sum: 10, Minimum: 4, Maximum: 6 };
  await account.call("cloudwatch", "PutMetricData", put("Mine", { StatisticValues, Timestamp }));
  const { Datapoints } = await account.call("cloudwatch", "GetMetricStatistics", {
    Namespace: "Mine",
    MetricName: "Size",
    StartTime: Timestamp,
    EndTime: Timestamp + 60,
    Period: 60,
    Statistics: ["Sum", "SampleCount", "Maximum"],
  });
  expect(Datapoints).toEqual([{ Timestamp, Unit: "None", Sum: 18, SampleCount: 6, Maximum: 6 }]);
  expect(await account.refused("cloudwatch", "PutMetricData", put("AWS/Lambda", { Value: 1 }))).toBe(
    "InvalidParameterValue",
  );
  expect(await account.refused("cloudwatch", "PutMetricData", put("Mine", {}))).toBe("InvalidParameterValue");
  expect(
    await account.refused("cloudwatch", "PutMetricData", put("Mine", { Values: [1], Counts: [1, 2] })),
  ).toBe("InvalidParameterValue");
});

test("a dashboard is kept as it was put, from the API and from CloudFormation", async () => {
  const account = createSmallAccount();
  const body = { widgets: [{ type: "text", properties: { markdown: "hi" } }] };
  const { ref } = await account.make("AWS::CloudWatch::Dashboard", {
    DashboardName: "board",
    DashboardBody: body,
  });
  const DashboardBody = (await account.call("cloudwatch", "GetDashboard", { DashboardName: ref }))
    .DashboardBody;
  expect(JSON.parse(DashboardBody)).toEqual(body);
  await account.call("cloudwatch", "PutDashboard", { DashboardName: "other", DashboardBody });
  const { DashboardEntries } = await account.call("cloudwatch", "ListDashboards", {
    DashboardNamePrefix: "o",
  });
  expect(DashboardEntries).toMatchObject([{ DashboardName: "other", Size: DashboardBody.length }]);
  await account.call("cloudwatch", "DeleteDashboards", { DashboardNames: ["board"] });
  expect(await account.refused("cloudwatch", "GetDashboard", { DashboardName: "board" })).toBe(
    "ResourceNotFound",
  );
  const bad = { DashboardName: "bad", DashboardBody: "{}" };
  expect(await account.refused("cloudwatch", "PutDashboard", bad)).toBe("InvalidParameterInput");
});
