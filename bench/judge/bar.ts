/** The bar the judge must pass on its own benchmark. */
import { OURS } from "./judges.ts";
import { type Line, REALLY_DIFFERS } from "./summary.ts";

export type Bar = {
  readonly familyRateMost: number;
  readonly sandboxRateMost: number;
  readonly powerLeast: number;
  readonly delayMost: number;
};

/** Rates 0-1, delay in minutes. */
export const BAR: Bar = { familyRateMost: 0.01, sandboxRateMost: 0.05, powerLeast: 0.93, delayMost: 1.3 };

/** The quick run has a seventh of the cells, and not the same mix of traffic: its delay needs a little room. */
export const QUICK_BAR: Bar = { ...BAR, delayMost: 1.4 };

/** What our line misses of the bar, in words; empty when it passes. */
export const missesOf = (lines: readonly Line[], bar: Bar): readonly string[] => {
  const ours = lines.find((line) => line.judge === OURS);
  if (ours === undefined) return ["our judge did not run"];
  const sandbox = ours.falseRateByFamily[REALLY_DIFFERS] ?? 1;
  return [
    ours.worstFamilyRate > bar.familyRateMost
      ? `false rollbacks ${ours.worstFamilyRate} in ${ours.worstFamily}`
      : "",
    sandbox > bar.sandboxRateMost ? `false rollbacks ${sandbox} where ${REALLY_DIFFERS}` : "",
    ours.power < bar.powerLeast ? `power ${ours.power}` : "",
    ours.delayMinutes > bar.delayMost ? `${ours.delayMinutes} minutes later` : "",
  ].filter((miss) => miss !== "");
};
