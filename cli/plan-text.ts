/** A plan as people read it: a table with a bar for what each configuration sees, a recommendation, what to type. */
import type { DeploymentConfig } from "../lib/traffic/config.ts";
import type { Usual } from "../lib/traffic/usual.ts";
import { createCommand, type PlanRow, rateText, rowSentence, type ShiftPlan } from "../lib/views/plan.ts";
import { type Io, paint, print } from "./io.ts";
import { tableText } from "./table.ts";

type Shown = {
  title: string;
  plan: ShiftPlan;
  inUse?: DeploymentConfig;
  usual?: Usual;
  /** What the configuration in use sees in a quiet hour, in a sentence. */
  quiet?: string;
};

const BAR_COLUMNS = 24;
/** The left end of the bar: one bad call in a thousand. The right end is every call. */
const BAR_FROM = 0.001;

/** Harm on a scale of powers of ten, small on the left: `·` goes by unseen, `█` is seen. */
const bar = ({ sight }: PlanRow): string => {
  if (sight === undefined) return "·".repeat(BAR_COLUMNS);
  const place = Math.log(Math.max(BAR_FROM, sight.rate) / BAR_FROM) / Math.log(1 / BAR_FROM);
  const unseen = Math.min(BAR_COLUMNS - 1, Math.round(place * BAR_COLUMNS));
  return "·".repeat(unseen) + "█".repeat(BAR_COLUMNS - unseen);
};

const HEADS = [
  "config",
  "shifts",
  "sees above",
  "after",
  "bad calls",
  "0.1 %   1 %    10 %   all",
  "",
] as const;

/** A narrow terminal has no room for the picture. */
const COLUMNS_LEAST = 100;
const BAR_CELL = 5;

const fitting = (io: Io, cells: readonly string[]): string[] =>
  cells.filter((_, cell) => cell !== BAR_CELL || io.columns >= COLUMNS_LEAST);

const cellsOf = (io: Io, row: PlanRow, marks: string): string[] => {
  const { config, minutes, sight } = row;
  return fitting(io, [
    config.name.replace("CodeDeployDefault.", ""),
    config.kind === "all-at-once" ? "at once" : `${minutes} min`,
    sight === undefined ? "nothing" : rateText(sight.rate),
    sight === undefined ? "-" : `${sight.minutes.toFixed(1)} min`,
    sight === undefined ? "-" : String(Math.round(sight.badCalls)),
    paint(io, row.isEnough ? "green" : "yellow", bar(row)),
    marks,
  ]);
};

const perSecond = (calls: number): string => `${Number(calls.toPrecision(2))} calls/s`;

const trafficLine = ({ title, usual, plan }: Shown): string => {
  const { alpha, minHarm, mustSeeRate } = plan.circumstances;
  const traffic =
    usual === undefined
      ? title
      : `${title}: ${perSecond(usual.callsPerSecond)} in the middle hour, ${perSecond(usual.quietCallsPerSecond)} in a quiet one, ${rateText(usual.badRate)} of ${usual.calls} calls bad`;
  return `${traffic}; budget ${rateText(alpha)} a signal, least harm ${rateText(minHarm)}; ${rateText(mustSeeRate)} must be seen`;
};

export const printPlan = async (io: Io, shown: Shown): Promise<void> => {
  const { plan, inUse, quiet } = shown;
  const { mustSeeRate } = plan.circumstances;
  await print(io, `${trafficLine(shown)}\n`);
  const marksOf = ({ config }: PlanRow): string =>
    [config.name === inUse?.name ? "in use" : "", config.name === plan.best?.config.name ? "recommended" : ""]
      .filter((mark) => mark !== "")
      .join(", ");
  await print(
    io,
    tableText(
      io,
      fitting(io, HEADS),
      plan.rows.map((row) => cellsOf(io, row, marksOf(row))),
    ),
  );
  await print(io, "");
  if (plan.best === undefined)
    return print(
      io,
      "Not even two days at half of the calls would do: smoke checks and alarms have to watch over this one.",
    );
  await print(io, `Recommended: ${rowSentence(plan.best, mustSeeRate)}`);
  const create = createCommand(plan.best);
  if (create !== undefined) await print(io, `  ${create}`);
  if (quiet !== undefined) await print(io, quiet);
};
