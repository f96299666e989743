/** From cells to one line a judge: how often it errs, how much it sees, how fast. */
import type { CellResult } from "./cells.ts";
import { JUDGES } from "./judges.ts";

export type Line = {
  readonly judge: string;
  /** False rollbacks 0-1 in the family that fares worst, all its cells together. */
  readonly worstFamilyRate: number;
  readonly worstFamily: string;
  /** False rollbacks 0-1 in the single worst cell, families that really differ left out. */
  readonly worstCellRate: number;
  readonly worstCell: string;
  readonly falseRateByFamily: Readonly<Record<string, number>>;
  /** The same for the single worst cell of each family. */
  readonly worstCellByFamily: Readonly<Record<string, number>>;
  /** Share of bad versions caught, over that of the limit. */
  readonly power: number;
  /** Mean minutes later than the limit, over the runs that both catch. */
  readonly delayMinutes: number;
  /** Mean bad calls the canary served before rollback or the end. */
  readonly badCalls: number;
};

/** Versions whose sandboxes differ really do differ: they have a bound of their own. */
export const REALLY_DIFFERS = "differs by sandbox";

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

const rateIn = (cells: readonly CellResult[], which: number): number =>
  sum(cells.map((cell) => cell.tallies[which]?.rolledBack ?? 0)) /
  Math.max(1, sum(cells.map((cell) => cell.runs)));

const labelOf = (cell: CellResult): string =>
  `${cell.family}, ${cell.variant}, ${cell.traffic}/s, ${cell.shift}`;

const byFamily = (
  cells: readonly CellResult[],
  rateOf: (cells: readonly CellResult[]) => number,
): Readonly<Record<string, number>> => {
  const families = [...new Set(cells.map((cell) => cell.family))];
  return Object.fromEntries(
    families.map((family) => [family, rateOf(cells.filter((cell) => cell.family === family))]),
  );
};

const highest = <T>(items: readonly T[], score: (item: T) => number): T | undefined =>
  items.reduce<T | undefined>(
    (best, item) => (best === undefined || score(item) > score(best) ? item : best),
    undefined,
  );

/** One line for each judge, in the order of JUDGES; the last judge is the limit that others are held against. */
export const summarise = (results: readonly CellResult[]): readonly Line[] => {
  const same = results.filter((cell) => cell.kind === "same");
  const alike = same.filter((cell) => cell.family !== REALLY_DIFFERS);
  const bad = results.filter((cell) => cell.kind === "bad");
  const limit = rateIn(bad, JUDGES.length - 1);
  return JUDGES.map(([judge], which) => {
    const falseRateByFamily = byFamily(same, (cells) => rateIn(cells, which));
    const families = Object.entries(falseRateByFamily).filter(([family]) => family !== REALLY_DIFFERS);
    const [worstFamily = "none", worstFamilyRate = 0] = highest(families, ([, rate]) => rate) ?? [];
    const worst = highest(alike, (cell) => rateIn([cell], which));
    const tallies = bad.flatMap((cell) => cell.tallies[which] ?? []);
    return {
      judge,
      worstFamilyRate,
      worstFamily,
      worstCellRate: worst ? rateIn([worst], which) : 0,
      worstCell: worst ? labelOf(worst) : "none",
      falseRateByFamily,
      worstCellByFamily: byFamily(same, (cells) => Math.max(...cells.map((cell) => rateIn([cell], which)))),
      power: rateIn(bad, which) / limit,
      delayMinutes:
        sum(tallies.map((tally) => tally.delay)) / Math.max(1, sum(tallies.map((tally) => tally.both))),
      badCalls: sum(tallies.map((tally) => tally.exposure)) / Math.max(1, sum(bad.map((cell) => cell.runs))),
    };
  });
};
