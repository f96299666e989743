/** MetricDataQueries over a window: metrics read from the store, expressions evaluated over them. */
import { AwsError, type Json } from "../account.ts";
import { type Expression, parseExpression } from "./expression.ts";
import { evaluate, type MathValue, type TimeSeries } from "./math.ts";
import { MINUTE_MS, type SeriesKey, type SeriesStore } from "./series.ts";
import type { Spoiled, SpoiledReads } from "./spoiled.ts";
import { parseStatistic } from "./statistics.ts";

/** [fromAt, untilAt), both whole minutes; `now` decides what is visible. */
export type Window = { fromAt: number; untilAt: number; now: number };

export type QueryResult = {
  id: string;
  label: string;
  returnsData: boolean;
  /** Ascending. An expression may give several series, one result each. */
  series: TimeSeries;
  status: "Complete" | Spoiled;
};

const invalid = (message: string): AwsError => new AwsError("ValidationError", message);

export const dimensionsOf = (list: Json): Record<string, string> =>
  Object.fromEntries((list ?? []).map((one: Json) => [String(one.Name), String(one.Value)]));

export const seriesKeyOf = (metric: Json): SeriesKey => {
  if (!metric?.Namespace || !metric?.MetricName)
    throw invalid("The parameters Namespace and MetricName are required.");
  return {
    namespace: metric.Namespace,
    name: metric.MetricName,
    dimensions: dimensionsOf(metric.Dimensions),
  };
};

/** Throws InvalidParameterValue unless it is a positive multiple of 60 seconds. */
export const periodMsOf = (period: Json): number => {
  const seconds = Number(period);
  if (!Number.isInteger(seconds) || seconds <= 0 || seconds % 60 !== 0)
    throw new AwsError("ValidationError", "The parameter Period must be a multiple of 60.");
  return seconds * 1000;
};

/** One statistic of one metric, period by period from the window's start. */
export const readMetric = (
  store: SeriesStore,
  key: SeriesKey,
  statistic: string,
  periodMs: number,
  window: Window,
): TimeSeries => {
  const statisticOf = parseStatistic(statistic);
  const series = new Map<number, number>();
  for (let at = window.fromAt; at < window.untilAt; at += periodMs) {
    const sample = store.sample(key, at, Math.min(at + periodMs, window.untilAt), window.now);
    const value = sample && statisticOf(sample);
    if (value !== undefined && Number.isFinite(value)) series.set(at, value);
  }
  return series;
};

const RANK: Readonly<Record<QueryResult["status"], number>> = {
  Complete: 0,
  PartialData: 1,
  InternalError: 2,
  Forbidden: 3,
};

type Answer = { value: MathValue; status: QueryResult["status"] };

const newestHalfDropped = (series: TimeSeries): TimeSeries =>
  new Map([...series].slice(0, Math.floor(series.size / 2)));

const spoiledSeries = (series: TimeSeries, status: QueryResult["status"]): TimeSeries => {
  if (status === "Complete") return series;
  return status === "PartialData" ? newestHalfDropped(series) : new Map();
};

const idsOf = (expression: Expression): string[] => {
  switch (expression.kind) {
    case "id":
      return [expression.name];
    case "call":
      return expression.arguments.flatMap(idsOf);
    case "list":
      return expression.items.flatMap(idsOf);
    case "negate":
      return idsOf(expression.of);
    case "operation":
      return [...idsOf(expression.left), ...idsOf(expression.right)];
    default:
      return [];
  }
};

const instantsOf = (window: Window, periodMs: number): number[] => {
  const instants: number[] = [];
  for (let at = window.fromAt; at < window.untilAt; at += periodMs) instants.push(at);
  return instants;
};

const smallestPeriodMs = (queries: readonly Json[]): number =>
  Math.min(...queries.map((query) => periodMsOf(query.MetricStat?.Period ?? query.Period ?? 60)));

/** Throws ValidationError for a query that is not well formed. */
export const checkQuery = (query: Json): void => {
  if (!/^[a-z][A-Za-z0-9_]*$/.test(String(query.Id))) throw invalid(`Invalid id '${query.Id}'.`);
  if ((query.MetricStat === undefined) === (query.Expression === undefined))
    throw invalid(`Query '${query.Id}' needs exactly one of MetricStat and Expression.`);
};

/** Takes checked queries; throws ValidationError for unknown and doubled ids, cycles and what the queries themselves hold. */
export const runQueries = (
  store: SeriesStore,
  spoiled: SpoiledReads,
  queries: readonly Json[],
  window: Window,
): QueryResult[] => {
  const byId = new Map<string, Json>(queries.map((query) => [String(query.Id), query]));
  if (byId.size !== queries.length) throw invalid("The values for parameter Id must be unique.");
  const answers = new Map<string, Answer>();
  const underWay = new Set<string>();

  const readStat = (query: Json): Answer => {
    const stat = query.MetricStat;
    const key = seriesKeyOf(stat.Metric);
    const status = spoiled.statusOf(key) ?? "Complete";
    const series = readMetric(store, key, stat.Stat, periodMsOf(stat.Period), window);
    return { value: spoiledSeries(series, status), status };
  };

  const calculate = (query: Json): Answer => {
    const expression = parseExpression(String(query.Expression));
    const worst = idsOf(expression)
      .filter((id) => byId.has(id))
      .map((id) => answerOf(id).status)
      .sort((left, right) => RANK[right] - RANK[left])[0];
    const periodMs = smallestPeriodMs(queries);
    const value = evaluate(expression, {
      valueOf: (id) => answerOf(id).value,
      metrics: (prefix) =>
        queries
          .filter((other) => other.MetricStat !== undefined && String(other.Id).includes(prefix))
          .map((other) => answerOf(other.Id).value as TimeSeries),
      instants: instantsOf(window, periodMs),
      periodSeconds: periodMs / 1000,
    });
    return { value, status: worst ?? "Complete" };
  };

  const answerOf = (id: string): Answer => {
    const known = answers.get(id);
    if (known !== undefined) return known;
    const query = byId.get(id);
    if (query === undefined || underWay.has(id)) throw invalid(`Unknown or circular id '${id}'.`);
    underWay.add(id);
    const answer = query.MetricStat === undefined ? calculate(query) : readStat(query);
    answers.set(id, answer);
    return answer;
  };

  return queries.flatMap((query) => {
    const { value, status } = answerOf(query.Id);
    const all = seriesListOf(value, window);
    return all.map((series) => ({
      id: String(query.Id),
      label: String(query.Label ?? query.MetricStat?.Metric.MetricName ?? query.Id),
      returnsData: query.ReturnData !== false,
      series,
      status,
    }));
  });
};

const seriesListOf = (value: MathValue, window: Window): readonly TimeSeries[] => {
  if (value instanceof Map) return [value];
  if (Array.isArray(value)) return value;
  return [new Map([[Math.floor(window.untilAt / MINUTE_MS) * MINUTE_MS - MINUTE_MS, Number(value)]])];
};
