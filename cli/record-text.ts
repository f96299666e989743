/** Fields of a record as short texts for tables. */
import { type DeploymentRecord, isEnd } from "../lib/deployment/record.ts";
import { durationText } from "../lib/kit/time.ts";
import { type Io, paint, type Style } from "./io.ts";

const STATUS_STYLES: Readonly<Partial<Record<DeploymentRecord["status"], Style>>> = {
  SUCCEEDED: "green",
  FAILED: "red",
  STOPPED: "yellow",
  ROLLED_BACK: "red",
  ROLLBACK_FAILED: ["red", "bold"],
};

export const statusText = (io: Io, { status }: Pick<DeploymentRecord, "status">): string =>
  paint(io, STATUS_STYLES[status] ?? "cyan", status);

/** "2026-01-05 12:00:00", UTC. */
export const timeText = (iso: string): string => iso.slice(0, 19).replace("T", " ");

/** "1 -> 2". */
export const versionsText = ({ function: { from, to } }: DeploymentRecord): string => `${from} -> ${to}`;

/** The canary's share of calls as last seen. */
export const weightText = ({ traffic }: DeploymentRecord): string => {
  const last = traffic.at(-1);
  return last === undefined ? "-" : `${last.weight} %`;
};

export const verdictText = (record: DeploymentRecord): string =>
  record.outcome?.verdict ?? record.verdicts.at(-1)?.verdict ?? "-";

/** "3 of 240": calls of the new version that went bad. */
export const exposureText = ({ exposure, times }: DeploymentRecord): string =>
  times.firstTraffic === undefined ? "-" : `${exposure.bad} of ${exposure.calls}`;

/** From its creation to its end, or until now. */
export const tookText = (record: DeploymentRecord, now: number): string => {
  const { requested, finished, restored } = record.times;
  const end = finished ?? restored;
  if (end === undefined && isEnd(record.status)) return "-";
  return durationText((end === undefined ? now : Date.parse(end)) - Date.parse(requested));
};
