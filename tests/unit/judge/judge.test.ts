import { describe, expect, test } from "vitest";
import { judge } from "../../../lib/judge/judge.ts";
import { InputError } from "../../../lib/kit/errors.ts";
import { during, input, minute, over, signal, times } from "./story.ts";

const QUIET = minute([540, 0], [60, 0]);
const HEALTHY = minute([5_400, 5], [600, 1]);
const BROKEN = minute([5_400, 5], [600, 60]);
const DAY = { total: 864_000, bad: 800 };

describe("a bad canary", () => {
  test("fails in its second minute, and not before", () => {
    const judged = over(signal("errors", times(10, BROKEN)));
    expect(judged).toMatchObject({ verdict: "fail", minute: 2, signal: "errors", bar: 20 });
    expect(judged.evidenceByMinute).toHaveLength(2);
    expect(judged.evidence).toBeGreaterThanOrEqual(judged.bar);
  });

  test("fails while the shift still runs", () =>
    expect(during(signal("errors", BROKEN, BROKEN)).verdict).toBe("fail"));

  test("stays failed, whatever comes later", () => {
    const judged = over(signal("errors", BROKEN, BROKEN, times(8, HEALTHY)));
    expect(judged).toMatchObject({ verdict: "fail", minute: 2 });
  });

  test("fails when it turns bad only after twelve good minutes", () => {
    const judged = over(signal("errors", times(12, HEALTHY), times(8, BROKEN)));
    expect(judged.verdict).toBe("fail");
    expect(judged.minute).toBeLessThanOrEqual(16);
  });

  test("fails on one signal of two, with its share of alpha", () => {
    const judged = over(signal("slow-calls", times(10, HEALTHY)), signal("errors", times(10, BROKEN)));
    expect(judged).toMatchObject({ verdict: "fail", signal: "errors", bar: 40 });
    expect(judged.signals.map(({ verdict }) => verdict)).toEqual(["pass", "fail"]);
  });

  test("fails by two bad calls in two minutes when history has seen none, and says whose word that is", () => {
    const bad = minute([54, 0], [6, 1]);
    const quiet = minute([54, 0], [6, 0]);
    const minutes = [quiet, bad, quiet, bad];
    const judged = over({ name: "errors", minutes, history: { total: 86_400, bad: 0 } });
    expect(judged).toMatchObject({ verdict: "fail", minute: 4, signals: [{ witness: "memory" }] });
    expect(judged.why).toContain("on the word of the baseline's history: 0 in 86 400");
    expect(over({ name: "errors", minutes }).verdict).toBe("inconclusive");
  });
});

describe("a canary that is not to blame", () => {
  test("is not failed by one terrible minute", () => {
    const judged = over(
      signal("errors", times(4, HEALTHY), minute([5_400, 0], [600, 600]), times(10, HEALTHY)),
    );
    expect(judged.verdict).not.toBe("fail");
  });

  test("is not failed by an outage that hits both versions", () => {
    const outage = minute([5_400, 2_700], [600, 300]);
    const minutes = [...times(3, HEALTHY), outage, outage, outage, ...times(4, HEALTHY)];
    expect(over({ name: "errors", minutes, history: DAY }).verdict).toBe("pass");
    expect(over({ name: "errors", minutes }).verdict).toBe("pass");
  });

  test("is let out when it mends a failing baseline", () =>
    expect(over(signal("errors", times(10, minute([5_400, 1_080], [600, 6])))).verdict).toBe("pass"));

  test("is not failed for a difference below the minimum harm, however certain", () => {
    const tiny = minute([5_400_000, 5_400], [600_000, 1_800]);
    const judged = over(signal("errors", times(10, tiny)));
    expect(judged.verdict).toBe("pass");
    expect(judged.evidence).toBeGreaterThan(judged.bar);
    expect(judged.why).toMatch(/^Worse by less than matters/);
  });

  test("is failed for that difference when no harm is too small", () => {
    const tiny = minute([5_400_000, 5_400], [600_000, 1_800]);
    const judged = judge(input([signal("errors", times(10, tiny))], { minHarm: 0 }), { isShiftOver: true });
    expect(judged.verdict).toBe("fail");
  });
});

describe("a pass", () => {
  test("is given at the end of a shift that would have seen harm", () => {
    const judged = over(signal("errors", times(10, HEALTHY)));
    expect(judged.verdict).toBe("pass");
    expect(judged.signals[0]?.seeableRate).toBeLessThan(0.02);
  });

  test("is never given while the shift runs", () =>
    expect(during(signal("errors", times(10, HEALTHY)))).toMatchObject({
      verdict: "inconclusive",
      reason: "not-enough-evidence",
    }));

  test("is given on evidence of health where bad calls are common", () => {
    const judged = over(signal("slow-calls", times(30, minute([300, 60], [30, 4]))));
    expect(judged.verdict).toBe("pass");
    expect(judged.signals[0]?.health).toBeGreaterThan(20);
  });

  test("is not given to a canary under suspicion", () => {
    const judged = over(signal("errors", times(9, QUIET), minute([540, 0], [60, 40])));
    expect(judged).toMatchObject({ verdict: "inconclusive", reason: "not-enough-evidence" });
  });
});

describe("no answer", () => {
  test("is given to four calls a minute, with what it would take", () => {
    const judged = over(signal("errors", times(10, minute([4, 0], [0, 0])), minute([3, 0], [1, 0])));
    expect(judged).toMatchObject({ verdict: "inconclusive", reason: "not-enough-evidence" });
    expect(judged.needs?.calls).toBeGreaterThan(100);
    expect(judged.why).toMatch(/needs about [\d ]+ more calls, or [\d ]+ more minutes/);
  });

  test("is given to a canary that got no calls", () =>
    expect(over(signal("errors", times(10, minute([600, 0], [0, 0]))))).toMatchObject({
      verdict: "inconclusive",
      reason: "not-enough-evidence",
    }));

  test.each([
    ["a minute that was not read", [null]],
    ["negative counts", [minute([100, 0], [-1, 0])]],
    ["counts that are no numbers", [minute([Number.NaN, 0], [60, 0])]],
    ["more bad calls than calls", [minute([540, 0], [60, 61])]],
    ["endless counts", [minute([Number.POSITIVE_INFINITY, 0], [60, 0])]],
  ])("is given for %s", (_what, odd) =>
    expect(over(signal("errors", times(10, HEALTHY), odd))).toMatchObject({
      verdict: "inconclusive",
      reason: "could-not-look",
    }),
  );

  test("is given when one signal was read less far than another", () =>
    expect(over(signal("slow-calls", times(9, HEALTHY)), signal("errors", times(10, HEALTHY)))).toMatchObject(
      {
        verdict: "inconclusive",
        reason: "could-not-look",
        signal: "slow-calls",
      },
    ));

  test("is given for no signal at all, and for no minute at all", () => {
    expect(over()).toMatchObject({ verdict: "inconclusive", reason: "could-not-look" });
    expect(over(signal("errors"))).toMatchObject({ verdict: "inconclusive", reason: "could-not-look" });
  });

  test("gives way to a failure that was seen all the same", () =>
    expect(over(signal("errors", BROKEN, null, BROKEN)).verdict).toBe("fail"));
});

describe("settings out of range", () => {
  test.each([
    ["alpha 0", { alpha: 0 }],
    ["alpha 1", { alpha: 1 }],
    ["alpha that is no number", { alpha: Number.NaN }],
    ["negative harm", { minHarm: -0.1 }],
    ["a tolerance of 1", { maxTolerated: 1 }],
  ])("are refused: %s", (_what, settings) =>
    expect(() => judge(input([signal("errors", HEALTHY)], settings), { isShiftOver: true })).toThrow(
      InputError,
    ),
  );

  test("do not include history that cannot be counts: it is no history", () => {
    const minutes = times(10, HEALTHY);
    const judged = over({ name: "errors", minutes, history: { total: Number.NaN, bad: 1 } });
    expect(judged).toEqual(over({ name: "errors", minutes }));
  });
});

test("the sentence holds the counts, the expectation, the evidence and the bar", () =>
  expect(over(signal("errors", times(10, BROKEN))).why).toMatch(
    /^Worse at minute 2: canary: 120 errors in 1 200 calls; baseline: 10 in 10 800; a like version would own 13 of those 130; evidence \d+:1 \(bar 20:1\)\.$/,
  ));
