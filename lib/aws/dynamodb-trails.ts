import { isoOf } from "../kit/time.ts";
import type { TrailState, Trails } from "../ports/trails.ts";
import { deploymentKey, INDEX, type Item, openWork, queryAll, type Table, text, textOf } from "./table.ts";

const MONTH_LENGTH = "2026-01".length;

const stateOf = (item: Item): TrailState => ({
  deployment: textOf(item, "pk").slice(deploymentKey("").length),
  requested: textOf(item, "requestedAt"),
  lines: Number(item.seq?.N ?? 0),
});

/** Every month that the span touches, oldest first. */
const monthsFrom = (since: number, until: number): string[] => {
  const months: string[] = [];
  const first = new Date(since);
  for (let index = 0; ; index += 1) {
    const month = new Date(Date.UTC(first.getUTCFullYear(), first.getUTCMonth() + index, 1));
    if (month.getTime() > until) return months;
    months.push(month.toISOString().slice(0, MONTH_LENGTH));
  }
};

export const dynamodbTrails = (table: Table, now: () => number): Trails => ({
  since: async (at) => {
    const found = new Map<string, TrailState>();
    const add = (items: readonly Item[]): void => {
      for (const item of items) found.set(textOf(item, "pk"), stateOf(item));
    };
    for (const month of monthsFrom(at, now()))
      add(
        await queryAll(table, {
          IndexName: INDEX.month,
          KeyConditionExpression: "#month = :month AND requestedAt >= :since",
          ExpressionAttributeNames: { "#month": "month" },
          ExpressionAttributeValues: { ":month": text(month), ":since": text(isoOf(at)) },
        }),
      );
    add(await openWork(table, "DEPLOYMENT"));
    return [...found.values()];
  },
});
