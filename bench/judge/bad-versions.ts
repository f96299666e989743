/** Versions that really are worse: how much of each kind does a judge catch, and when? */
import { normalTail } from "../../lib/judge/binomial.ts";
import type { Random } from "../../lib/judge/chance.ts";
import { drawHistory, drawMinute, type Run } from "./run.ts";

export type Scenario = {
  readonly family: string;
  readonly variant: string;
  /** Fills one run with this many calls per second and these canary weights. */
  readonly draw: (run: Run, random: Random, traffic: number, weights: readonly number[]) => void;
};

const percent = (rate: number): string => `${Number((rate * 100).toPrecision(3))} %`;

/** The canary's bad rate rises from the baseline's to `canaryRate` after `onsetShare` of the shift. */
const worse = (family: string, baselineRate: number, canaryRate: number, onsetShare = 0): Scenario => ({
  family,
  variant: `${percent(baselineRate)} to ${percent(canaryRate)}${onsetShare > 0 ? ` after ${percent(onsetShare)} of the shift` : ""}`,
  draw: (run, random, traffic, weights) => {
    drawHistory(run, random, traffic, baselineRate);
    for (const [at, weight] of weights.entries()) {
      const isBad = at >= Math.floor(weights.length * onsetShare);
      drawMinute(run, at, random, traffic, weight, baselineRate, isBad ? canaryRate : baselineRate);
    }
  },
});

const ERRORS = [0, 0.001, 0.01].flatMap((baseline) =>
  [0.01, 0.02, 0.05, 0.1, 0.2, 0.5]
    .filter((canary) => canary > baseline)
    .map((canary) => worse("errors", baseline, canary)),
);

/** Upper 1 % and 5 % points of the standard normal: where a slow threshold cuts the baseline's own durations. */
const P99 = 2.3263478740408408;
const P95 = 1.6448536269514722;
/** Spread of the lognormal durations. */
const SIGMA = 0.5;

/** Share of durations above the baseline's percentile at z, when all get `times` slower. */
const slowTail = (z: number, times: number): number => normalTail(z - Math.log(times) / SIGMA);

export const BAD_VERSIONS: readonly Scenario[] = [
  ...ERRORS,
  worse("slow tail", 0.01, slowTail(P99, 1.3)),
  worse("slow tail", 0.01, slowTail(P99, 2)),
  worse("slow tail", 0.05, slowTail(P95, 1.3)),
  worse("slow tail", 0.05, slowTail(P95, 2)),
  worse("timeouts", 0.01, 0.06),
  worse("throttling", 0, 0.2),
  worse("throttling", 0.001, 0.5),
  worse("later onset", 0.001, 0.05, 0.4),
  worse("later onset", 0.001, 0.2, 0.4),
];
