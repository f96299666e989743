/** The benchmark's table for a terminal. */
import Table from "cli-table3";
import type { Line } from "./summary.ts";
import { REALLY_DIFFERS } from "./summary.ts";

const percent = (rate: number): string => `${(rate * 100).toFixed(rate < 0.1 ? 2 : 1)} %`;

export const tableOf = (lines: readonly Line[]): string => {
  const table = new Table({
    head: [
      "judge",
      "false rollback, worst family",
      "worst single cell",
      REALLY_DIFFERS,
      "power / limit",
      "minutes later",
      "bad calls served",
    ],
    style: { head: [], border: [] },
    colAligns: ["left", "right", "right", "right", "right", "right", "right"],
  });
  for (const line of lines)
    table.push([
      line.judge,
      `${percent(line.worstFamilyRate)} ${line.worstFamily}`,
      percent(line.worstCellRate),
      percent(line.falseRateByFamily[REALLY_DIFFERS] ?? 0),
      line.power.toFixed(3),
      line.delayMinutes.toFixed(2),
      line.badCalls.toFixed(1),
    ]);
  return table.toString();
};

/** One judge's false rollbacks family by family: all cells together, and the single worst one. */
export const familyTableOf = (line: Line): string => {
  const table = new Table({
    head: [`${line.judge}: false rollback`, "all cells", "worst single cell"],
    style: { head: [], border: [] },
    colAligns: ["left", "right", "right"],
  });
  for (const [family, rate] of Object.entries(line.falseRateByFamily))
    table.push([family, percent(rate), percent(line.worstCellByFamily[family] ?? 0)]);
  return table.toString();
};
