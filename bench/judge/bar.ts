/** The bar the judge must pass on its own benchmark. */
import { FULL, QUICK, type Size } from "./bench.ts";
import { OURS } from "./judges.ts";
import { type Line, REALLY_DIFFERS } from "./summary.ts";

export type Bar = {
  readonly familyRateMost: number;
  /** For any single cell of versions that are alike, as it is measured: with room for chance. */
  readonly cellRateMost: number;
  readonly sandboxRateMost: number;
  readonly powerLeast: number;
  readonly delayMost: number;
};

/** What the true rate of no single cell may exceed: above the family's bound, since a family pools its cells. */
const CELL_TRUE_RATE_MOST = 0.015;

/** A measured rate passes while it is within so many standard errors of the bound: one in 700 at the bound does not. */
const CELL_SPREAD = 3;

const measuredCellRateMost = ({ sameRuns }: Size): number =>
  CELL_TRUE_RATE_MOST + CELL_SPREAD * Math.sqrt((CELL_TRUE_RATE_MOST * (1 - CELL_TRUE_RATE_MOST)) / sameRuns);

/** Rates 0-1, delay in minutes. */
export const BAR: Bar = {
  familyRateMost: 0.01,
  cellRateMost: measuredCellRateMost(FULL),
  sandboxRateMost: 0.05,
  powerLeast: 0.93,
  delayMost: 1.3,
};

/** The quick run has a seventh of the cells, and not the same mix of traffic: its delay needs a little room. */
export const QUICK_BAR: Bar = { ...BAR, cellRateMost: measuredCellRateMost(QUICK), delayMost: 1.4 };

/** What our line misses of the bar, in words; empty when it passes. */
export const missesOf = (lines: readonly Line[], bar: Bar): readonly string[] => {
  const ours = lines.find((line) => line.judge === OURS);
  if (ours === undefined) return ["our judge did not run"];
  const sandbox = ours.falseRateByFamily[REALLY_DIFFERS] ?? 1;
  return [
    ours.worstFamilyRate > bar.familyRateMost
      ? `false rollbacks ${ours.worstFamilyRate} in ${ours.worstFamily}`
      : "",
    ours.worstCellRate > bar.cellRateMost ? `false rollbacks ${ours.worstCellRate} in ${ours.worstCell}` : "",
    sandbox > bar.sandboxRateMost ? `false rollbacks ${sandbox} where ${REALLY_DIFFERS}` : "",
    ours.power < bar.powerLeast ? `power ${ours.power}` : "",
    ours.delayMinutes > bar.delayMost ? `${ours.delayMinutes} minutes later` : "",
  ].filter((miss) => miss !== "");
};
