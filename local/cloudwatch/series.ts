/** Metric series: exact values per minute, visible to readers only after the metric delay. */

export const MINUTE_MS = 60_000;

export type SeriesKey = {
  namespace: string;
  name: string;
  dimensions: Readonly<Record<string, string>>;
};

/** What a publisher sent instead of single values: percentiles cannot be had from it. */
export type StatisticSet = { count: number; sum: number; minimum: number; maximum: number };

/** What was observed in a stretch of time: value → how often, and any statistic sets. */
export type Sample = { counts: ReadonlyMap<number, number>; sets: readonly StatisticSet[] };

export type Observation = { at: number; visibleAt: number; unit?: string } & (
  | { value: number; count: number }
  | { set: StatisticSet }
);

type Bucket = { counts: Map<number, number>; sets: StatisticSet[] };
type Series = SeriesKey & { minutes: Map<number, Bucket>; pending: Observation[]; firstVisibleAt: number };

export type SeriesStore = {
  add(key: SeriesKey, observation: Observation): void;
  /** All series of which at least one observation is visible at `now`. */
  visible(now: number): readonly SeriesKey[];
  /** What was observed in [from, until) and is visible at `now`; undefined where nothing was. */
  sample(key: SeriesKey, from: number, until: number, now: number): Sample | undefined;
};

const nameOf = (key: SeriesKey): string =>
  JSON.stringify([
    key.namespace,
    key.name,
    Object.entries(key.dimensions).sort(([a], [b]) => (a < b ? -1 : 1)),
  ]);

const addTo = (bucket: Bucket, observation: Observation): void => {
  if ("set" in observation) bucket.sets.push(observation.set);
  else bucket.counts.set(observation.value, (bucket.counts.get(observation.value) ?? 0) + observation.count);
};

const absorb = (series: Series, now: number): void => {
  if (series.pending.length === 0) return;
  const waiting: Observation[] = [];
  for (const observation of series.pending) {
    if (observation.visibleAt > now) {
      waiting.push(observation);
      continue;
    }
    const minute = Math.floor(observation.at / MINUTE_MS) * MINUTE_MS;
    const bucket = series.minutes.get(minute) ?? { counts: new Map(), sets: [] };
    series.minutes.set(minute, bucket);
    addTo(bucket, observation);
  }
  series.pending = waiting;
};

const merge = (buckets: readonly Bucket[]): Sample | undefined => {
  if (buckets.length < 2) return buckets[0];
  const merged: Bucket = { counts: new Map(), sets: [] };
  for (const bucket of buckets) {
    for (const [value, count] of bucket.counts)
      merged.counts.set(value, (merged.counts.get(value) ?? 0) + count);
    merged.sets.push(...bucket.sets);
  }
  return merged;
};

export const createSeriesStore = (): SeriesStore => {
  const all = new Map<string, Series>();
  return {
    add: (key, observation) => {
      const name = nameOf(key);
      const series: Series = all.get(name) ?? {
        namespace: key.namespace,
        name: key.name,
        dimensions: { ...key.dimensions },
        minutes: new Map(),
        pending: [],
        firstVisibleAt: observation.visibleAt,
      };
      all.set(name, series);
      series.pending.push(observation);
      series.firstVisibleAt = Math.min(series.firstVisibleAt, observation.visibleAt);
    },
    visible: (now) => [...all.values()].filter((series) => series.firstVisibleAt <= now),
    sample: (key, from, until, now) => {
      const series = all.get(nameOf(key));
      if (series === undefined) return undefined;
      absorb(series, now);
      const buckets: Bucket[] = [];
      for (let minute = from; minute < until; minute += MINUTE_MS) {
        const bucket = series.minutes.get(minute);
        if (bucket !== undefined) buckets.push(bucket);
      }
      return merge(buckets);
    },
  };
};
