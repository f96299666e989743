/**
 * What a planned shift will be able to see, by playing it many times with the judge itself: cold minutes, rising weights
 * and all. Slower than power.ts, which estimates the same for a shift that is already under way; seeded, so that the same
 * question has the same answer.
 */
import { binomial, poisson, type Random, seeded } from "./chance.ts";
import { type Arm, COUNT_MAX, type Minute } from "./counts.ts";
import { POWER_NEEDED } from "./power.ts";
import { scan } from "./scan.ts";

/** A shift not yet begun. Rates and weights are 0-1; one weight for each minute in which both versions serve. */
export type Plan = {
  readonly callsPerMinute: number;
  readonly weights: readonly number[];
  readonly baselineRate: number;
  readonly alpha: number;
  readonly minHarm: number;
  /** How many minutes of the baseline's history the judge will be given; 0 for none. */
  readonly historyMinutes: number;
};

/** How a canary with some bad rate would fare. */
export type Course = {
  /** Chance of being convicted, 0-1. */
  readonly power: number;
  /** Means over the convictions; 0 when there are none. */
  readonly minutes: number;
  readonly badCalls: number;
};

/** The lowest canary bad rate that is caught with POWER_NEEDED, and what catching it costs. */
export type Sight = { readonly rate: number } & Course;

/** Minutes played for one answer; longer shifts are played fewer times. */
const MINUTES_PLAYED = 12_000;
const RUNS_LEAST = 60;
const RUNS_MOST = 400;
/** The rate is found to about 5 %. */
const BISECTIONS = 9;
/** The lowest rate that is looked for. */
const RATE_LEAST = 1e-4;

/** One minute of a plan, with as many calls as chance gives it. */
const drawMinute = (random: Random, plan: Plan, weight: number, canaryRate: number): Minute => {
  const calls = poisson(random, plan.callsPerMinute);
  const canary = binomial(random, calls, weight);
  const baseline = calls - canary;
  return {
    baseline: { total: baseline, bad: binomial(random, baseline, plan.baselineRate) },
    canary: { total: canary, bad: binomial(random, canary, canaryRate) },
  };
};

/** A signal's whole course, and its history, when the canary goes bad at `canaryRate` (0-1). */
export const drawSeries = (
  random: Random,
  plan: Plan,
  canaryRate: number,
): { history: Arm; minutes: readonly Minute[] } => {
  const past = Math.min(COUNT_MAX, Math.round(plan.callsPerMinute * plan.historyMinutes));
  return {
    history: { total: past, bad: binomial(random, past, plan.baselineRate) },
    minutes: plan.weights.map((weight) => drawMinute(random, plan, weight, canaryRate)),
  };
};

const runsFor = ({ weights }: Plan): number =>
  Math.min(RUNS_MOST, Math.max(RUNS_LEAST, Math.floor(MINUTES_PLAYED / Math.max(1, weights.length))));

/** Plays the plan with a canary that goes bad at `canaryRate` (0-1). */
export const courseOf = (plan: Plan, canaryRate: number, seed: number): Course => {
  const random = seeded(seed);
  const runs = runsFor(plan);
  let convictions = 0;
  let minutes = 0;
  let badCalls = 0;
  for (let run = 0; run < runs; run += 1) {
    const { history, minutes: course } = drawSeries(random, plan, canaryRate);
    const seen = scan(course, history, plan.alpha, plan.minHarm);
    if (!seen.isConvicted) continue;
    convictions += 1;
    minutes += seen.minute;
    badCalls += seen.canary.bad;
  }
  const each = Math.max(1, convictions);
  return { power: convictions / runs, minutes: minutes / each, badCalls: badCalls / each };
};

/** Whether the plan catches a canary with this bad rate (0-1) with POWER_NEEDED. */
export const seesRate = (plan: Plan, canaryRate: number, seed: number): boolean =>
  courseOf(plan, canaryRate, seed).power >= POWER_NEEDED;

/** The lowest canary bad rate that the plan catches with POWER_NEEDED; undefined when it would miss even 100 %. */
export const sightOf = (plan: Plan, seed: number): Sight | undefined => {
  const sees = (rate: number): boolean => seesRate(plan, rate, seed);
  if (plan.weights.length === 0 || !sees(1)) return undefined;
  let tooLow = Math.log(Math.max(RATE_LEAST, plan.baselineRate));
  let enough = 0;
  for (let step = 0; step < BISECTIONS; step += 1) {
    const middle = (tooLow + enough) / 2;
    if (sees(Math.exp(middle))) enough = middle;
    else tooLow = middle;
  }
  const rate = Math.exp(enough);
  return { rate, ...courseOf(plan, rate, seed) };
};
