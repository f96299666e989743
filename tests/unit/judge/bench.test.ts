import { beforeAll, describe, expect, test } from "vitest";
import { BAR, missesOf, QUICK_BAR } from "../../../bench/judge/bar.ts";
import { bench, QUICK, SEED } from "../../../bench/judge/bench.ts";
import { chartOf } from "../../../bench/judge/chart.ts";
import { JUDGES, LIMIT, OURS } from "../../../bench/judge/judges.ts";
import { fisherTail } from "../../../bench/judge/rivals/sequential.ts";
import { type Line, summarise } from "../../../bench/judge/summary.ts";

const QUICK_MS_MOST = 60_000;

describe("the quick benchmark", () => {
  let lines: readonly Line[] = [];
  let tookMs = 0;

  beforeAll(async () => {
    const from = performance.now();
    lines = summarise(await bench(QUICK, SEED, 2));
    tookMs = performance.now() - from;
  }, 3 * QUICK_MS_MOST);

  const lineOf = (name: string): Line => {
    const line = lines.find(({ judge }) => judge === name);
    if (line === undefined) throw new Error(`no line for ${name}`);
    return line;
  };

  test("is passed: few false rollbacks in every family, most of the power there is, little delay", () =>
    expect(missesOf(lines, QUICK_BAR)).toEqual([]));

  test("would be missed by a judge that is wrong, blind or slow", () => {
    const ours = lineOf(OURS);
    const worse = (change: Partial<Line>): readonly string[] => missesOf([{ ...ours, ...change }], QUICK_BAR);
    expect(worse({ worstFamilyRate: 0.011 })).toHaveLength(1);
    expect(worse({ worstCellRate: 0.1 })).toHaveLength(1);
    expect(worse({ power: 0.92 })).toHaveLength(1);
    expect(worse({ delayMinutes: 2 })).toHaveLength(1);
    expect(missesOf([], BAR)).toHaveLength(1);
  });

  test("has every judge on one table", () =>
    expect(lines.map(({ judge }) => judge)).toEqual(JUDGES.map(([name]) => name)));

  test("is led by our judge: no rival errs as little and sees as much", () => {
    const ours = lineOf(OURS);
    const rivals = lines.filter(({ judge }) => !judge.startsWith(OURS) && judge !== LIMIT);
    expect(rivals.length).toBeGreaterThanOrEqual(10);
    const rivalsAhead = rivals.filter(
      ({ worstFamilyRate, power, delayMinutes }) =>
        worstFamilyRate <= BAR.familyRateMost && (power >= ours.power || delayMinutes <= ours.delayMinutes),
    );
    expect(rivalsAhead.map(({ judge }) => judge)).toEqual([]);
  });

  test("holds power to that of a judge that knows both true rates", () => {
    expect(lineOf(LIMIT).power).toBe(1);
    expect(lineOf(LIMIT).delayMinutes).toBe(0);
  });

  test("takes less than a minute", () => expect(tookMs).toBeLessThan(QUICK_MS_MOST));

  test("draws a chart with a point for each judge", () =>
    expect(chartOf(lines, "a title").match(/<circle/g)).toHaveLength(JUDGES.length));
});

test("the benchmark's exact test agrees with Fisher's tea tasting: 3 of 4 right has p = 17/70", () => {
  expect(fisherTail(4, 3, 4, 1)).toBeCloseTo(17 / 70, 10);
  expect(fisherTail(4, 4, 4, 0)).toBeCloseTo(1 / 70, 10);
});
