import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Minute } from "../../../lib/judge/counts.ts";
import { scan } from "../../../lib/judge/scan.ts";
import { setColdApart, startsOf } from "../../../lib/signals/cold.ts";

const minute = (total: number, bad: number): Minute => ({
  baseline: { total: 1_000, bad: 50 },
  canary: { total, bad },
});

const UNREACHABLE_HARM = 2;

describe("cold starts", () => {
  test("are as many as concurrency rose above all it was before", () => {
    expect(startsOf([3, 3, 5, 2, 5, 6])).toEqual([3, 0, 2, 0, 0, 1]);
    expect(startsOf([])).toEqual([]);
  });

  test("are taken out of the canary's slow calls and of its calls, and counted", () => {
    const series = {
      name: "slow-calls",
      minutes: [minute(100, 12), minute(110, 6), null],
      about: { slowerThanMs: 90 },
    };
    const apart = setColdApart(series, [10, 10, 14]);
    expect(apart.minutes.map((each) => each?.canary)).toEqual([
      { total: 90, bad: 2 },
      { total: 110, bad: 6 },
      undefined,
    ]);
    expect(apart.about).toEqual({ slowerThanMs: 90, coldCalls: 10 });
  });

  test("unknown concurrency sets nothing apart", () => {
    const series = { name: "slow-calls", minutes: [minute(100, 12)] };
    expect(setColdApart(series, [])).toEqual(series);
  });

  test("set apart leave counts that are counts, touch no baseline, and never add bad calls or a higher rate", () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(500), fc.nat(500), fc.nat(30)), { maxLength: 12 }), (drawn) => {
        const minutes = drawn.map(([one, other]) => minute(Math.max(one, other), Math.min(one, other)));
        const apart = setColdApart(
          { name: "slow-calls", minutes },
          drawn.map(([, , concurrent]) => concurrent),
        ).minutes;
        apart.forEach((after, at) => {
          const before = minutes[at];
          if (!after || !before) throw new Error("a minute went missing");
          expect(after.baseline).toEqual(before.baseline);
          const { total, bad } = after.canary;
          expect(bad).toBeGreaterThanOrEqual(0);
          expect(bad).toBeLessThanOrEqual(total);
          expect(bad * before.canary.total).toBeLessThanOrEqual(before.canary.bad * total);
        });
      }),
      { numRuns: 10_000 },
    );
  });

  test("set apart take evidence away and add none, minute by minute", () => {
    fc.assert(
      fc.property(fc.nat(60), fc.nat(300), fc.nat(20), (bad, good, concurrent) => {
        const plain = [minute(bad + good, bad)];
        const apart = setColdApart({ name: "slow-calls", minutes: plain }, [concurrent]).minutes;
        const evidence = (minutes: readonly Minute[]): number =>
          scan(minutes, undefined, 0.05, UNREACHABLE_HARM).evidenceByMinute[0] ?? 0;
        // Where evidence is for the canary it may come closer to none; it must not come to speak against it.
        expect(evidence(apart)).toBeLessThanOrEqual(Math.max(1, evidence(plain)) * (1 + 1e-9));
      }),
      { numRuns: 10_000 },
    );
  });
});
