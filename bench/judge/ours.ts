/** Bellwether's own judge on a benchmark run: lib/judge's scale and harm rule, without verdict texts. */

import type { Minute } from "../../lib/judge/counts.ts";
import { scan } from "../../lib/judge/scan.ts";
import { type BenchJudge, MIN_HARM } from "./bench-judge.ts";
import type { Run } from "./run.ts";

export const minutesOf = (run: Run): Minute[] =>
  Array.from({ length: run.minutes }, (_, at) =>
    run.isRead[at] === 1
      ? {
          baseline: { total: run.baselineTotal[at] ?? 0, bad: run.baselineBad[at] ?? 0 },
          canary: { total: run.canaryTotal[at] ?? 0, bad: run.canaryBad[at] ?? 0 },
        }
      : null,
  );

/** `historyShare` 0-1: how much of the run's day of history the judge is given. */
export const bellwether =
  (alpha: number, historyShare: number): BenchJudge =>
  (run) => {
    const { total, bad } = run.history;
    const history =
      historyShare === 0
        ? undefined
        : { total: Math.round(total * historyShare), bad: Math.round(bad * historyShare) };
    const seen = scan(minutesOf(run), history, alpha, MIN_HARM);
    return seen.isConvicted ? seen.minute : 0;
  };
