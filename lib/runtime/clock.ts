/** The only reader of a clock. */
import { performance } from "node:perf_hooks";
import type { Clock } from "../ports/clock.ts";

export const systemClock: Clock = {
  now: () => Date.now(),
  sleep: (durationMs) => new Promise((resolve) => setTimeout(resolve, durationMs)),
};

/** Milliseconds that only ever grow, for measuring how long something took. */
export const monotonicMs = (): number => performance.now();
