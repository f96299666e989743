import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Minute, SignalSeries } from "../../../lib/judge/counts.ts";
import { judge } from "../../../lib/judge/judge.ts";
import type { JudgeInput, Judgement } from "../../../lib/judge/judgement.ts";
import { scan } from "../../../lib/judge/scan.ts";

const RUNS = 10_000;

const total = fc.oneof(
  { arbitrary: fc.nat(20), weight: 3 },
  { arbitrary: fc.nat(5_000), weight: 3 },
  { arbitrary: fc.nat(1e9), weight: 1 },
);
const arm = total.chain((calls) =>
  fc
    .oneof(fc.nat(Math.min(calls, 3)), fc.nat(calls), fc.constant(calls))
    .map((bad) => ({ total: calls, bad })),
);
const readMinute = fc.record({ baseline: arm, canary: arm });
const anyMinute: fc.Arbitrary<Minute> = fc.option(readMinute, { freq: 12 });
const history = fc.option(arm, { nil: undefined });
const series = (name: string, minute: fc.Arbitrary<Minute>): fc.Arbitrary<SignalSeries> =>
  fc
    .record({ minutes: fc.array(minute, { maxLength: 12 }), history })
    .map(({ minutes, history: past }) => ({ name, minutes, ...(past ? { history: past } : {}) }));
const inputs: fc.Arbitrary<JudgeInput> = fc.record({
  alpha: fc.constantFrom(0.05, 0.01, 0.2, 1e-9),
  minHarm: fc.constantFrom(0, 0.005, 0.1),
  signals: fc.oneof(
    fc.tuple(series("errors", anyMinute)),
    fc.tuple(series("errors", anyMinute), series("slow-calls", anyMinute)),
  ),
});

const judged = (input: JudgeInput): Judgement => judge(input, { isShiftOver: true });

const numbersIn = (value: unknown): number[] => {
  if (typeof value === "number") return [value];
  return typeof value === "object" && value !== null ? Object.values(value).flatMap(numbersIn) : [];
};

/** More than any excess rate, so that no minute convicts and all are weighed. */
const UNREACHABLE_HARM = 2;

const evidenceOf = (minutes: readonly Minute[], past: SignalSeries["history"]): readonly number[] =>
  scan(minutes, past, 0.05, UNREACHABLE_HARM).evidenceByMinute;

const replaced = (minutes: readonly Minute[], at: number, by: Minute): Minute[] =>
  minutes.map((minute, index) => (index === at % Math.max(1, minutes.length) ? by : minute));

/** The course with one more bad call of `version` in a minute; undefined when all its calls are bad already. */
const withOneMoreBad = (
  course: readonly Minute[],
  at: number,
  version: "baseline" | "canary",
): Minute[] | undefined => {
  const minute = course[at % course.length] ?? null;
  if (minute === null || minute[version].bad === minute[version].total) return undefined;
  const { total: calls, bad } = minute[version];
  return replaced(course, at, { ...minute, [version]: { total: calls, bad: bad + 1 } });
};

/** Rounding of sums over a billion calls. */
const SLACK = 1 + 1e-6;

describe("for any counts", () => {
  test("every number is finite, and the verdict is the same to the bit from its stored inputs", () => {
    fc.assert(
      fc.property(inputs, (input) => {
        const once = judged(input);
        expect(numbersIn(once).every(Number.isFinite)).toBe(true);
        expect(JSON.stringify(judged(JSON.parse(JSON.stringify(input))))).toBe(JSON.stringify(once));
      }),
      { numRuns: RUNS },
    );
  });

  test("a missing minute never passes, and taking data away never makes a pass", () => {
    fc.assert(
      fc.property(inputs, fc.nat(11), fc.nat(1), (input, at, which) => {
        const signals = input.signals.map((one, index) =>
          index === which % input.signals.length ? { ...one, minutes: replaced(one.minutes, at, null) } : one,
        );
        const hasMissing = signals.some(({ minutes }) => minutes.includes(null) || minutes.length === 0);
        expect(hasMissing && judged({ ...input, signals }).verdict === "pass").toBe(false);
        if (judged(input).verdict !== "pass") expect(judged({ ...input, signals }).verdict).not.toBe("pass");
      }),
      { numRuns: RUNS },
    );
  });

  test("one more bad canary call never lowers the evidence, one more bad baseline call never raises it", () => {
    const minutes = fc.array(readMinute, { minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(minutes, history, fc.nat(7), fc.boolean(), (course, past, at, isCanary) => {
        const worse = withOneMoreBad(course, at, isCanary ? "canary" : "baseline");
        if (worse === undefined) return;
        const [low, high] = isCanary ? [course, worse] : [worse, course];
        const most = evidenceOf(high, past);
        const breaches = evidenceOf(low, past).filter((least, minute) => least > (most[minute] ?? 0) * SLACK);
        expect(breaches).toEqual([]);
      }),
      { numRuns: RUNS },
    );
  });

  test("a minute is judged on itself and those before: later minutes change no earlier evidence", () => {
    const course = fc.array(anyMinute, { minLength: 2, maxLength: 10 });
    fc.assert(
      fc.property(course, history, (minutes, past) => {
        const all = evidenceOf(minutes, past);
        const firstHalf = evidenceOf(minutes.slice(0, 5), past);
        expect(all.slice(0, firstHalf.length)).toEqual(firstHalf);
      }),
      { numRuns: RUNS },
    );
  });

  test("the order of the signals decides nothing", () => {
    fc.assert(
      fc.property(inputs, (input) => {
        const turned = judged({ ...input, signals: input.signals.toReversed() });
        const { verdict, reason, minute } = judged(input);
        expect({ verdict: turned.verdict, reason: turned.reason, minute: turned.minute }).toEqual({
          verdict,
          reason,
          minute,
        });
      }),
      { numRuns: RUNS },
    );
  });
});
