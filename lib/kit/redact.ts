/** Keeps secrets out of logs: by the name of a field, and by the look of a value. */

const SECRET_NAMES = /authorization|token|secret|signature|password|response_?url|webhook|^x-slack-/i;
const SECRET_VALUES = [
  /xox[a-z]-[A-Za-z0-9-]+/g,
  /https:\/\/hooks\.slack\.com\/\S+/g,
  /https%3A%2F%2Fhooks\.slack\.com[^\s&]*/gi,
  /\b(?:AKIA|ASIA)[A-Z0-9]{12,}\b/g,
  /\beyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+/g,
];
const HIDDEN = "[hidden]";
/** Deeper than any line we write; whatever lies below is hidden. */
const DEPTH_MAX = 8;

const redactText = (text: string): string =>
  SECRET_VALUES.reduce((clean, pattern) => clean.replace(pattern, HIDDEN), text);

const redactValue = (value: unknown, depth: number): unknown => {
  if (typeof value === "string") return redactText(value);
  if (value === null || typeof value !== "object") return value;
  if (depth >= DEPTH_MAX) return HIDDEN;
  if (Array.isArray(value)) return value.map((item) => redactValue(item, depth + 1));
  return Object.fromEntries(
    Object.entries(value).map(([name, field]) => [
      redactText(name),
      SECRET_NAMES.test(name) ? HIDDEN : redactValue(field, depth + 1),
    ]),
  );
};

/** A copy of log fields without anything that looks like a secret. */
export const redact = (fields: Readonly<Record<string, unknown>>): Record<string, unknown> =>
  redactValue(fields, 0) as Record<string, unknown>;
