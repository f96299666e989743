/** CloudWatch statistics, computed exactly from single values. Syntax and bounds: CloudWatch user guide, "Statistics definitions". */
import { AwsError } from "../account.ts";
import type { Sample } from "./series.ts";

/** Turns what was observed into one number; undefined where the statistic cannot be had. */
export type Statistic = (sample: Sample) => number | undefined;

/** Distinct values ascending, each with how often it was seen. */
type Ladder = readonly (readonly [value: number, count: number])[];

/** Undefined where a statistic set hides the single values. */
const ladderOf = (sample: Sample): Ladder | undefined => {
  const counts = new Map(sample.counts);
  for (const set of sample.sets) {
    if (set.minimum !== set.maximum) return undefined;
    counts.set(set.minimum, (counts.get(set.minimum) ?? 0) + set.count);
  }
  return [...counts].sort(([left], [right]) => left - right);
};

const countOf = (ladder: Ladder): number => ladder.reduce((total, [, count]) => total + count, 0);
const sumOf = (ladder: Ladder): number => ladder.reduce((total, [value, count]) => total + value * count, 0);

const entriesOf = (sample: Sample): { count: number; sum: number; minimum: number; maximum: number }[] => [
  ...[...sample.counts].map(([value, count]) => ({
    count,
    sum: value * count,
    minimum: value,
    maximum: value,
  })),
  ...sample.sets,
];

const total = (sample: Sample, field: "count" | "sum"): number =>
  entriesOf(sample).reduce((sum, entry) => sum + entry[field], 0);

const SIMPLE: Readonly<Record<string, Statistic>> = {
  SampleCount: (sample) => total(sample, "count"),
  Sum: (sample) => total(sample, "sum"),
  Average: (sample) => total(sample, "sum") / total(sample, "count"),
  Minimum: (sample) => entriesOf(sample).reduce((least, { minimum }) => Math.min(least, minimum), Infinity),
  Maximum: (sample) => entriesOf(sample).reduce((most, { maximum }) => Math.max(most, maximum), -Infinity),
};

/** Nearest rank: how many of the smallest observations lie at or below this percentage. */
const rankOf = (percent: number, count: number): number =>
  // The tolerance keeps 99.9 % of 1000 at 999 although 99.9 has no exact binary form.
  Math.ceil((percent / 100) * count - 1e-9);

/** The value at 1-based `rank`. */
const valueAt = (ladder: Ladder, rank: number): number => {
  let seen = 0;
  for (const [value, count] of ladder) {
    seen += count;
    if (seen >= rank) return value;
  }
  return Number.NaN;
};

const percentile =
  (percent: number): Statistic =>
  (sample) => {
    const ladder = ladderOf(sample);
    return ladder && valueAt(ladder, Math.max(1, rankOf(percent, countOf(ladder))));
  };

/** The observations with rank in (from, to]. */
const betweenRanks = (ladder: Ladder, from: number, to: number): Ladder => {
  let before = 0;
  return ladder.flatMap(([value, count]) => {
    const kept = Math.min(before + count, to) - Math.max(before, from);
    before += count;
    return kept > 0 ? [[value, kept] as const] : [];
  });
};

/** Bounds of a range statistic; an open end is undefined. Lower bound exclusive, upper inclusive. */
type Range = { unit: "value" | "percent"; from: number | undefined; to: number | undefined };

const within = (ladder: Ladder, range: Range): Ladder => {
  if (range.unit === "value")
    return ladder.filter(([value]) => value > (range.from ?? -Infinity) && value <= (range.to ?? Infinity));
  const count = countOf(ladder);
  return betweenRanks(ladder, rankOf(range.from ?? 0, count), rankOf(range.to ?? 100, count));
};

const winsorizedSum = (ladder: Ladder, range: Range): number => {
  const kept = within(ladder, range);
  const least = kept[0]?.[0] ?? Number.NaN;
  const most = kept.at(-1)?.[0] ?? Number.NaN;
  return sumOf(ladder.map(([value, count]) => [Math.min(Math.max(value, least), most), count] as const));
};

const meanOf = (ladder: Ladder): number | undefined =>
  ladder.length === 0 ? undefined : sumOf(ladder) / countOf(ladder);

const RANGED: Readonly<Record<string, (ladder: Ladder, range: Range) => number | undefined>> = {
  TM: (ladder, range) => meanOf(within(ladder, range)),
  TC: (ladder, range) => countOf(within(ladder, range)),
  TS: (ladder, range) => sumOf(within(ladder, range)),
  WM: (ladder, range) =>
    within(ladder, range).length === 0 ? undefined : winsorizedSum(ladder, range) / countOf(ladder),
  PR: (ladder, range) => (100 * countOf(within(ladder, range))) / countOf(ladder),
};

const ranged =
  (name: string, range: Range): Statistic =>
  (sample) => {
    const ladder = ladderOf(sample);
    return ladder && RANGED[name]?.(ladder, range);
  };

const refuse = (text: string): never => {
  throw new AwsError("ValidationError", `The value ${text} for parameter Stat is not supported.`);
};

const boundOf = (text: string): number | undefined => (text === "" ? undefined : Number.parseFloat(text));

const parseRange = (text: string, name: string, lower: string, upper: string): Statistic => {
  const isPercent = lower.endsWith("%") || upper.endsWith("%");
  const isMixed = [lower, upper].some((bound) => bound !== "" && bound.endsWith("%") !== isPercent);
  if (isMixed || (lower === "" && upper === "") || (isPercent && name === "PR")) return refuse(text);
  const [from, to] = [boundOf(lower), boundOf(upper)];
  if (Number.isNaN(from) || Number.isNaN(to)) return refuse(text);
  if (from !== undefined && to !== undefined && from >= to) return refuse(text);
  return ranged(name, { unit: isPercent ? "percent" : "value", from, to });
};

/** `Sum`, `p99.9`, `tm90`, `TC(100:200)`, `PR(:300)`, `TM(10%:90%)`, `IQM` …; throws ValidationError for anything else. */
export const parseStatistic = (text: string): Statistic => {
  const simple = SIMPLE[text];
  if (simple !== undefined) return simple;
  if (text === "IQM") return ranged("TM", { unit: "percent", from: 25, to: 75 });
  const short = /^(p|tm|tc|ts|wm)(\d{1,2}(?:\.\d{1,10})?|100)$/.exec(text);
  if (short !== null) {
    const [, name = "", percent = ""] = short;
    if (name === "p") return percentile(Number(percent));
    return ranged(name.toUpperCase(), { unit: "percent", from: undefined, to: Number(percent) });
  }
  const long = /^(TM|TC|TS|WM|PR)\((-?\d*\.?\d*%?):(-?\d*\.?\d*%?)\)$/.exec(text);
  if (long === null) return refuse(text);
  const [, name = "", lower = "", upper = ""] = long;
  return parseRange(text, name, lower, upper);
};
