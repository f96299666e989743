import { describe, expect, test } from "vitest";
import { normal, seeded } from "../../../lib/judge/chance.ts";
import { ladderArmAt, ladderAsks, shareUpTo } from "../../../lib/signals/ladder.ts";

const SHIFT = { name: "checkout", alias: "live", from: "1", to: "2" };
const AT = 0;

/** What CloudWatch would say of these samples; percentiles by the nearest rank. */
const rungsOf = (samples: readonly number[]): Map<string, Map<number, number>> => {
  const sorted = [...samples].sort((left, right) => left - right);
  const at = (percent: number): number =>
    sorted[Math.max(0, Math.ceil((percent / 100) * sorted.length) - 1)] ?? 0;
  return new Map(
    ladderAsks(SHIFT, "canary").map(({ id, stat }) => {
      const value =
        stat === "SampleCount"
          ? sorted.length
          : stat === "Minimum"
            ? at(0)
            : stat === "Maximum"
              ? at(100)
              : at(Number(stat.slice(1)));
      return [id, new Map([[AT, value]])];
    }),
  );
};

describe("slow calls counted from percentiles", () => {
  test("come within three in a hundred of the true count, for any threshold", () => {
    const random = seeded(7);
    const samples = Array.from({ length: 2_000 }, () => 60 * Math.exp(0.4 * normal(random)));
    const found = rungsOf(samples);
    for (const threshold of [30, 50, 60, 90, 120, 180]) {
      const truth = samples.filter((sample) => sample > threshold).length;
      const { total, bad } = ladderArmAt(found, "canary", AT, threshold) ?? { total: 0, bad: -1 };
      expect(total).toBe(2_000);
      expect(Math.abs(bad - truth)).toBeLessThanOrEqual(60);
    }
  });

  test("are all or none outside of what was measured, and a flat stretch counts as reached", () => {
    const found = rungsOf([50, 50, 50, 80]);
    expect(ladderArmAt(found, "canary", AT, 49)).toEqual({ total: 4, bad: 4 });
    expect(ladderArmAt(found, "canary", AT, 80)).toEqual({ total: 4, bad: 0 });
    expect(ladderArmAt(found, "canary", AT, 50)?.bad).toBe(1);
    expect(shareUpTo([], 10)).toBe(0);
  });

  test("a minute without calls is empty; one with a rung missing, or falling, is not read", () => {
    expect(ladderArmAt(new Map(), "canary", AT, 50)).toEqual({ total: 0, bad: 0 });
    const missing = rungsOf([10, 20, 30]);
    missing.delete("ladder_p90_canary");
    expect(ladderArmAt(missing, "canary", AT, 20)).toBeUndefined();
    const falling = rungsOf([10, 20, 30]);
    falling.set("ladder_p90_canary", new Map([[AT, 1]]));
    expect(ladderArmAt(falling, "canary", AT, 20)).toBeUndefined();
  });
});
