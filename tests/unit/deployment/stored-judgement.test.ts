import { describe, expect, test } from "vitest";
import { packInput, storedJudgement, unpackInput } from "../../../lib/deployment/stored-judgement.ts";
import { judge } from "../../../lib/judge/judge.ts";
import type { JudgeInput } from "../../../lib/judge/judgement.ts";
import { canonical } from "../../../lib/kit/canonical.ts";

const minutesOf = (count: number) =>
  Array.from({ length: count }, (_, index) =>
    index % 97 === 96
      ? null
      : {
          baseline: { total: 54_000 + index, bad: index % 7 },
          canary: { total: 6_000 + index, bad: index % 3 },
        },
  );

const inputOf = (count: number): JudgeInput => ({
  alpha: 0.05,
  minHarm: 0.005,
  signals: ["errors", "slow-calls"].map((name) => ({
    name,
    minutes: minutesOf(count),
    history: { total: 3_000_000, bad: 900 },
    ...(name === "slow-calls" && { about: { slowerThanMs: 143, coldStarts: 3 } }),
  })),
  routed: Array.from({ length: count }, (_, at) =>
    at % 97 === 96 ? null : { share: 0.1, all: 60_000 + at, canary: 6_000 + at },
  ),
});

describe("a stored verdict", () => {
  test.each([0, 1, 5, 60, 600])(
    "of %d minutes is judged again from what was stored, to the same bits",
    (count) => {
      const input = inputOf(count);
      const stored = JSON.parse(canonical(packInput(input)));
      expect(unpackInput(stored)).toEqual(input);
      const again = storedJudgement(judge(unpackInput(stored), { isShiftOver: true }));
      expect(canonical(again)).toBe(canonical(storedJudgement(judge(input, { isShiftOver: true }))));
    },
  );

  test("of two days of minutes fits into an item of the table", () => {
    const input = inputOf(2_880);
    const text = canonical({
      input: packInput(input),
      judgement: storedJudgement(judge(input, { isShiftOver: true })),
    });
    expect(text.length).toBeLessThan(350_000);
  });
});
