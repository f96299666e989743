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

/** Shifts played so far. `play` goes on where it left off, so that a caller can look up in between. */
export type Rehearsal = { play(runs: number): void; chances(): Chances };

/** Nothing played yet; each shift will be drawn anew and played to its end. */
export const newRehearsal = (draw: (random: Random) => JudgeInput, seed: number): Rehearsal => {
  const random = seeded(seed);
  const counts: Record<Verdict, number> = { fail: 0, pass: 0, inconclusive: 0 };
  let [runs, minutes, badCalls] = [0, 0, 0];
  return {
    play: (more) => {
      for (let run = 0; run < more; run += 1) {
        const { verdict, minute, signal, signals } = judge(draw(random), { isShiftOver: true });
        counts[verdict] += 1;
        runs += 1;
        if (verdict !== "fail") continue;
        minutes += minute;
        badCalls += signals.find(({ name }) => name === signal)?.canary.bad ?? 0;
      }
    },
    chances: () => {
      const share = (verdict: Verdict): number => counts[verdict] / Math.max(1, runs);
      const fails = Math.max(1, counts.fail);
      return {
        runs,
        shares: { fail: share("fail"), pass: share("pass"), inconclusive: share("inconclusive") },
        minute: minutes / fails,
        badCalls: badCalls / fails,
      };
    },
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
