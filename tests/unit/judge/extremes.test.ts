import { describe, expect, test } from "vitest";
import { bellwether } from "../../../bench/judge/ours.ts";
import { drawMinute, newRun } from "../../../bench/judge/run.ts";
import { binomialTail, normalTail } from "../../../lib/judge/binomial.ts";
import { seeded } from "../../../lib/judge/chance.ts";
import { judge } from "../../../lib/judge/judge.ts";
import { judgeLine } from "../../../lib/judge/line.ts";
import { input, minute, over, signal, times } from "./story.ts";

const BILLION = 1e9;

describe("at the extremes", () => {
  test("nothing at all is no evidence", () =>
    expect(over(signal("errors", times(10, minute([0, 0], [0, 0]))))).toMatchObject({
      verdict: "inconclusive",
      evidence: 1,
    }));

  test("all calls bad on both versions is an outage, not a bad canary", () => {
    const judged = over(signal("errors", times(30, minute([900, 900], [100, 100]))));
    expect(judged).toMatchObject({ verdict: "inconclusive", reason: "not-enough-evidence" });
    expect(judged.evidence).toBeCloseTo(1, 9);
  });

  test("all canary calls bad, and a billion of them, fails in two minutes", () => {
    const judged = over(signal("errors", times(5, minute([9 * BILLION, 0], [BILLION, BILLION]))));
    expect(judged).toMatchObject({ verdict: "fail", minute: 2 });
  });

  test("a billion like calls a minute pass", () => {
    const same = minute([9 * BILLION, 9e6], [BILLION, 1e6]);
    expect(over(signal("errors", times(30, same)))).toMatchObject({ verdict: "pass" });
  });

  test.each([
    ["a baseline without calls", minute([0, 0], [600, 60])],
    ["a canary without calls", minute([600, 60], [0, 0])],
  ])("%s proves nothing", (_what, one) =>
    expect(over(signal("errors", times(10, one))).verdict).toBe("inconclusive"),
  );

  test("two days of minutes are judged, and the canary that turns bad at the end is caught", () => {
    const healthy = minute([540, 1], [60, 0]);
    const judged = over(signal("errors", times(2_840, healthy), times(40, minute([540, 1], [60, 30]))));
    expect(judged.verdict).toBe("fail");
    expect(over(signal("errors", times(2_880, healthy))).verdict).toBe("pass");
  });

  test("alpha of one in a billion still convicts, and still not in one minute", () => {
    const broken = times(30, minute([5_400, 5], [600, 300]));
    const strict = judge(input([signal("errors", broken)], { alpha: 1e-9 }), { isShiftOver: true });
    expect(strict.verdict).toBe("fail");
    expect(strict.bar / 1e9).toBeCloseTo(1, 9);
    expect(strict.minute).toBeGreaterThanOrEqual(2);
  });
});

describe("the cost of a verdict", () => {
  const timeOf = (scale: number): number => {
    const series = signal("errors", times(30, minute([90 * scale, 9 * scale], [10 * scale, scale])));
    const from = performance.now();
    for (let round = 0; round < 300; round += 1) over(series);
    return performance.now() - from;
  };

  test("does not grow with the traffic: ten calls and ten million cost about the same", () => {
    timeOf(1);
    expect(timeOf(1e6)).toBeLessThan(20 + 4 * timeOf(1));
  });

  test("is below a millisecond for ten minutes of two signals", () => {
    const minutes = Array.from({ length: 10 }, (_, at) => minute([540, at % 3], [60, at % 2]));
    const line = JSON.stringify({
      id: "x",
      signals: [signal("errors", minutes), signal("slow-calls", minutes)],
    });
    const from = performance.now();
    for (let round = 0; round < 1_000; round += 1) judgeLine(line);
    expect(performance.now() - from).toBeLessThan(1_000 * 3);
  });
});

describe("the tails", () => {
  test("are those of published tables", () => {
    expect(normalTail(1.959963984540054)).toBeCloseTo(0.025, 6);
    expect(normalTail(-1.6448536269514722)).toBeCloseTo(0.95, 6);
    expect(binomialTail(10, 0.5, 8)).toBeCloseTo(0.0546875, 12);
    expect(binomialTail(20, 0.05, 3)).toBeCloseTo(0.0754837, 6);
    expect(binomialTail(20, 0.05, 0)).toBe(1);
    expect(binomialTail(20, 0.05, 21)).toBe(0);
  });

  test("meet where the sum gives way to the normal tail", () => {
    const summed = binomialTail(3_900, 0.1, 410);
    const normal = binomialTail(4_100, 0.1, 410 + 20);
    expect(Math.abs(summed - normal)).toBeLessThan(0.02);
  });
});

describe("the rate that a shift says it can see", () => {
  const shares = (minutes: number, canary: number, rate: number, canaryRate: number): number => {
    const random = seeded(9, minutes);
    const run = newRun(minutes);
    const judgeRun = bellwether(0.05, 0);
    let caught = 0;
    for (let draw = 0; draw < 600; draw += 1) {
      for (let at = 0; at < minutes; at += 1) drawMinute(run, at, random, canary / 6, 0.1, rate, canaryRate);
      if (judgeRun(run) > 0) caught += 1;
    }
    return caught / 600;
  };

  test.each([
    [10, 60, 0.001],
    [10, 600, 0.01],
    [30, 30, 0.002],
    [5, 2_000, 0.001],
  ])("is caught about four times in five: %s minutes of %s canary calls at %s", (minutes, canary, rate) => {
    const baseline = canary * 9;
    const finding = over(
      signal("errors", times(minutes, minute([baseline, Math.round(baseline * rate)], [canary, 0]))),
    ).signals[0];
    const seen = shares(minutes, canary, rate, finding?.seeableRate ?? 0);
    expect(seen).toBeGreaterThan(0.6);
    expect(seen).toBeLessThan(0.97);
  });
});
