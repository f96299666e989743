/** Intrinsic functions: a template's values with their references answered. */
import type { Json } from "../account.ts";
import { StartError } from "../start-error.ts";

/** What references and conditions answer. */
export type Scope = {
  ref(name: string): Json;
  attribute(logicalId: string, name: string): string;
  condition(name: string): boolean;
  mapping(map: string, top: string, second: string): Json;
};

/** `AWS::NoValue`: the property that holds it is left out. */
export const NO_VALUE = Symbol("AWS::NoValue");

type Resolve = (value: Json) => Json;
type Intrinsic = (argument: Json, scope: Scope, resolve: Resolve) => Json;

const fail = (name: string, argument: Json): never => {
  throw new StartError(`${name} cannot be answered: ${JSON.stringify(argument)}`);
};

/** `Name.Attr` or [Name, Attr]; an attribute may hold dots of its own. */
export const attributePath = (argument: Json): [string, string] => {
  const [logicalId = "", ...rest] = typeof argument === "string" ? argument.split(".") : argument;
  return [logicalId, rest.join(".")];
};

/** The names in `${…}`; `${!…}` is no reference. */
export const SUB_NAME = /\$\{(!?)([^}]*)\}/g;

const substitute: Intrinsic = (argument, scope, resolve) => {
  const [text, given] = Array.isArray(argument) ? argument : [argument, {}];
  return String(text).replace(SUB_NAME, (_whole, literal: string, inner: string) => {
    const name = inner.trim();
    if (literal === "!") return `\${${inner}}`;
    if (Object.hasOwn(given, name)) return String(resolve(given[name]));
    if (!name.includes(".")) return String(scope.ref(name));
    return scope.attribute(...attributePath(name));
  });
};

const select: Intrinsic = (argument, _scope, resolve) => {
  const index = Number(resolve(argument[0]));
  const list = resolve(argument[1]);
  return Array.isArray(list) && index in list ? list[index] : fail("Fn::Select", argument);
};

const join: Intrinsic = (argument, _scope, resolve) => {
  const list = resolve(argument[1]);
  return Array.isArray(list) ? list.join(argument[0]) : fail("Fn::Join", argument);
};

const isTrue = (value: Json): boolean => value === true || value === "true";

const all: Intrinsic = (argument, _scope, resolve) => argument.every((one: Json) => isTrue(resolve(one)));
const any: Intrinsic = (argument, _scope, resolve) => argument.some((one: Json) => isTrue(resolve(one)));

const INTRINSICS: Readonly<Record<string, Intrinsic>> = {
  Ref: (argument, scope) => scope.ref(String(argument)),
  Condition: (argument, scope) => scope.condition(String(argument)),
  "Fn::GetAtt": (argument, scope, resolve) => scope.attribute(...attributePath(resolve(argument))),
  "Fn::Sub": substitute,
  "Fn::Join": join,
  "Fn::Select": select,
  "Fn::Split": ([separator, text], _scope, resolve) => String(resolve(text)).split(separator),
  "Fn::If": ([condition, yes, no], scope, resolve) => resolve(scope.condition(condition) ? yes : no),
  "Fn::Equals": ([left, right], _scope, resolve) => String(resolve(left)) === String(resolve(right)),
  "Fn::Not": ([inner], _scope, resolve) => !isTrue(resolve(inner)),
  "Fn::And": all,
  "Fn::Or": any,
  "Fn::FindInMap": (argument, scope, resolve) => {
    const [map, top, second] = resolve(argument).map(String);
    return scope.mapping(map, top, second);
  },
  "Fn::Base64": (argument, _scope, resolve) => Buffer.from(String(resolve(argument))).toString("base64"),
};

/** The function's name when the value is a call of one. */
export const intrinsicOf = (value: Json): string | undefined => {
  const [name, ...others] = Object.keys(value);
  return name !== undefined && others.length === 0 && (name === "Ref" || name.startsWith("Fn::"))
    ? name
    : undefined;
};

const resolveFields = (value: Json, resolve: Resolve): Json => {
  const fields = Object.entries(value).map(([name, inner]) => [name, resolve(inner)] as const);
  return Object.fromEntries(fields.filter(([, inner]) => inner !== NO_VALUE));
};

/** Throws StartError for a function that is not known here or cannot be answered. */
export const resolveIn = (scope: Scope): Resolve => {
  const call = (name: string, argument: Json): Json => {
    const run = INTRINSICS[name];
    return run === undefined ? fail(name, argument) : run(argument, scope, resolve);
  };
  const resolve: Resolve = (value) => {
    if (Array.isArray(value)) return value.map(resolve).filter((one) => one !== NO_VALUE);
    if (typeof value !== "object" || value === null) return value;
    const name = intrinsicOf(value);
    return name === undefined ? resolveFields(value, resolve) : call(name, value[name]);
  };
  return resolve;
};

/** Within Conditions, `{ Condition: name }` is a reference; elsewhere (in a policy) it is a field like any other. */
export const resolveConditionIn = (scope: Scope): Resolve => {
  const plain = resolveIn(scope);
  const resolve: Resolve = (value) => {
    if (typeof value !== "object" || value === null || Array.isArray(value)) return plain(value);
    if (typeof value.Condition === "string") return scope.condition(value.Condition);
    const name = intrinsicOf(value);
    const run = name === undefined ? undefined : INTRINSICS[name];
    return run === undefined || name === undefined ? plain(value) : run(value[name], scope, resolve);
  };
  return resolve;
};
