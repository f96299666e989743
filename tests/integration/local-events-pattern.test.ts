import fc from "fast-check";
import { expect, test } from "vitest";
import type { Json } from "../../local/account.ts";
import { matchesPattern } from "../../local/events/pattern.ts";
import { parsePattern } from "../../local/events/pattern-check.ts";

const EVENT = {
  source: "aws.codedeploy",
  "detail-type": "CodeDeploy Deployment State-change Notification",
  resources: [
    "arn:aws:codedeploy:eu-west-1:1:application:shop",
    "arn:aws:codedeploy:eu-west-1:1:deploymentgroup:shop/live",
  ],
  detail: {
    state: "START",
    count: 5,
    ratio: 0.5,
    isGood: true,
    nothing: null,
    empty: "",
    ip: "10.0.0.7",
    nested: { deep: { name: "Orders" } },
    list: [
      { id: "a", size: 1 },
      { id: "b", size: 2 },
    ],
  },
};

const matches = (pattern: Json, event: Json = EVENT): boolean =>
  matchesPattern(parsePattern(JSON.stringify(pattern)), event);
const detail = (inner: Json): boolean => matches({ detail: inner });

test.each<[Json, boolean]>([
  [{ state: ["START", "STOP"] }, true],
  [{ state: ["STOP"] }, false],
  [{ state: ["START"], count: [5] }, true],
  [{ state: ["START"], count: [6] }, false],
  [{ isGood: [true] }, true],
  [{ isGood: ["true"] }, false],
  [{ nothing: [null] }, true],
  [{ empty: [""] }, true],
  [{ nested: { deep: { name: ["Orders"] } } }, true],
  [{ list: { id: ["b"] } }, true],
  [{ list: { id: ["c"] } }, false],
  [{ state: [{ prefix: "ST" }] }, true],
  [{ state: [{ prefix: "st" }] }, false],
  [{ state: [{ prefix: { "equals-ignore-case": "st" } }] }, true],
  [{ state: [{ suffix: "RT" }] }, true],
  [{ state: [{ suffix: { "equals-ignore-case": "rt" } }] }, true],
  [{ state: [{ "equals-ignore-case": "start" }] }, true],
  [{ state: [{ wildcard: "S*R*" }] }, true],
  [{ state: [{ wildcard: "S*P" }] }, false],
  [{ count: [{ prefix: "5" }] }, false],
  [{ state: [{ "anything-but": "STOP" }] }, true],
  [{ state: [{ "anything-but": ["STOP", "START"] }] }, false],
  [{ count: [{ "anything-but": [5, 6] }] }, false],
  [{ state: [{ "anything-but": { prefix: "ST" } }] }, false],
  [{ state: [{ "anything-but": { prefix: ["A", "B"] } }] }, true],
  [{ state: [{ "anything-but": { suffix: "OP" } }] }, true],
  [{ state: [{ "anything-but": { "equals-ignore-case": ["start"] } }] }, false],
  [{ state: [{ "anything-but": { wildcard: "*A*" } }] }, false],
  [{ gone: [{ "anything-but": "x" }] }, false],
  [{ count: [{ numeric: [">", 0, "<=", 5] }] }, true],
  [{ count: [{ numeric: ["<", 5] }] }, false],
  [{ ratio: [{ numeric: ["=", 0.5] }] }, true],
  [{ state: [{ numeric: [">", 0] }] }, false],
  [{ state: [{ exists: true }] }, true],
  [{ state: [{ exists: false }] }, false],
  [{ gone: [{ exists: false }] }, true],
  [{ gone: { deeper: [{ exists: false }] } }, true],
  [{ nested: [{ exists: true }] }, false],
  [{ gone: ["x", { exists: false }] }, true],
  [{ ip: [{ cidr: "10.0.0.0/24" }] }, true],
  [{ ip: [{ cidr: "10.0.1.0/24" }] }, false],
  [{ $or: [{ state: ["STOP"] }, { count: [5] }] }, true],
  [{ $or: [{ state: ["STOP"] }, { count: [6] }] }, false],
  [{ state: ["STOP"], $or: [{ count: [5] }, { count: [6] }] }, false],
])("detail %j: %s", (pattern, expected) => {
  expect(detail(pattern)).toBe(expected);
});

test("any element of a list field may match", () => {
  expect(matches({ resources: [{ suffix: "shop/live" }] })).toBe(true);
  expect(matches({ resources: [{ prefix: "arn:aws:lambda" }] })).toBe(false);
  expect(
    matches({ source: ["aws.codedeploy"], "detail-type": [{ wildcard: "CodeDeploy*Notification" }] }),
  ).toBe(true);
});

test("an escaped asterisk stands for itself", () => {
  expect(matches({ x: [{ wildcard: "a\\*b" }] }, { x: "a*b" })).toBe(true);
  expect(matches({ x: [{ wildcard: "a\\*b" }] }, { x: "aXb" })).toBe(false);
  expect(matches({ x: [{ wildcard: "a.b" }] }, { x: "aXb" })).toBe(false);
});

test.each([
  "[]",
  "{}",
  "{",
  '{"source":"aws.s3"}',
  '{"source":[]}',
  '{"source":[["a"]]}',
  '{"source":[{"like":"a"}]}',
  '{"source":[{"prefix":"a","suffix":"b"}]}',
  '{"source":[{"prefix":5}]}',
  '{"source":[{"wildcard":"a**b"}]}',
  '{"source":[{"numeric":[">"]}]}',
  '{"source":[{"numeric":["~",1]}]}',
  '{"source":[{"exists":"yes"}]}',
  '{"source":[{"anything-but":[]}]}',
  '{"source":[{"anything-but":{"numeric":["=",1]}}]}',
  '{"source":[{"cidr":"here"}]}',
  '{"detail":{}}',
  '{"$or":[{"a":[1]}]}',
  `{"source":["${"x".repeat(4096)}"]}`,
])("the pattern %s is refused", (text) => {
  expect(() => parsePattern(text)).toThrow("Event pattern is not valid");
});

const SCALAR = fc.oneof(fc.string({ maxLength: 5 }), fc.integer(), fc.boolean(), fc.constant(null));
const LEAVES = fc.dictionary(fc.stringMatching(/^[a-z]{1,3}$/), SCALAR, { minKeys: 1, maxKeys: 4 });

test("the pattern made of an event's own values matches it, and stops matching once one value is another", () => {
  fc.assert(
    fc.property(LEAVES, fc.nat(), (event, pick) => {
      const pattern = Object.fromEntries(Object.entries(event).map(([key, value]) => [key, [value]]));
      expect(matches(pattern, event)).toBe(true);
      const key = Object.keys(event)[pick % Object.keys(event).length] ?? "";
      expect(matches(pattern, { ...event, [key]: "another value" })).toBe(false);
    }),
  );
});

test("anything-but is the opposite of the same values, for every value that is there", () => {
  fc.assert(
    fc.property(fc.string(), fc.array(fc.string(), { minLength: 1, maxLength: 4 }), (value, values) => {
      const plain = matches({ x: values }, { x: value });
      expect(matches({ x: [{ "anything-but": values }] }, { x: value })).toBe(!plain);
    }),
  );
});

test("prefix, suffix and wildcard agree with the string methods", () => {
  const text = fc.string({
    minLength: 1,
    maxLength: 4,
    unit: fc.constantFrom("a", "b", ".", "*", "\\", "$"),
  });
  fc.assert(
    fc.property(text, text, (value, affix) => {
      expect(matches({ x: [{ prefix: affix }] }, { x: value })).toBe(value.startsWith(affix));
      expect(matches({ x: [{ suffix: affix }] }, { x: value })).toBe(value.endsWith(affix));
      const escaped = affix.replace(/[*\\]/g, "\\$&");
      expect(matches({ x: [{ wildcard: `*${escaped}*` }] }, { x: value })).toBe(value.includes(affix));
    }),
  );
});

test("numeric ranges agree with comparison", () => {
  fc.assert(
    fc.property(fc.integer(), fc.integer(), fc.integer(), (value, from, to) => {
      const expected = value > from && value <= to;
      expect(matches({ x: [{ numeric: [">", from, "<=", to] }] }, { x: value })).toBe(expected);
    }),
  );
});
