/** EventBridge's pattern language, as far as the stack uses it, written from its documentation and not from the local account. */
import type { Json } from "./stack.ts";

const matchesOne = (rule: Json, value: Json): boolean => {
  if (typeof rule !== "object" || rule === null) return rule === value;
  if ("prefix" in rule) return typeof value === "string" && value.startsWith(rule.prefix);
  if ("anything-but" in rule)
    return value !== undefined && !listOf(rule["anything-but"]).some((not) => matchesOne(not, value));
  throw new Error(`a pattern this test cannot read: ${JSON.stringify(rule)}`);
};

const listOf = (value: Json): Json[] => (Array.isArray(value) ? value : [value]);

/** A pattern names fields; each must be there, and its value (or one of its values) must match one of the listed rules. */
export const matchesPattern = (pattern: Json, event: Json): boolean =>
  Object.entries(pattern).every(([field, rules]) =>
    Array.isArray(rules)
      ? listOf(event?.[field]).some((value) => rules.some((rule) => matchesOne(rule, value)))
      : matchesPattern(rules, event?.[field]),
  );
