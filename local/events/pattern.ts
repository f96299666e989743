/** EventBridge event patterns: the whole language, matched against events. `pattern-check.ts` refuses malformed ones first. */
import { BlockList, isIPv4 } from "node:net";
import type { Json } from "../account.ts";

export const isObject = (value: Json): value is Record<string, Json> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const lower = (text: string): string => text.toLowerCase();

/** `*` stands for any run of characters; `\*` and `\\` for themselves. */
const wildcardMatches = (wildcard: string, value: string): boolean => {
  const source = wildcard.replace(/\\[*\\]|[\s\S]/g, (part) => {
    if (part === "*") return ".*";
    const character = part.length === 2 ? part.charAt(1) : part;
    return character.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
  });
  return new RegExp(`^${source}$`, "s").test(value);
};

export const COMPARE: Readonly<Record<string, (value: number, bound: number) => boolean>> = {
  "<": (value, bound) => value < bound,
  "<=": (value, bound) => value <= bound,
  "=": (value, bound) => value === bound,
  ">": (value, bound) => value > bound,
  ">=": (value, bound) => value >= bound,
};

export const pairsOf = (list: Json): [string, number][] => {
  const pairs: [string, number][] = [];
  for (let index = 0; index < list.length; index += 2) pairs.push([list[index], list[index + 1]]);
  return pairs;
};

const numericMatches = (list: Json, value: Json): boolean =>
  typeof value === "number" && pairsOf(list).every(([sign, bound]) => COMPARE[sign]?.(value, bound) ?? false);

const affixMatches = (
  affix: Json,
  value: string,
  test: (value: string, affix: string) => boolean,
): boolean => (isObject(affix) ? test(lower(value), lower(affix["equals-ignore-case"])) : test(value, affix));

const startsWith = (value: string, affix: string): boolean => value.startsWith(affix);
const endsWith = (value: string, affix: string): boolean => value.endsWith(affix);

const listOf = (value: Json): Json[] => (Array.isArray(value) ? value : [value]);

/** One text matcher, as it stands by itself or inside anything-but. */
const textMatches = (name: string, operand: Json, value: Json): boolean => {
  if (typeof value !== "string") return false;
  switch (name) {
    case "prefix":
      return affixMatches(operand, value, startsWith);
    case "suffix":
      return affixMatches(operand, value, endsWith);
    case "equals-ignore-case":
      return lower(value) === lower(operand);
    default:
      return wildcardMatches(operand, value);
  }
};

const anythingBut = (operand: Json, value: Json): boolean => {
  if (!isObject(operand)) return !listOf(operand).includes(value);
  const [name = "", texts] = Object.entries(operand)[0] ?? [];
  return !listOf(texts).some((text) => textMatches(name, text, value));
};

const cidrMatches = (block: string, value: Json): boolean => {
  if (typeof value !== "string") return false;
  const [address = "", bits] = block.split("/");
  const list = new BlockList();
  list.addSubnet(address, Number(bits), isIPv4(address) ? "ipv4" : "ipv6");
  return list.check(value, isIPv4(value) ? "ipv4" : "ipv6");
};

/** `value` is one leaf value; `exists` is settled before. */
const matcherMatches = (matcher: Json, value: Json): boolean => {
  if (!isObject(matcher)) return matcher === value;
  const [name = "", operand] = Object.entries(matcher)[0] ?? [];
  switch (name) {
    case "anything-but":
      return anythingBut(operand, value);
    case "numeric":
      return numericMatches(operand, value);
    case "cidr":
      return cidrMatches(operand, value);
    case "exists":
      return operand === true;
    default:
      return textMatches(name, operand, value);
  }
};

/** A field may hold a list: any of its values may match. An object is no leaf, so that it does not exist as one. */
const leafMatches = (matchers: readonly Json[], value: Json): boolean => {
  const values = (Array.isArray(value) ? value : [value]).filter(
    (one) => one !== undefined && !isObject(one),
  );
  if (values.length === 0) return matchers.some((matcher) => isObject(matcher) && matcher.exists === false);
  return values.some((one) => matchers.some((matcher) => matcherMatches(matcher, one)));
};

const fieldMatches = (pattern: Json, value: Json): boolean => {
  if (Array.isArray(pattern)) return leafMatches(pattern, value);
  if (Array.isArray(value)) return value.some((one) => matchesPattern(pattern, one));
  return matchesPattern(pattern, value);
};

/** Whether an event (as JSON) matches a checked pattern. */
export const matchesPattern = (pattern: Json, event: Json): boolean => {
  const { $or: alternatives, ...fields } = pattern;
  const holder = isObject(event) ? event : {};
  return (
    Object.entries(fields).every(([name, inner]) => fieldMatches(inner, holder[name])) &&
    (alternatives === undefined || alternatives.some((one: Json) => matchesPattern(one, event)))
  );
};
