/** How callers call one alias. Inputs are drawn at random (seeded) from the phase that holds the instant. */
import type { Json } from "./account.ts";

export type TrafficModel = {
  callsPerSecond: number;
  /** Each phase holds from its `afterMs` (since the model was set) until the next; `inputs` are JSON payloads, `weights` their shares. */
  phases: readonly {
    afterMs: number;
    inputs: readonly { payload: Json; weight: number }[];
    callsPerSecond?: number;
  }[];
};
