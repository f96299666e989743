/** What every judge of the benchmark is: given one run, the 1-based minute in which it rolls back, or 0. */
import type { Run } from "./run.ts";

export type BenchJudge = (run: Run) => number;

/** Bad rates are called harm from this excess on (0-1), for the judges that know a least harm. */
export const MIN_HARM = 0.005;
