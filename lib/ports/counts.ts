import type { FunctionShift } from "../deployment/fact.ts";
import type { Arm, SignalSeries } from "../judge/counts.ts";
import type { Signal } from "../policy/policy.ts";
import type { Side } from "../signals/ask.ts";

export type CountsQuery = {
  function: FunctionShift;
  signals: readonly Signal[];
  /** First minute, inclusive, and end, exclusive: whole minutes. */
  fromAt: number;
  untilAt: number;
  /** How long Lambda lets each version run; a signal that needs it cannot be read without. */
  timeoutsMs?: Readonly<Record<Side, number>>;
};

/** `past` by the signal's name; a signal without calls has none. */
export type History = { slowerThanMs?: number; past: Readonly<Record<string, Arm>> };

/** Calls per version and minute. Minutes that could not be read are null, never zero. */
export type Counts = {
  /** A series for each signal, and the calls of both versions; `unreadable` says why minutes are missing. */
  read(query: CountsQuery & { slowerThanMs?: number }): Promise<{
    series: readonly SignalSeries[];
    calls: readonly (Readonly<Record<Side, number>> | null)[];
    unreadable?: string;
  }>;
  /** The baseline's own past in this window: how slow is slow, and its counts. */
  history(query: CountsQuery): Promise<History>;
  /** Calls of one version through the alias, and how many failed. */
  exposure(query: {
    function: FunctionShift;
    version: string;
    fromAt: number;
    untilAt: number;
  }): Promise<{ calls: number; bad: number } | "unreadable">;
};
