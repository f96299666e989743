import type { FunctionShift } from "../deployment/fact.ts";
import type { SignalSeries } from "../judge/counts.ts";

export type CountsQuery = {
  function: FunctionShift;
  signals: readonly ("errors" | "slow-calls")[];
  /** First minute, inclusive, and end, exclusive: whole minutes. */
  fromAt: number;
  untilAt: number;
  /** Calls slower than this are slow; absent when history gave none. */
  slowerThanMs?: number;
};

/** Calls per version and minute. Minutes that could not be read are null, never zero. */
export type Counts = {
  read(query: CountsQuery): Promise<{ series: readonly SignalSeries[]; unreadable?: string }>;
  /** The baseline's own past: how slow is slow, and its counts before the shift. */
  history(query: { function: FunctionShift; fromAt: number; untilAt: number }): Promise<{
    slowerThanMs?: number;
    errors?: { total: number; bad: number };
    slowCalls?: { total: number; bad: number };
  }>;
  /** Calls of one version through the alias, and how many failed. */
  exposure(query: {
    function: FunctionShift;
    version: string;
    fromAt: number;
    untilAt: number;
  }): Promise<{ calls: number; bad: number } | "unreadable">;
};
