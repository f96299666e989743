/** `evaluate --since`: past deployments judged again from what their verdicts stored. */
import type { DeploymentRecord } from "../lib/deployment/record.ts";
import { isoOf } from "../lib/kit/time.ts";
import type { Policy } from "../lib/policy/policy.ts";
import type { DeploymentStore } from "../lib/ports/deployment-store.ts";
import { type Replay, type Replayed, replayedOf, replaySentence } from "../lib/views/replay.ts";
import { EXIT, ExitError } from "./exit-code.ts";
import { type Io, paint, print, printJson, tell } from "./io.ts";
import { tableText } from "./table.ts";

/** The most records looked through: years of a busy account. */
const RECORDS_MAX = 10_000;
/** A line of progress after as many. */
const TELL_EVERY = 100;

type Asked = { service?: string; sinceAt: number; policy?: Policy };

const releasesSince = async (store: DeploymentStore, asked: Asked): Promise<readonly DeploymentRecord[]> => {
  const records = await store.history({
    ...(asked.service !== undefined && { service: asked.service }),
    limit: RECORDS_MAX,
  });
  const since = isoOf(asked.sinceAt);
  return records.filter((record) => record.kind !== "rollback" && record.times.requested >= since);
};

/** Judges again every release since then. Reads only. */
export const replaySince = async (io: Io, store: DeploymentStore, asked: Asked): Promise<Replay> => {
  const records = await releasesSince(store, asked);
  const judged: Replayed[] = [];
  let withoutInputs = 0;
  for (const [index, record] of records.entries()) {
    if (io.stop.aborted) throw new ExitError(EXIT.interrupted, "stopped; nothing was changed");
    if (index > 0 && index % TELL_EVERY === 0) await tell(io, `${index} of ${records.length} judged again`);
    const stored = await store.load(record.id);
    const again = stored && replayedOf(stored.record, stored.lines, asked.policy);
    if (again === undefined) withoutInputs += 1;
    else judged.push(again);
  }
  return { judged, withoutInputs };
};

const HEADS = ["requested", "id", "service", "version", "then", "now", "minute"] as const;

const rowOf = (io: Io, each: Replayed): string[] => [
  each.requested.slice(0, 16).replace("T", " "),
  each.id,
  each.service,
  `${each.from} -> ${each.to}`,
  each.wasRolledBack ? `${each.before}, rolled back` : each.before,
  paint(io, each.now === "fail" ? "red" : "yellow", each.now),
  String(each.minute),
];

/** Those that would be taken back, and those whose verdict would be another one; the others only count. */
const isWorthARow = ({ before, now }: Replayed): boolean => now === "fail" || now !== before;

export const printReplay = async (io: Io, replay: Replay, asJson: boolean): Promise<void> => {
  if (asJson) return printJson(io, { ...replay, summary: replaySentence(replay) });
  await print(io, replaySentence(replay));
  const rows = replay.judged.filter(isWorthARow);
  if (rows.length === 0) return;
  await print(
    io,
    tableText(
      io,
      HEADS,
      rows.map((each) => rowOf(io, each)),
    ),
  );
  for (const { id, now, why } of rows) if (now === "fail") await print(io, `${id}: ${why}`);
};
