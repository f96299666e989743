/** Versions that really are worse: how much of each kind does a judge catch, and when? */
import type { Random } from "./random.ts";
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

/** Share of lognormal durations (sigma 0.5) above the baseline's p99, when all get `times` slower. */
const slowTail = (times: number): number => {
  const z = 2.3263478740408408 - Math.log(times) / 0.5;
  const t = 1 / (1 + 0.2316419 * z);
  const density = Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI);
  return (
    density * t * (0.31938153 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))))
  );
};

export const BAD_VERSIONS: readonly Scenario[] = [
  ...ERRORS,
  worse("slow tail", 0.01, slowTail(1.3)),
  worse("slow tail", 0.01, slowTail(2)),
  worse("timeouts", 0.01, 0.06),
  worse("throttling", 0, 0.2),
  worse("throttling", 0.001, 0.5),
  worse("later onset", 0.001, 0.05, 0.4),
  worse("later onset", 0.001, 0.2, 0.4),
];
