/** Series whose reading goes wrong on purpose: what GetMetricData's StatusCode says of them. */
import type { SeriesKey } from "./series.ts";

export type Spoiled = "PartialData" | "InternalError" | "Forbidden";

/** From now on GetMetricData answers `status` for every series that all given fields match; `dimensions` may name a part of them. */
export type SpoilRule = {
  status: Spoiled;
  namespace?: string;
  name?: string;
  dimensions?: Readonly<Record<string, string>>;
};

export type SpoiledReads = {
  /** Replaces all earlier rules; an empty list mends everything. */
  set(rules: readonly SpoilRule[]): void;
  statusOf(key: SeriesKey): Spoiled | undefined;
};

const covers = (rule: SpoilRule, key: SeriesKey): boolean =>
  (rule.namespace === undefined || rule.namespace === key.namespace) &&
  (rule.name === undefined || rule.name === key.name) &&
  Object.entries(rule.dimensions ?? {}).every(([name, value]) => key.dimensions[name] === value);

export const createSpoiledReads = (): SpoiledReads => {
  let current: readonly SpoilRule[] = [];
  return {
    set: (rules) => {
      current = rules;
    },
    statusOf: (key) => current.find((rule) => covers(rule, key))?.status,
  };
};
