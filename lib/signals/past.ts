/** The baseline's own past, before the shift: what a slow call is, and how often calls went bad. */
import type { FunctionShift } from "../deployment/fact.ts";
import type { Arm } from "../judge/counts.ts";
import { type Ask, type Found, lambdaAsk } from "./ask.ts";
import { type Gauge, isGauge } from "./gauge.ts";

/** One in twenty of the baseline's calls is slow: few enough to stand out, common enough to be counted. */
const SLOW_PERCENTILE = "p95";
const THRESHOLD = "threshold";

export const thresholdAsks = (shift: FunctionShift): readonly Ask[] => [
  lambdaAsk(THRESHOLD, shift, shift.from, "Duration", SLOW_PERCENTILE),
];

/** The middle one of the periods' percentiles: an hour of trouble does not make trouble usual. Undefined without calls. */
export const slowerThan = (found: Found): number | undefined => {
  const values = [...(found.get(THRESHOLD)?.values() ?? [])].filter(Number.isFinite).sort((a, b) => a - b);
  const middle = values[Math.floor(values.length / 2)];
  return middle === undefined ? undefined : Math.ceil(middle);
};

/** What the baseline's past is counted from. */
export const pastAsks = (gauges: readonly (Gauge | { missing: string })[]): readonly Ask[] => [
  ...new Map(
    gauges
      .filter(isGauge)
      .flatMap((gauge) => gauge.asks("baseline"))
      .map((ask) => [ask.id, ask]),
  ).values(),
];

/** Counts of all periods together; periods that do not add up are left out, and a signal without calls has no past. */
export const pastOf = (
  gauges: readonly (Gauge | { name: string; missing: string })[],
  found: Found,
): Readonly<Record<string, Arm>> => {
  const periods = [...new Set([...found.values()].flatMap((values) => [...values.keys()]))];
  const entries = gauges.filter(isGauge).map((gauge) => {
    const arms = periods.map((at) => gauge.armAt(found, "baseline", at)).filter((arm) => arm !== undefined);
    const total = arms.reduce((sum, arm) => sum + arm.total, 0);
    return [gauge.name, { total, bad: arms.reduce((sum, arm) => sum + arm.bad, 0) }] as const;
  });
  return Object.fromEntries(entries.filter(([, arm]) => arm.total > 0));
};
