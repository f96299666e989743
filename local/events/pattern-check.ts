/** Checks event patterns when they are given, as PutRule does. */
import { AwsError, type Json } from "../account.ts";
import { COMPARE, isObject, pairsOf } from "./pattern.ts";

export const MAX_PATTERN_LENGTH = 4096;

const invalid = (reason: string): AwsError =>
  new AwsError("InvalidEventPatternException", `Event pattern is not valid. Reason: ${reason}`);

const isText = (value: Json): boolean => typeof value === "string";
const isScalar = (value: Json): boolean => isText(value) || typeof value === "number";
const isAffix = (value: Json): boolean =>
  (isText(value) && value !== "") || (isObject(value) && isText(value["equals-ignore-case"]));
const isWildcard = (value: Json): boolean => isText(value) && !/(?<!\\)\*\*/.test(value);
const isTextList = (value: Json, test: (one: Json) => boolean): boolean =>
  Array.isArray(value) ? value.length > 0 && value.every(test) : test(value);

const isNumericRange = (list: Json): boolean =>
  Array.isArray(list) &&
  (list.length === 2 || list.length === 4) &&
  pairsOf(list).every(([sign, bound]) => COMPARE[sign] !== undefined && typeof bound === "number");

const isAnythingBut = (operand: Json): boolean => {
  if (!isObject(operand)) return isTextList(operand, isScalar);
  const [name = "", inner] = Object.entries(operand)[0] ?? [];
  const tests: Readonly<Record<string, (value: Json) => boolean>> = {
    prefix: isAffix,
    suffix: isAffix,
    "equals-ignore-case": isText,
    wildcard: isWildcard,
  };
  const test = tests[name];
  return Object.keys(operand).length === 1 && test !== undefined && isTextList(inner, test);
};

const isCidr = (value: Json): boolean => isText(value) && /^[0-9a-fA-F.:]+\/\d{1,3}$/.test(value);

const OPERANDS: Readonly<Record<string, (operand: Json) => boolean>> = {
  prefix: isAffix,
  suffix: isAffix,
  "equals-ignore-case": isText,
  wildcard: isWildcard,
  "anything-but": isAnythingBut,
  numeric: isNumericRange,
  exists: (operand) => typeof operand === "boolean",
  cidr: isCidr,
};

const checkMatcher = (matcher: Json): void => {
  if (!isObject(matcher)) {
    if (Array.isArray(matcher)) throw invalid("Match value must be String, number, true, false, or null");
    return;
  }
  const [name = "", operand] = Object.entries(matcher)[0] ?? [];
  const test = OPERANDS[name];
  if (test === undefined) throw invalid(`Unrecognized match type ${name}`);
  if (Object.keys(matcher).length !== 1) throw invalid("Only one key allowed in match expression");
  if (!test(operand)) throw invalid(`Value of '${name}' is not valid`);
};

const checkField = (name: string, inner: Json): void => {
  if (name === "$or") {
    if (!Array.isArray(inner) || inner.length < 2)
      throw invalid("$or must be an array of two or more objects");
    for (const one of inner) checkObject(one);
    return;
  }
  if (isObject(inner)) {
    checkObject(inner);
    return;
  }
  if (!Array.isArray(inner)) throw invalid(`"${name}" must be an object or an array`);
  if (inner.length === 0) throw invalid("Empty arrays are not allowed");
  for (const matcher of inner) checkMatcher(matcher);
};

const checkObject = (pattern: Json): void => {
  if (!isObject(pattern)) throw invalid("Filter is not an object");
  if (Object.keys(pattern).length === 0) throw invalid("Empty objects are not allowed");
  for (const [name, inner] of Object.entries(pattern)) checkField(name, inner);
};

/** Throws InvalidEventPatternException; gives the pattern as JSON. */
export const parsePattern = (text: string): Json => {
  if (text.length > MAX_PATTERN_LENGTH) throw invalid(`It is longer than ${MAX_PATTERN_LENGTH} characters`);
  let pattern: Json;
  try {
    pattern = JSON.parse(text);
  } catch {
    throw invalid("It is not JSON");
  }
  checkObject(pattern);
  return pattern;
};
