/** The benchmark's cells: every scenario at every traffic on every shift, and what each judge did in them. */

import { seeded } from "../../lib/judge/chance.ts";
import { BAD_VERSIONS, type Scenario } from "./bad-versions.ts";
import { JUDGES } from "./judges.ts";
import { newRun } from "./run.ts";
import { SAME_VERSIONS } from "./same-versions.ts";
import { SHIFTS, type Shift, TRAFFICS } from "./shifts.ts";

export type Kind = "same" | "bad";
export type Cell = {
  readonly kind: Kind;
  readonly scenario: Scenario;
  readonly shift: Shift;
  readonly traffic: number;
};

/** One judge in one cell; `delay` sums over the runs that the limit caught as well. */
export type Tally = {
  rolledBack: number;
  minutes: number;
  /** Runs caught by both, and the sum of this judge's minutes less the limit's. */
  both: number;
  delay: number;
  /** Bad calls that the canary served until rollback, or to the end. */
  exposure: number;
};

export type CellResult = {
  readonly kind: Kind;
  readonly family: string;
  readonly variant: string;
  readonly shift: string;
  readonly traffic: number;
  readonly runs: number;
  readonly tallies: readonly Tally[];
};

const across = (kind: Kind, scenarios: readonly Scenario[]): Cell[] =>
  scenarios.flatMap((scenario) =>
    SHIFTS.flatMap((shift) => TRAFFICS.map((traffic) => ({ kind, scenario, shift, traffic }))),
  );

export const CELLS: readonly Cell[] = [...across("same", SAME_VERSIONS), ...across("bad", BAD_VERSIONS)];

const exposureUntil = (bads: Float64Array, minute: number): number => {
  let sum = 0;
  for (let at = 0; at < (minute === 0 ? bads.length : minute); at += 1) sum += bads[at] ?? 0;
  return sum;
};

/** Runs every judge on the same `runs` draws of the cell. The draws depend on the seed and the cell only. */
export const runCell = (at: number, runs: number, seed: number): CellResult => {
  const cell = CELLS[at];
  if (cell === undefined) throw new RangeError(`no cell ${at}`);
  const random = seeded(seed, at + 1);
  const run = newRun(cell.shift.weights.length);
  const tallies = JUDGES.map((): Tally => ({ rolledBack: 0, minutes: 0, both: 0, delay: 0, exposure: 0 }));
  for (let draw = 0; draw < runs; draw += 1) {
    cell.scenario.draw(run, random, cell.traffic, cell.shift.weights);
    const minutes = JUDGES.map(([, judge]) => judge(run));
    const best = minutes.at(-1) ?? 0;
    for (const [which, minute] of minutes.entries()) {
      const tally = tallies[which];
      if (tally === undefined) continue;
      tally.exposure += exposureUntil(run.canaryBad, minute);
      if (minute === 0) continue;
      tally.rolledBack += 1;
      tally.minutes += minute;
      if (best === 0) continue;
      tally.both += 1;
      tally.delay += minute - best;
    }
  }
  return {
    kind: cell.kind,
    family: cell.scenario.family,
    variant: cell.scenario.variant,
    shift: cell.shift.name,
    traffic: cell.traffic,
    runs,
    tallies,
  };
};
