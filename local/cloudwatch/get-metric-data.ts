/** GetMetricData: queries answered with paging, as the API model says. */
import { AwsError, type Json } from "../account.ts";
import { checkQuery, type QueryResult, runQueries } from "./query.ts";
import { MINUTE_MS, type SeriesStore } from "./series.ts";
import type { SpoiledReads } from "./spoiled.ts";

export const MAX_QUERIES = 500;
export const MAX_DATAPOINTS = 100_800;

type Point = { at: number; value: number };
type Page = { from: number; to: number; total: number };
type Row = QueryResult & { points: readonly Point[] };

/** The API rounds a start within the last 15 days down to the whole minute. */
const floorMinute = (seconds: Json): number => Math.floor((Number(seconds) * 1000) / MINUTE_MS) * MINUTE_MS;
const ceilMinute = (seconds: Json): number => Math.ceil((Number(seconds) * 1000) / MINUTE_MS) * MINUTE_MS;

/** Throws ValidationError unless start lies before end. */
export const windowOf = (input: Json, now: number): { fromAt: number; untilAt: number; now: number } => {
  const window = { fromAt: floorMinute(input.StartTime), untilAt: ceilMinute(input.EndTime), now };
  if (!(Number(input.StartTime) < Number(input.EndTime)))
    throw new AwsError("ValidationError", "The parameter EndTime must be greater than StartTime.");
  return window;
};

const offsetOf = (token: Json): number => {
  if (token === undefined) return 0;
  const offset = Number(Buffer.from(String(token), "base64url").toString());
  if (!Number.isInteger(offset) || offset < 0)
    throw new AwsError("InvalidNextToken", "The next token specified is invalid.");
  return offset;
};

const tokenOf = (offset: number): string => Buffer.from(String(offset)).toString("base64url");

/** Whether a row has its place on the page [from, to) of `total` points; an empty one stands where its points would. */
const isOnPage = (row: Row, start: number, page: Page): boolean => {
  if (row.points.length === 0) return page.from <= start && (start < page.to || page.to >= page.total);
  return start + row.points.length > page.from && start < page.to;
};

/** Cuts a page out of all points laid end to end. A row cut short is PartialData, and the rest follows with the token. */
const pageOf = (rows: readonly Row[], page: Page): Json[] => {
  let before = 0;
  return rows.flatMap((row) => {
    const start = before;
    before += row.points.length;
    if (!isOnPage(row, start, page)) return [];
    const points = row.points.slice(Math.max(0, page.from - start), Math.max(0, page.to - start));
    return [
      {
        Id: row.id,
        Label: row.label,
        Timestamps: points.map(({ at }) => at / 1000),
        Values: points.map(({ value }) => value),
        StatusCode: row.status === "Complete" && before > page.to ? "PartialData" : row.status,
        ...(row.status === "Forbidden" && {
          Messages: [{ Code: "Forbidden", Value: "You do not have permission to read this metric." }],
        }),
      },
    ];
  });
};

export const getMetricData = (store: SeriesStore, spoiled: SpoiledReads, input: Json, now: number): Json => {
  const queries: Json[] = input.MetricDataQueries ?? [];
  if (queries.length === 0 || queries.length > MAX_QUERIES)
    throw new AwsError("ValidationError", `MetricDataQueries must hold 1 to ${MAX_QUERIES} queries.`);
  for (const query of queries) checkQuery(query);
  const isDescending = (input.ScanBy ?? "TimestampDescending") === "TimestampDescending";
  const rows = runQueries(store, spoiled, queries, windowOf(input, now))
    .filter((result) => result.returnsData)
    .map((result) => {
      const points = [...result.series].map(([at, value]) => ({ at, value })).sort((a, b) => a.at - b.at);
      return { ...result, points: isDescending ? points.reverse() : points };
    });
  const limit = Math.min(Number(input.MaxDatapoints ?? MAX_DATAPOINTS), MAX_DATAPOINTS);
  const from = offsetOf(input.NextToken);
  const total = rows.reduce((sum, row) => sum + row.points.length, 0);
  const page = { from, to: from + limit, total };
  return {
    MetricDataResults: pageOf(rows, page),
    Messages: [],
    ...(total > page.to && { NextToken: tokenOf(page.to) }),
  };
};
