/** Evidence over time, computed again from the inputs that the last verdict stored. */
import type { AuditLine } from "../deployment/fact.ts";
import { lastLook } from "../deployment/known.ts";
import { unpackInput } from "../deployment/stored-judgement.ts";
import { judge } from "../judge/judge.ts";

/** One signal's evidence after each minute, in odds, against the bar that convicts. */
export type EvidenceCourse = {
  readonly signal: string;
  readonly bar: number;
  readonly byMinute: readonly number[];
};

const BLOCKS = ["▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"] as const;
/** The most columns of a course: longer ones show the highest of several minutes in each. */
const COLUMNS_MAX = 40;

/** The course of each signal; none when no inputs were stored. */
export const evidenceCourses = (lines: readonly AuditLine[]): readonly EvidenceCourse[] => {
  const last = lastLook(lines.map((line) => line.fact));
  if (last === undefined) return [];
  const { signals } = judge(unpackInput(last.input), { isShiftOver: last.isShiftOver });
  return signals.map(({ name, bar, evidenceByMinute }) => ({
    signal: name,
    bar,
    byMinute: evidenceByMinute,
  }));
};

const columnsOf = (byMinute: readonly number[]): readonly number[] => {
  const each = Math.ceil(byMinute.length / COLUMNS_MAX);
  return Array.from({ length: Math.ceil(byMinute.length / Math.max(1, each)) }, (_, column) =>
    Math.max(...byMinute.slice(column * each, (column + 1) * each)),
  );
};

/** On a scale of odds: the lowest block is no evidence (1:1 or less), the highest the bar. */
const blockOf = (evidence: number, bar: number): string => {
  const height = evidence <= 1 ? 0 : Math.min(1, Math.log(evidence) / Math.log(bar));
  return BLOCKS[Math.floor(height * (BLOCKS.length - 1))] ?? BLOCKS[0];
};

const odds = (value: number): string =>
  value >= 1e6 ? value.toExponential(1) : value >= 10 ? value.toFixed(0) : value.toFixed(1);

/** `errors       ▁▃█  0.9 → 3.1 → 163:1 in 3 minutes (bar 40:1)`: a line a signal. */
export const evidenceLines = (courses: readonly EvidenceCourse[]): readonly string[] => {
  const width = Math.max(0, ...courses.map(({ signal }) => signal.length));
  return courses
    .filter(({ byMinute }) => byMinute.length > 0)
    .map(({ signal, bar, byMinute }) => {
      const drawn = columnsOf(byMinute)
        .map((evidence) => blockOf(evidence, bar))
        .join("");
      const most = Math.max(...byMinute);
      const minute = byMinute.indexOf(most) + 1;
      const last = byMinute.at(-1) ?? 1;
      const peak = most > last ? `, at most ${odds(most)}:1 in minute ${minute}` : "";
      return `${signal.padEnd(width)}  ${drawn}  ${odds(last)}:1 after ${byMinute.length} min${peak} (bar ${odds(bar)}:1)`;
    });
};
