/** Questions to CloudWatch, and how their answers are found again. */
import type { FunctionShift } from "../deployment/fact.ts";

/** A statistic of one metric. `id` is unique within a read, and starts with a lower-case letter. */
export type Ask = {
  readonly id: string;
  readonly namespace: string;
  readonly metric: string;
  readonly dimensions: Readonly<Record<string, string>>;
  readonly stat: string;
};

/** Values by the question's id and by the start of their period. A period without a value is not there. */
export type Found = ReadonlyMap<string, ReadonlyMap<number, number>>;

export const SIDES = ["baseline", "canary"] as const;
export type Side = (typeof SIDES)[number];

export const versionOf = (shift: FunctionShift, side: Side): string =>
  side === "baseline" ? shift.from : shift.to;

/** Lambda's own metric, with all three dimensions: with one missing CloudWatch answers from another, mostly empty series. */
export const lambdaAsk = (
  id: string,
  shift: FunctionShift,
  version: string,
  metric: string,
  stat: string,
): Ask => ({
  id,
  namespace: "AWS/Lambda",
  metric,
  dimensions: {
    FunctionName: shift.name,
    Resource: `${shift.name}:${shift.alias}`,
    ExecutedVersion: version,
  },
  stat,
});

/** The value as a count; nothing there is zero calls. */
export const countAt = (found: Found, id: string, at: number): number =>
  Math.max(0, Math.round(found.get(id)?.get(at) ?? 0));

/** All values of one question, added up. */
export const sumOf = (found: Found, id: string): number =>
  Math.max(0, Math.round([...(found.get(id)?.values() ?? [])].reduce((sum, value) => sum + value, 0)));
