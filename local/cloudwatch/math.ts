/** Evaluates metric math over time series. Points that one side lacks are dropped, as CloudWatch does; FILL mends that. */
import { AwsError } from "../account.ts";
import type { Expression, Operator } from "./expression.ts";

/** Period start (epoch ms) → value. */
export type TimeSeries = ReadonlyMap<number, number>;
export type MathValue = number | TimeSeries | readonly TimeSeries[] | string;

export type MathScope = {
  /** The series or value of a query id; throws ValidationError for an unknown one. */
  valueOf(id: string): MathValue;
  /** All metrics of the request whose id begins so: METRICS(). */
  metrics(prefix: string): readonly TimeSeries[];
  /** Every period start of the request, ascending: what FILL fills. */
  instants: readonly number[];
  periodSeconds: number;
};

const OPERATE: Readonly<Record<Operator, (left: number, right: number) => number>> = {
  "+": (left, right) => left + right,
  "-": (left, right) => left - right,
  "*": (left, right) => left * right,
  "/": (left, right) => left / right,
  "^": (left, right) => left ** right,
  "<": (left, right) => Number(left < right),
  ">": (left, right) => Number(left > right),
  "<=": (left, right) => Number(left <= right),
  ">=": (left, right) => Number(left >= right),
  "==": (left, right) => Number(left === right),
  "!=": (left, right) => Number(left !== right),
  AND: (left, right) => Number(left !== 0 && right !== 0),
  OR: (left, right) => Number(left !== 0 || right !== 0),
};

const REDUCE: Readonly<Record<string, (values: readonly number[]) => number>> = {
  SUM: (values) => values.reduce((sum, value) => sum + value, 0),
  AVG: (values) => values.reduce((sum, value) => sum + value, 0) / values.length,
  MIN: (values) => Math.min(...values),
  MAX: (values) => Math.max(...values),
};

const MAP: Readonly<Record<string, (value: number) => number>> = {
  ABS: Math.abs,
  CEIL: Math.ceil,
  FLOOR: Math.floor,
};

const wrong = (message: string): AwsError => new AwsError("ValidationError", message);

const isSeries = (value: MathValue): value is TimeSeries => value instanceof Map;
const isList = (value: MathValue): value is readonly TimeSeries[] => Array.isArray(value);

/** Division by zero and the like leave no point. */
const finite = (points: readonly (readonly [number, number])[]): TimeSeries =>
  new Map(points.filter(([, value]) => Number.isFinite(value)));

const mapSeries = (series: TimeSeries, run: (value: number) => number): TimeSeries =>
  finite([...series].map(([at, value]) => [at, run(value)] as const));

const broadcast = (value: MathValue, run: (series: TimeSeries) => TimeSeries, what: string): MathValue => {
  if (isSeries(value)) return run(value);
  if (isList(value)) return value.map(run);
  throw wrong(`${what} needs a time series.`);
};

const operate = (operator: Operator, left: MathValue, right: MathValue): MathValue => {
  const run = OPERATE[operator];
  if (typeof left === "string" || typeof right === "string") throw wrong(`'${operator}' cannot take a text.`);
  if (typeof left === "number" && typeof right === "number") return run(left, right);
  if (isList(left)) return left.map((series) => operate(operator, series, right) as TimeSeries);
  if (isList(right)) return right.map((series) => operate(operator, left, series) as TimeSeries);
  if (typeof right === "number") return mapSeries(left as TimeSeries, (value) => run(value, right));
  if (typeof left === "number") return mapSeries(right, (value) => run(left, value));
  return finite(
    [...left].flatMap(([at, value]) => {
      const other = right.get(at);
      return other === undefined ? [] : [[at, run(value, other)] as const];
    }),
  );
};

const fill = (series: TimeSeries, filler: MathValue, scope: MathScope): TimeSeries => {
  let last: number | undefined;
  return finite(
    scope.instants.flatMap((at) => {
      const substitute = isSeries(filler) ? filler.get(at) : filler === "REPEAT" ? last : Number(filler);
      const value = series.get(at) ?? substitute;
      if (value === undefined) return [];
      last = value;
      return [[at, value] as const];
    }),
  );
};

const pointOf = (value: MathValue, at: number): number | undefined => {
  if (typeof value === "number") return value;
  if (isSeries(value)) return value.get(at);
  throw wrong("IF needs numbers or time series.");
};

const choose = (
  condition: MathValue,
  then: MathValue,
  otherwise: MathValue | undefined,
  scope: MathScope,
) => {
  const points = scope.instants.flatMap((at) => {
    const test = pointOf(condition, at);
    if (test === undefined) return [];
    const branch = test === 0 ? otherwise : then;
    const value = branch === undefined ? undefined : pointOf(branch, at);
    return value === undefined ? [] : [[at, value] as const];
  });
  return finite(points);
};

/** One series gives one number over time; several give a series over the instants any of them has. */
const reduce = (values: readonly MathValue[], run: (values: readonly number[]) => number): MathValue => {
  const flat = values.flatMap((value): MathValue[] => (isList(value) ? [...value] : [value]));
  const [only] = flat;
  if (flat.length === 1 && only !== undefined && isSeries(only)) return run([...only.values()]);
  if (flat.every((value) => typeof value === "number")) return run(flat);
  const series = flat.filter(isSeries);
  const instants = new Set(series.flatMap((one) => [...one.keys()]));
  return finite([...instants].map((at) => [at, run(series.flatMap((one) => one.get(at) ?? []))] as const));
};

const call = (name: string, parts: readonly Expression[], scope: MathScope): MathValue => {
  const values = parts.map((part) => evaluate(part, scope));
  const [first = 0, second, third] = values;
  const reducer = REDUCE[name];
  if (reducer !== undefined) return reduce(values, reducer);
  const mapper = MAP[name];
  if (mapper !== undefined && typeof first === "number") return mapper(first);
  if (mapper !== undefined) return broadcast(first, (series) => mapSeries(series, mapper), name);
  switch (name) {
    case "FILL":
      return broadcast(first, (series) => fill(series, second ?? 0, scope), "FILL");
    case "IF":
      return choose(first, second ?? 0, third, scope);
    case "METRICS":
      return scope.metrics(typeof first === "string" ? first : "");
    case "PERIOD":
      return scope.periodSeconds;
    case "TIME_SERIES":
      return new Map(scope.instants.map((at) => [at, Number(first)]));
    default:
      throw wrong(`Unsupported function '${name}'.`);
  }
};

/** Throws ValidationError for unknown ids and functions, and for operands of the wrong kind. */
export const evaluate = (expression: Expression, scope: MathScope): MathValue => {
  switch (expression.kind) {
    case "number":
      return expression.value;
    case "word":
      return expression.text;
    case "id":
      return expression.name === "REPEAT" ? "REPEAT" : scope.valueOf(expression.name);
    case "list":
      return expression.items.map((item) => {
        const value = evaluate(item, scope);
        if (isSeries(value)) return value;
        throw wrong("A list must hold time series.");
      });
    case "call":
      return call(expression.name, expression.arguments, scope);
    case "negate":
      return operate("*", -1, evaluate(expression.of, scope));
    case "operation":
      return operate(
        expression.operator,
        evaluate(expression.left, scope),
        evaluate(expression.right, scope),
      );
  }
};
