/** The metric half of CloudWatch's API: PutMetricData, GetMetricData, GetMetricStatistics, ListMetrics. */
import { AwsError, type Json, type Operation } from "../account.ts";
import { getMetricData, windowOf } from "./get-metric-data.ts";
import { dimensionsOf, periodMsOf, readMetric, seriesKeyOf } from "./query.ts";
import type { SeriesKey, SeriesStore } from "./series.ts";
import type { SpoiledReads } from "./spoiled.ts";

export const MAX_DATUMS = 1000;
export const MAX_DIMENSIONS = 30;
const LIST_PAGE = 500;

type Parts = { store: SeriesStore; spoiled: SpoiledReads; now: () => number; delayMs: number };

const invalid = (message: string): AwsError => new AwsError("InvalidParameterValue", message);

const checkDatum = (datum: Json): void => {
  if (!datum.MetricName) throw new AwsError("MissingParameter", "The parameter MetricName is required.");
  if ((datum.Dimensions ?? []).length > MAX_DIMENSIONS)
    throw invalid(`At most ${MAX_DIMENSIONS} dimensions are allowed.`);
  const given = [datum.Value, datum.Values, datum.StatisticValues].filter((one) => one !== undefined).length;
  if (given !== 1) throw invalid("Give exactly one of Value, Values and StatisticValues.");
  const values: Json[] = datum.Values ?? (datum.Value === undefined ? [] : [datum.Value]);
  if (values.some((value) => typeof value !== "number" || !Number.isFinite(value)))
    throw invalid("Values must be finite numbers.");
  if (datum.Counts !== undefined && datum.Counts.length !== values.length)
    throw invalid("Counts and Values must be of the same length.");
};

const putDatum = (parts: Parts, namespace: string, datum: Json): void => {
  const now = parts.now();
  const at = datum.Timestamp === undefined ? now : Number(datum.Timestamp) * 1000;
  const visibleAt = Math.max(at, now) + parts.delayMs;
  const key = { namespace, name: datum.MetricName, dimensions: dimensionsOf(datum.Dimensions) };
  if (datum.StatisticValues !== undefined) {
    const { SampleCount: count, Sum: sum, Minimum: minimum, Maximum: maximum } = datum.StatisticValues;
    parts.store.add(key, { at, visibleAt, set: { count, sum, minimum, maximum } });
    return;
  }
  const values: number[] = datum.Values ?? [datum.Value];
  for (const [index, value] of values.entries())
    parts.store.add(key, { at, visibleAt, value, count: datum.Counts?.[index] ?? 1 });
};

const putMetricData = (parts: Parts, input: Json): Json => {
  const namespace = String(input.Namespace ?? "");
  if (namespace === "") throw new AwsError("MissingParameter", "The parameter Namespace is required.");
  if (namespace.startsWith("AWS/"))
    throw invalid("The value AWS/ for parameter Namespace is invalid: it is reserved for AWS services.");
  const data: Json[] = input.MetricData ?? [];
  if (data.length === 0 || data.length > MAX_DATUMS) throw invalid(`Give 1 to ${MAX_DATUMS} metrics.`);
  for (const datum of data) checkDatum(datum);
  for (const datum of data) putDatum(parts, namespace, datum);
  return {};
};

const FIELDS = ["SampleCount", "Average", "Sum", "Minimum", "Maximum"] as const;

const getMetricStatistics = (parts: Parts, input: Json): Json => {
  const key = seriesKeyOf(input);
  const window = windowOf(input, parts.now());
  const periodMs = periodMsOf(input.Period);
  const asked: string[] = [...(input.Statistics ?? []), ...(input.ExtendedStatistics ?? [])];
  if (asked.length === 0) throw new AwsError("MissingParameter", "Give Statistics or ExtendedStatistics.");
  const extended: string[] = input.ExtendedStatistics ?? [];
  if (extended.some((name) => !/^p\d/.test(name))) throw invalid("ExtendedStatistics must be p0.0 to p100.");
  const points = new Map<number, Json>();
  for (const name of asked) {
    for (const [at, value] of readMetric(parts.store, key, name, periodMs, window)) {
      const point = points.get(at) ?? { Timestamp: at / 1000, Unit: "None" };
      if (FIELDS.some((field) => field === name)) point[name] = value;
      else point.ExtendedStatistics = { ...point.ExtendedStatistics, [name]: value };
      points.set(at, point);
    }
  }
  return { Label: input.MetricName, Datapoints: [...points.values()] };
};

const isListed = (key: SeriesKey, input: Json): boolean =>
  (input.Namespace === undefined || key.namespace === input.Namespace) &&
  (input.MetricName === undefined || key.name === input.MetricName) &&
  (input.Dimensions ?? []).every((filter: Json) =>
    filter.Value === undefined
      ? key.dimensions[filter.Name] !== undefined
      : key.dimensions[filter.Name] === filter.Value,
  );

const listMetrics = (parts: Parts, input: Json): Json => {
  const from = Number(input.NextToken ?? 0);
  const found = parts.store.visible(parts.now()).filter((key) => isListed(key, input));
  return {
    Metrics: found.slice(from, from + LIST_PAGE).map((key) => ({
      Namespace: key.namespace,
      MetricName: key.name,
      Dimensions: Object.entries(key.dimensions).map(([Name, Value]) => ({ Name, Value })),
    })),
    ...(found.length > from + LIST_PAGE && { NextToken: String(from + LIST_PAGE) }),
  };
};

const onAll = (action: string) => () => [{ action, resource: "*" }];

export const metricOperations = (parts: Parts): Record<string, Operation> => ({
  PutMetricData: {
    needs: (input) => [
      {
        action: "cloudwatch:PutMetricData",
        resource: "*",
        context: { "cloudwatch:namespace": String(input.Namespace) },
      },
    ],
    run: (input) => putMetricData(parts, input),
  },
  GetMetricData: {
    needs: onAll("cloudwatch:GetMetricData"),
    run: (input) => getMetricData(parts.store, parts.spoiled, input, parts.now()),
  },
  GetMetricStatistics: {
    needs: onAll("cloudwatch:GetMetricStatistics"),
    run: (input) => getMetricStatistics(parts, input),
  },
  ListMetrics: { needs: onAll("cloudwatch:ListMetrics"), run: (input) => listMetrics(parts, input) },
});
