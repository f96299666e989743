/** Sequential and exact tests: the limit that knows both true rates, the plain mixture, and Fisher's exact test. */
import { normalTail } from "../../../lib/judge/binomial.ts";
import { type BenchJudge, MIN_HARM } from "../bench-judge.ts";
import type { Run } from "../run.ts";

const SLACK = 1e-9;

/** ln of how much likelier these calls are at rate p1 than at p0. */
const likelihoodRatio = (bad: number, good: number, p0: number, p1: number): number => {
  const ofBad = bad === 0 ? 0 : p0 === 0 ? Number.POSITIVE_INFINITY : bad * Math.log(p1 / p0);
  return ofBad + good * (Math.log1p(-p1) - Math.log1p(-p0));
};

/**
 * Wald's sequential probability ratio test (1945), told both versions' true rates in every minute: no judge that has to
 * learn them can do better. A baseline that never fails makes the first bad canary call certain proof.
 */
export const allKnowing =
  (alpha: number): BenchJudge =>
  (run) => {
    const bar = Math.log(1 / alpha) - SLACK;
    let log = 0;
    for (let at = 0; at < run.minutes; at += 1) {
      const [p0, p1] = [run.baselineRate[at] ?? 0, run.canaryRate[at] ?? 0];
      if (p0 === p1 || run.isRead[at] === 0) continue;
      const bad = run.canaryBad[at] ?? 0;
      log += likelihoodRatio(bad, (run.canaryTotal[at] ?? 0) - bad, p0, p1);
      if (log >= bar) return at + 1;
    }
    return 0;
  };

const MIXTURE = [1.5, 2, 3, 5, 10, 20, 50, 100];

/** The plain capped e-process: the same eight ratios for every canary, each minute's factor capped, no history. */
export const plainMixture =
  (alpha: number, cap: number): BenchJudge =>
  (run) => {
    const logs = MIXTURE.map(() => 0);
    const logCap = Math.log(cap);
    for (let at = 0; at < run.minutes; at += 1) {
      const [a, b] = [run.canaryTotal[at] ?? 0, run.baselineTotal[at] ?? 0];
      if (run.isRead[at] === 0 || a + b === 0) continue;
      const share = a / (a + b);
      const [x, y] = [run.canaryBad[at] ?? 0, run.baselineBad[at] ?? 0];
      let sum = 0;
      for (const [bet, odds] of MIXTURE.entries()) {
        const log = x * Math.log(odds) - (x + y) * Math.log1p(share * (odds - 1));
        logs[bet] = (logs[bet] ?? 0) + Math.min(log, logCap);
        sum += Math.exp(logs[bet] ?? 0);
      }
      if (sum / MIXTURE.length >= 1 / alpha - SLACK) return at + 1;
    }
    return 0;
  };

const NORMAL_FROM = 200;

const logFactorial = (() => {
  const table = [0];
  return (n: number): number => {
    if (n < 5_000) {
      for (let at = table.length; at <= n; at += 1) table.push((table[at - 1] ?? 0) + Math.log(at));
      return table[n] ?? 0;
    }
    return n * Math.log(n) - n + 0.5 * Math.log(2 * Math.PI * n) + 1 / (12 * n) - 1 / (360 * n ** 3);
  };
})();
const logChoose = (n: number, k: number): number => logFactorial(n) - logFactorial(k) - logFactorial(n - k);

/** One-sided Fisher exact p-value: P(X >= x) when the bad calls fall on like versions. */
export const fisherTail = (a: number, x: number, b: number, y: number): number => {
  const n = x + y;
  const mean = (n * a) / (a + b);
  const variance = a + b > 1 ? (mean * (b / (a + b)) * (a + b - n)) / (a + b - 1) : 0;
  if (variance > NORMAL_FROM) return normalTail((x - 0.5 - mean) / Math.sqrt(variance));
  const all = logChoose(a + b, n);
  let tail = 0;
  for (let k = x; k <= Math.min(n, a); k += 1) {
    const term = Math.exp(logChoose(a, k) + logChoose(b, n - k) - all);
    tail += term;
    if (k > mean && term < 1e-12) break;
  }
  return tail;
};

const exactAt = (run: Run, until: number): number => {
  let [a, x, b, y] = [0, 0, 0, 0];
  for (let at = 0; at < until; at += 1) {
    if (run.isRead[at] === 0) continue;
    a += run.canaryTotal[at] ?? 0;
    x += run.canaryBad[at] ?? 0;
    b += run.baselineTotal[at] ?? 0;
    y += run.baselineBad[at] ?? 0;
  }
  if (a === 0 || b === 0 || x / a - y / b < MIN_HARM) return 1;
  return fisherTail(a, x, b, y);
};

/** Fisher's exact test on all counts so far, once at the end. */
export const exactOnce =
  (alpha: number): BenchJudge =>
  (run) =>
    exactAt(run, run.minutes) <= alpha ? run.minutes : 0;

/** The same test looked at every minute, as is often done. */
export const exactEachMinute =
  (alpha: number): BenchJudge =>
  (run) => {
    for (let until = 1; until <= run.minutes; until += 1) if (exactAt(run, until) <= alpha) return until;
    return 0;
  };
