/**
 * How a configuration moves traffic. The plan, not the truth: CodeDeploy's steps come seconds late, so what was served is
 * read from the alias and from the counts, and this only says what to expect.
 */
import { MINUTE_MS } from "../kit/time.ts";
import { type DeploymentConfig, minutesOf } from "./config.ts";

/** From `afterMs` after the first shift on, the canary gets this share of calls (percent 0-100). */
export type ShiftStep = { readonly afterMs: number; readonly canaryPercent: number };

/** Every step, first to last; the last is 100 %. The first comes at once. */
export const stepsOf = (config: DeploymentConfig): readonly ShiftStep[] => {
  if (config.kind === "all-at-once") return [{ afterMs: 0, canaryPercent: 100 }];
  const intervalMs = config.intervalMinutes * MINUTE_MS;
  const count = minutesOf(config) / config.intervalMinutes;
  const partial = Array.from({ length: count }, (_, at) => ({
    afterMs: at * intervalMs,
    canaryPercent: config.percent * (at + 1),
  }));
  return [...partial, { afterMs: count * intervalMs, canaryPercent: 100 }];
};

/** The canary's planned share of calls at this time since the first shift, percent 0-100; 0 before it. */
export const canaryPercentAt = (config: DeploymentConfig, sinceMs: number): number =>
  stepsOf(config).findLast(({ afterMs }) => sinceMs >= afterMs)?.canaryPercent ?? 0;

/** The canary's share (0-1) in each minute in which both versions serve: what the judge has to judge by. */
export const weightsByMinute = (config: DeploymentConfig): readonly number[] =>
  Array.from({ length: minutesOf(config) }, (_, minute) => canaryPercentAt(config, minute * MINUTE_MS) / 100);
