/**
 * The Condition block of an IAM statement: every operator and every key in it must hold; of a key's values, one must.
 * A key that the request does not have fails a positive operator and satisfies a negated one (IAM user guide, "Condition operators").
 */
import type { Json } from "../account.ts";
import { matches } from "../wildcard.ts";

type Test = (expected: string, actual: string) => boolean;

const ARN_PARTS = 6;

/** Part by part: a `*` in an ARN's account never reaches into its resource. */
const arnMatches: Test = (expected, actual) => {
  const split = (arn: string): string[] => {
    const parts = arn.split(":");
    return [...parts.slice(0, ARN_PARTS - 1), parts.slice(ARN_PARTS - 1).join(":")];
  };
  const actualParts = split(actual);
  return split(expected).every((part, index) => matches(part, actualParts[index] ?? ""));
};

const POSITIVE: Readonly<Record<string, Test>> = {
  StringEquals: (expected, actual) => expected === actual,
  StringEqualsIgnoreCase: (expected, actual) => expected.toLowerCase() === actual.toLowerCase(),
  StringLike: matches,
  ArnEquals: arnMatches,
  ArnLike: arnMatches,
  Bool: (expected, actual) => expected.toLowerCase() === actual.toLowerCase(),
  NumericEquals: (expected, actual) => Number(actual) === Number(expected),
  NumericLessThan: (expected, actual) => Number(actual) < Number(expected),
  NumericLessThanEquals: (expected, actual) => Number(actual) <= Number(expected),
  NumericGreaterThan: (expected, actual) => Number(actual) > Number(expected),
  NumericGreaterThanEquals: (expected, actual) => Number(actual) >= Number(expected),
};

const NEGATED: Readonly<Record<string, string>> = {
  StringNotEquals: "StringEquals",
  StringNotEqualsIgnoreCase: "StringEqualsIgnoreCase",
  StringNotLike: "StringLike",
  ArnNotEquals: "ArnEquals",
  ArnNotLike: "ArnLike",
  NumericNotEquals: "NumericEquals",
};

const baseOf = (operator: string): string =>
  operator.replace(/^For(AnyValue|AllValues):/, "").replace(/IfExists$/, "");

/** Whether the account can decide by this operator. */
export const isKnownOperator = (operator: string): boolean =>
  baseOf(operator) === "Null" || baseOf(operator) in POSITIVE || baseOf(operator) in NEGATED;

const texts = (value: Json): string[] => (Array.isArray(value) ? value : [value]).map(String);

const holds = (operator: string, expected: readonly string[], actual: string | undefined): boolean => {
  const base = baseOf(operator);
  if (base === "Null") return expected.includes(String(actual === undefined));
  const negated = NEGATED[base];
  if (actual === undefined)
    return negated !== undefined || operator.endsWith("IfExists") || operator.startsWith("ForAllValues:");
  const test = POSITIVE[negated ?? base];
  if (test === undefined) return false;
  return expected.some((one) => test(one, actual)) === (negated === undefined);
};

/** `context`: the request's condition keys; their names know no case. */
export const conditionsHold = (condition: Json, context: Readonly<Record<string, string>>): boolean => {
  const known = new Map(Object.entries(context).map(([key, value]) => [key.toLowerCase(), value]));
  return Object.entries(condition ?? {}).every(([operator, keys]) =>
    Object.entries(keys as Record<string, Json>).every(([key, expected]) =>
      holds(operator, texts(expected), known.get(key.toLowerCase())),
    ),
  );
};
