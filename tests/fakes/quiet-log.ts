import type { Log, Metric } from "../../lib/ports/log.ts";

/** Says nothing. */
export const quietLog: Log = { info: () => {}, warn: () => {}, error: () => {}, count: () => {} };

/** Keeps the counts. */
export const countingLog = (): Log & { counts: Map<Metric, number> } => {
  const counts = new Map<Metric, number>();
  return {
    ...quietLog,
    counts,
    count: (metric, value = 1) => void counts.set(metric, (counts.get(metric) ?? 0) + value),
  };
};
