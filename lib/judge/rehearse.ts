/** How often a shift would come to each verdict, by playing it many times with the judge itself. Seeded. */
import { binomial, type Random, seeded } from "./chance.ts";
import { type Arm, type Minute, rateOf, sumOf } from "./counts.ts";
import { judge } from "./judge.ts";
import type { JudgeInput, Verdict } from "./judgement.ts";

/** Shares are 0-1 of all runs; minute and bad calls are means over the failing runs, 0 without any. */
export type Chances = {
  readonly runs: number;
  readonly shares: Readonly<Record<Verdict, number>>;
  readonly minute: number;
  readonly badCalls: number;
};

/** Plays `runs` shifts, each drawn anew, to their ends. */
export const rehearse = (draw: (random: Random) => JudgeInput, runs: number, seed: number): Chances => {
  const random = seeded(seed);
  const counts: Record<Verdict, number> = { fail: 0, pass: 0, inconclusive: 0 };
  let [minutes, badCalls] = [0, 0];
  for (let run = 0; run < runs; run += 1) {
    const { verdict, minute, signal, signals } = judge(draw(random), { isShiftOver: true });
    counts[verdict] += 1;
    if (verdict !== "fail") continue;
    minutes += minute;
    badCalls += signals.find(({ name }) => name === signal)?.canary.bad ?? 0;
  }
  const fails = Math.max(1, counts.fail);
  return {
    runs,
    shares: {
      fail: counts.fail / runs,
      pass: counts.pass / runs,
      inconclusive: counts.inconclusive / runs,
    },
    minute: minutes / fails,
    badCalls: badCalls / fails,
  };
};

/** Which version the canary of a recorded shift is played as: with the bad rate it had, or with its baseline's. */
export type Part = "itself" | "like-baseline";

const redrawn = (random: Random, { total }: Arm, rate: number): Arm => ({
  total,
  bad: binomial(random, total, rate),
});

/** A recorded shift with the same calls in each minute, whose bad ones fall anew at the rates of the whole shift. */
export const redraw =
  (input: JudgeInput, part: Part) =>
  (random: Random): JudgeInput => ({
    ...input,
    signals: input.signals.map((signal) => {
      const seen = sumOf(signal.minutes);
      const baseline = rateOf(seen.baseline);
      const canary = part === "itself" ? rateOf(seen.canary) : baseline;
      const again = (minute: Minute): Minute =>
        minute && {
          baseline: redrawn(random, minute.baseline, baseline),
          canary: redrawn(random, minute.canary, canary),
        };
      return { ...signal, minutes: signal.minutes.map(again) };
    }),
  });
