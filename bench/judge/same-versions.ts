/** Versions that are the same, in weather that fools judges: every rollback here is a false one. */

import { binomial, poisson, type Random } from "../../lib/judge/chance.ts";
import type { Scenario } from "./bad-versions.ts";
import { gammaMeanOne } from "./random.ts";
import { drawHistory, drawMinute } from "./run.ts";

type RateAt = (at: number, minutes: number, random: Random) => number;

/** Both versions share one bad rate in each minute; history had `usual` on average. */
const shared = (family: string, variant: string, usual: number, rateAt: RateAt): Scenario => ({
  family,
  variant,
  draw: (run, random, traffic, weights) => {
    drawHistory(run, random, traffic, usual);
    for (const [at, weight] of weights.entries()) {
      const rate = Math.min(1, rateAt(at, weights.length, random));
      drawMinute(run, at, random, traffic, weight, rate, rate);
    }
  },
});

const flat = (family: string, rate: number): Scenario => shared(family, `${rate * 100} %`, rate, () => rate);

const drifting = (rate: number, times: number): Scenario =>
  shared("drifting", `${rate * 100} % times ${times}`, rate, (at, minutes) => rate * times ** (at / minutes));

const outage = (length: number, level: number): Scenario => ({
  family: "shared outage",
  variant: `${level * 100} % for ${length} min`,
  draw: (run, random, traffic, weights) => {
    drawHistory(run, random, traffic, 0.001);
    const start = Math.floor(random() * weights.length);
    for (const [at, weight] of weights.entries()) {
      const rate = at >= start && at < start + length ? level : 0.001;
      drawMinute(run, at, random, traffic, weight, rate, rate);
    }
  },
});

const overdispersed = (rate: number, shape: number): Scenario =>
  shared(
    "overdispersed",
    `${rate * 100} % shape ${shape}`,
    rate,
    (_at, _minutes, random) => rate * gammaMeanOne(random, shape),
  );

/** Bad calls come in clumps that each hit one version, one clump in `every` minutes on average. */
const clumps = (size: number, every: number, rate: number): Scenario => ({
  family: "clumps",
  variant: `${size} each ${every} min on ${rate * 100} %`,
  draw: (run, random, traffic, weights) => {
    const clumped = size / every / (traffic * 60);
    drawHistory(run, random, traffic, Math.min(0.9, rate + clumped));
    for (const [at, weight] of weights.entries()) {
      drawMinute(run, at, random, traffic, weight, rate, rate);
      for (let left = poisson(random, 1 / every); left > 0; left -= 1) {
        const isCanary = random() < weight;
        const bad = isCanary ? run.canaryBad : run.baselineBad;
        const total = (isCanary ? run.canaryTotal : run.baselineTotal)[at] ?? 0;
        bad[at] = Math.min(total, (bad[at] ?? 0) + poisson(random, size));
      }
    }
  },
});

/** Calls one sandbox serves in a second. */
const SANDBOX_RATE = 5;

/** Each sandbox has a rate of its own, for as long as the shift lasts. */
const bySandbox = (rate: number, shape: number): Scenario => ({
  family: "differs by sandbox",
  variant: `${rate * 100} % shape ${shape}`,
  draw: (run, random, traffic, weights) => {
    drawHistory(run, random, traffic, rate);
    const rateOfVersion = (share: number): number => {
      const sandboxes = Math.max(1, Math.round((traffic * share) / SANDBOX_RATE));
      return Math.min(1, rate * gammaMeanOne(random, shape * sandboxes));
    };
    const share = weights.reduce((sum, weight) => sum + weight, 0) / weights.length;
    const canaryRate = rateOfVersion(share);
    const baselineRate = rateOfVersion(1 - share);
    for (const [at, weight] of weights.entries())
      drawMinute(run, at, random, traffic, weight, baselineRate, canaryRate);
  },
});

/** New sandboxes answer slowly once: the canary's come up when its weight rises. */
const coldStart = (rate: number, first: number): Scenario => ({
  family: "cold start",
  variant: `slow ${rate * 100} %, ${first} cold at first`,
  draw: (run, random, traffic, weights) => {
    drawHistory(run, random, traffic, rate);
    let warmWeight = 0;
    for (const [at, weight] of weights.entries()) {
      drawMinute(run, at, random, traffic, weight, rate, rate);
      const fresh = Math.max(0, weight - warmWeight);
      warmWeight = Math.max(weight, warmWeight);
      const canaryTotal = run.canaryTotal[at] ?? 0;
      const atFirst = at === 0 ? Math.min(first, Math.ceil(canaryTotal / 2)) : 0;
      const cold = atFirst + poisson(random, (traffic * fresh) / SANDBOX_RATE);
      run.canaryBad[at] = Math.min(canaryTotal, (run.canaryBad[at] ?? 0) + cold);
    }
  },
});

const LOST = 0.08;

/** Minutes that cannot be read, and minutes where one version's counts have only half arrived. */
const lateData = (rate: number): Scenario => ({
  family: "late or partial data",
  variant: `${rate * 100} %`,
  draw: (run, random, traffic, weights) => {
    drawHistory(run, random, traffic, rate);
    const halve = (totals: Float64Array, bads: Float64Array, at: number): void => {
      const kept = binomial(random, (totals[at] ?? 0) - (bads[at] ?? 0), 0.5);
      bads[at] = binomial(random, bads[at] ?? 0, 0.5);
      totals[at] = kept + (bads[at] ?? 0);
    };
    for (const [at, weight] of weights.entries()) {
      drawMinute(run, at, random, traffic, weight, rate, rate);
      const luck = random();
      if (luck < LOST) run.isRead[at] = 0;
      else if (luck < 2 * LOST) halve(run.canaryTotal, run.canaryBad, at);
      else if (luck < 3 * LOST) halve(run.baselineTotal, run.baselineBad, at);
    }
  },
});

/** So few calls that most minutes are empty, whatever the asked traffic. */
const nearZero = (rate: number): Scenario => {
  const scenario = flat("near-zero traffic", rate);
  return {
    ...scenario,
    draw: (run, random, traffic, weights) =>
      scenario.draw(run, random, 0.02 + 0.1 * Math.min(1, traffic / 1000), weights),
  };
};

/** The weight steps up within minutes, while the shared rate moves too. */
const weightSteps = (rate: number): Scenario => ({
  family: "weight steps",
  variant: `${rate * 100} %`,
  draw: (run, random, traffic, weights) => {
    drawHistory(run, random, traffic, rate);
    for (const [at] of weights.entries()) {
      const step = 0.1 * (1 + Math.floor((at * 6) / weights.length));
      const share = random();
      const now = rate * gammaMeanOne(random, 4);
      drawMinute(run, at, random, traffic, step * share + (step + 0.1) * (1 - share), now, now);
    }
  },
});

export const SAME_VERSIONS: readonly Scenario[] = [
  ...[0.001, 0.005, 0.02].map((rate) => flat("flat", rate)),
  drifting(0.001, 4),
  drifting(0.01, 3),
  drifting(0.02, 0.3),
  outage(3, 0.4),
  outage(6, 0.1),
  overdispersed(0.002, 0.5),
  overdispersed(0.02, 2),
  clumps(20, 5, 0.0005),
  clumps(20, 5, 0.005),
  clumps(8, 5, 0.001),
  clumps(50, 10, 0.001),
  bySandbox(0.01, 20),
  bySandbox(0.002, 4),
  coldStart(0.01, 1),
  coldStart(0.01, 10),
  coldStart(0.05, 5),
  lateData(0.002),
  lateData(0.02),
  nearZero(0.01),
  nearZero(0.1),
  ...[0.05, 0.2, 0.5].map((rate) => flat("old version also bad", rate)),
  weightSteps(0.002),
  weightSteps(0.02),
];
