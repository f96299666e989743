/** How one signal is read: what is asked of CloudWatch for one version, and what the answers count. */
import type { FunctionShift } from "../deployment/fact.ts";
import type { Arm, SignalNote } from "../judge/counts.ts";
import { unreachable } from "../kit/errors.ts";
import type { CustomSignal, Signal } from "../policy/policy.ts";
import { type Ask, countAt, type Found, lambdaAsk, type Side, versionOf } from "./ask.ts";

export type Gauge = {
  readonly name: string;
  readonly about?: SignalNote;
  asks(side: Side): readonly Ask[];
  /** The counts of one period; undefined when what was answered cannot be right. */
  armAt(found: Found, side: Side, at: number): Arm | undefined;
};

/** What a gauge must know of the two versions beforehand. */
export type Terms = {
  readonly shift: FunctionShift;
  /** Calls that take longer are slow: see past.ts. */
  readonly slowerThanMs?: number | undefined;
  /** How long Lambda lets each version run. */
  readonly timeoutsMs?: Readonly<Record<Side, number>> | undefined;
};

/** Whether CloudWatch has a point there, be it a zero. */
const isTold = (found: Found, id: string, at: number): boolean => found.get(id)?.has(at) === true;

/** Late data can show more bad calls than calls: no more than all of them count. */
const armOf = (total: number, bad: number): Arm => ({ total, bad: Math.min(total, bad) });

/** Questions that every gauge may ask have the same id, so that they are asked once. */
export const callsAsk = (shift: FunctionShift, side: Side): Ask =>
  lambdaAsk(`calls_${side}`, shift, versionOf(shift, side), "Invocations", "Sum");

/** A missing Errors point where Invocations has one is zero. */
const errors = ({ shift }: Terms): Gauge => ({
  name: "errors",
  asks: (side) => [
    callsAsk(shift, side),
    lambdaAsk(`errors_${side}`, shift, versionOf(shift, side), "Errors", "Sum"),
  ],
  armAt: (found, side, at) =>
    armOf(countAt(found, `calls_${side}`, at), countAt(found, `errors_${side}`, at)),
});

/**
 * A throttled request is no invocation, and no error either: attempts are both together. Calls without a point of throttles
 * count as not read: zeros are published beside invocations, and a series that is not there would look like health.
 */
const throttles = ({ shift }: Terms): Gauge => ({
  name: "throttles",
  asks: (side) => [
    callsAsk(shift, side),
    lambdaAsk(`throttles_${side}`, shift, versionOf(shift, side), "Throttles", "Sum"),
  ],
  armAt: (found, side, at) => {
    const [calls, bad] = [countAt(found, `calls_${side}`, at), countAt(found, `throttles_${side}`, at)];
    return calls > 0 && !isTold(found, `throttles_${side}`, at) ? undefined : { total: calls + bad, bad };
  },
});

/**
 * Calls that ran longer than a threshold. `TC(a:b)` counts samples, open at the lower end and closed at the upper; it is
 * documented for metrics with raw values, not for Duration by name, so both sides of the threshold must add up to all.
 */
const longerThan = (
  name: string,
  shift: FunctionShift,
  thresholdsMs: Readonly<Record<Side, number>>,
): Gauge => ({
  name,
  asks: (side) => {
    const ask = (id: string, stat: string): Ask =>
      lambdaAsk(id, shift, versionOf(shift, side), "Duration", stat);
    const threshold = thresholdsMs[side];
    return [
      callsAsk(shift, side),
      ask(`timed_${side}`, "SampleCount"),
      ask(`${idOf(name)}_over_${side}`, `TC(${threshold}:)`),
      ask(`${idOf(name)}_under_${side}`, `TC(:${threshold})`),
    ];
  },
  armAt: (found, side, at) => {
    const total = countAt(found, `timed_${side}`, at);
    const bad = countAt(found, `${idOf(name)}_over_${side}`, at);
    if (total === 0 && countAt(found, `calls_${side}`, at) > 0) return undefined;
    return bad + countAt(found, `${idOf(name)}_under_${side}`, at) === total ? { total, bad } : undefined;
  },
});

const custom = ({ shift }: Terms, signal: CustomSignal): Gauge => {
  const id = idOf(signal.name);
  const own = (side: Side, name: string, metric: string): Ask => ({
    id: `${id}_${name}_${side}`,
    namespace: signal.namespace,
    metric,
    dimensions: { ...signal.dimensions, [signal.versionDimension]: versionOf(shift, side) },
    stat: "Sum",
  });
  const { total } = signal;
  return {
    name: signal.name,
    asks: (side) => [
      own(side, "bad", signal.bad),
      total === undefined ? callsAsk(shift, side) : own(side, "total", total),
    ],
    // One of the two without the other: a name that is wrong would look like health for ever.
    armAt: (found, side, at) => {
      const calls = countAt(found, total === undefined ? `calls_${side}` : `${id}_total_${side}`, at);
      const bad = countAt(found, `${id}_bad_${side}`, at);
      const isWhole = calls > 0 ? isTold(found, `${id}_bad_${side}`, at) : bad === 0;
      return isWhole ? armOf(calls, bad) : undefined;
    },
  };
};

/** CloudWatch's ids hold letters, digits and underscores. The prefix keeps a service's names apart from ours. */
const idOf = (name: string): string => `s_${name.replaceAll("-", "_")}`;

/** The gauge of a signal, or why there is none: the minutes of that signal then count as not read. */
export const gaugeOf = (signal: Signal, terms: Terms): Gauge | { name: string; missing: string } => {
  if (typeof signal !== "string") return custom(terms, signal);
  const { shift, slowerThanMs, timeoutsMs } = terms;
  switch (signal) {
    case "errors":
      return errors(terms);
    case "throttles":
      return throttles(terms);
    case "slow-calls":
      return slowerThanMs === undefined
        ? { name: signal, missing: "the baseline has no history that says which calls are slow" }
        : {
            ...longerThan(signal, shift, { baseline: slowerThanMs, canary: slowerThanMs }),
            about: { slowerThanMs },
          };
    case "timeouts":
      // A call that Lambda ends lasted its timeout to the millisecond.
      return timeoutsMs === undefined
        ? { name: signal, missing: "the timeout of a version is not known" }
        : longerThan(signal, shift, { baseline: timeoutsMs.baseline - 1, canary: timeoutsMs.canary - 1 });
    default:
      return unreachable(signal);
  }
};

export const isGauge = (gauge: Gauge | { missing: string }): gauge is Gauge => !("missing" in gauge);
