/** Deployments one after the other, a row each. */
import { type DeploymentRecord, isEnd } from "../deployment/record.ts";
import { durationText } from "../kit/time.ts";
import { rollbackMs } from "../notice/phrases.ts";

export type HistoryRow = {
  id: string;
  /** ISO 8601 in UTC. */
  requested: string;
  service: string;
  stage: string;
  kind: DeploymentRecord["kind"];
  from: string;
  to: string;
  status: DeploymentRecord["status"];
  verdict?: string;
  cause?: string;
  /** From the request to the end, ms; absent while it runs. */
  tookMs?: number;
  /** From the first sign to all traffic being back, ms. */
  rollbackMs?: number;
  exposure: { calls: number; bad: number };
  why?: string;
};

const tookMs = ({ times, status }: DeploymentRecord): number | undefined => {
  const end = times.finished ?? times.restored;
  if (!isEnd(status) || end === undefined) return undefined;
  return Math.max(0, Date.parse(end) - Date.parse(times.requested));
};

/** One row per record, in the order given. */
export const historyRows = (records: readonly DeploymentRecord[]): HistoryRow[] =>
  records.map((record) => {
    const [took, back] = [tookMs(record), rollbackMs(record)];
    return {
      id: record.id,
      requested: record.times.requested,
      service: record.service,
      stage: record.stage,
      kind: record.kind,
      from: record.function.from,
      to: record.function.to,
      status: record.status,
      ...(record.outcome && {
        verdict: record.outcome.verdict,
        cause: record.outcome.cause,
        why: record.outcome.why,
      }),
      ...(took !== undefined && { tookMs: took }),
      ...(back !== undefined && { rollbackMs: back }),
      exposure: record.exposure,
    };
  });

export const HISTORY_HEADS = [
  "requested",
  "id",
  "service",
  "version",
  "kind",
  "status",
  "verdict",
  "cause",
  "took",
  "calls",
  "bad",
] as const;

const minuteText = (at: string): string => `${at.slice(0, 10)} ${at.slice(11, 16)}`;

/** The cells of a row, in the order of HISTORY_HEADS; what is not known is "-". */
export const historyCells = (row: HistoryRow): string[] => [
  minuteText(row.requested),
  row.id,
  row.service,
  `${row.from} -> ${row.to}`,
  row.kind,
  row.status,
  row.verdict ?? "-",
  row.cause ?? "-",
  row.tookMs === undefined ? "-" : durationText(row.tookMs),
  row.exposure.calls === 0 ? "-" : String(row.exposure.calls),
  row.exposure.calls === 0 ? "-" : String(row.exposure.bad),
];
