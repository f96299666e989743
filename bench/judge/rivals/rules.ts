/** The fixed rules that deploy tools ship: alarms of CodeDeploy users, Argo Rollouts, Flagger, Kayenta per minute. */
import type { BenchJudge } from "../bench-judge.ts";
import type { Run } from "../run.ts";
import { classify, PRODUCTION } from "./kayenta.ts";

type Reading = { readonly canaryRate: number | undefined; readonly errors: number };

/** What a monitoring query returns for a minute: no calls, or no reading, is no data. */
const readingAt = (run: Run, at: number): Reading => {
  if (run.isRead[at] === 0) return { canaryRate: undefined, errors: 0 };
  const total = run.canaryTotal[at] ?? 0;
  const bad = run.canaryBad[at] ?? 0;
  return { canaryRate: total === 0 ? undefined : bad / total, errors: bad + (run.baselineBad[at] ?? 0) };
};

/** SAM's example alarm: Errors of the alias, both versions, Sum >= 1 in one minute; missing data does not breach. */
export const anyErrorAlarm: BenchJudge = (run) => {
  for (let at = 0; at < run.minutes; at += 1) if (readingAt(run, at).errors >= 1) return at + 1;
  return 0;
};

/** An alarm on the canary version's error rate: above 1 % in two minutes running. */
export const rateAlarm: BenchJudge = (run) => {
  let running = 0;
  for (let at = 0; at < run.minutes; at += 1) {
    running = (readingAt(run, at).canaryRate ?? 0) > 0.01 ? running + 1 : 0;
    if (running >= 2) return at + 1;
  }
  return 0;
};

const CONSECUTIVE_ERRORS_MAX = 4;

/**
 * Argo Rollouts: success rate >= 99 % each minute; fails when failures exceed `failureLimit`. A minute without data is
 * a measurement error, which does not count until more than four come in a row.
 */
export const argo =
  (failureLimit: number): BenchJudge =>
  (run) => {
    let failed = 0;
    let errors = 0;
    for (let at = 0; at < run.minutes; at += 1) {
      const { canaryRate } = readingAt(run, at);
      errors = canaryRate === undefined ? errors + 1 : 0;
      if (canaryRate !== undefined && 1 - canaryRate < 0.99) failed += 1;
      if (failed > failureLimit || errors > CONSECUTIVE_ERRORS_MAX) return at + 1;
    }
    return 0;
  };

const FLAGGER_THRESHOLD = 5;

/** Flagger: request success rate at least 99 % each minute; no data fails too; five failures in all roll back. */
export const flagger: BenchJudge = (run) => {
  let failed = 0;
  for (let at = 0; at < run.minutes; at += 1) {
    const { canaryRate } = readingAt(run, at);
    if (canaryRate === undefined || 1 - canaryRate < 0.99) failed += 1;
    if (failed >= FLAGGER_THRESHOLD) return at + 1;
  }
  return 0;
};

/** Error rates in percent per minute, NaN without calls: the unit that suits Kayenta's absolute solver tolerance best. */
const percents = (run: Run, totals: Float64Array, bads: Float64Array, until: number): number[] =>
  Array.from({ length: until }, (_, at) => {
    const total = run.isRead[at] === 1 ? (totals[at] ?? 0) : 0;
    return total === 0 ? Number.NaN : (100 * (bads[at] ?? 0)) / total;
  });

const isHighAt = (run: Run, until: number): boolean =>
  classify(
    PRODUCTION,
    percents(run, run.canaryTotal, run.canaryBad, until),
    percents(run, run.baselineTotal, run.baselineBad, until),
  ).classification === "High";

/** Kayenta at 0.25 / 0.98 on the whole shift. */
export const kayentaOnce: BenchJudge = (run) => (isHighAt(run, run.minutes) ? run.minutes : 0);

/** Kayenta on the growing window, judged again every minute from the second on. */
export const kayentaEachMinute: BenchJudge = (run) => {
  for (let until = 2; until <= run.minutes; until += 1) if (isHighAt(run, until)) return until;
  return 0;
};
