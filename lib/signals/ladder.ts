/**
 * Slow calls counted from percentiles, for where `TC` does not answer: a few percentiles of one minute give its
 * distribution at those points, and straight lines between them the rest. Coarse, and the same for both versions.
 */
import type { FunctionShift } from "../deployment/fact.ts";
import type { Arm } from "../judge/counts.ts";
import { type Ask, countAt, type Found, lambdaAsk, type Side, versionOf } from "./ask.ts";

/** Statistic, and the share (0-1) of calls that are at most that long. */
const RUNGS = [
  ["Minimum", 0],
  ["p10", 0.1],
  ["p25", 0.25],
  ["p50", 0.5],
  ["p75", 0.75],
  ["p90", 0.9],
  ["p95", 0.95],
  ["p99", 0.99],
  ["Maximum", 1],
] as const;

const rungId = (stat: string, side: Side): string => `ladder_${stat.toLowerCase()}_${side}`;

export const ladderAsks = (shift: FunctionShift, side: Side): readonly Ask[] =>
  [["timed", "SampleCount"] as const, ...RUNGS.map(([stat]) => [stat, stat] as const)].map(([id, stat]) =>
    lambdaAsk(
      id === "timed" ? `timed_${side}` : rungId(stat, side),
      shift,
      versionOf(shift, side),
      "Duration",
      stat,
    ),
  );

/** The share (0-1) of calls at or below `ms`, by the highest rung that lies there and the way to the next one. */
export const shareUpTo = (rungs: readonly (readonly [ms: number, share: number])[], ms: number): number => {
  const [lowest] = rungs;
  if (lowest === undefined || ms < lowest[0]) return 0;
  const below = rungs.findLastIndex(([at]) => at <= ms);
  const [at, share] = rungs[below] ?? lowest;
  const next = rungs[below + 1];
  return next === undefined ? 1 : share + ((next[1] - share) * (ms - at)) / (next[0] - at);
};

/** Slow calls of one minute; undefined when a rung is missing, or they do not rise. */
export const ladderArmAt = (found: Found, side: Side, at: number, slowerThanMs: number): Arm | undefined => {
  const total = countAt(found, `timed_${side}`, at);
  if (total === 0) return { total: 0, bad: 0 };
  const rungs: (readonly [number, number])[] = [];
  for (const [stat, share] of RUNGS) {
    const ms = found.get(rungId(stat, side))?.get(at);
    if (ms === undefined || !Number.isFinite(ms) || ms < (rungs.at(-1)?.[0] ?? 0)) return undefined;
    rungs.push([ms, share]);
  }
  return { total, bad: Math.round(total * (1 - shareUpTo(rungs, slowerThanMs))) };
};
