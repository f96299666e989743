/** A deployment's facts in the order they happened, as rows a person can read. */
import type { AuditLine, Via } from "../deployment/fact.ts";
import { durationText, isoOf, SECOND_MS } from "../kit/time.ts";
import { factSentence } from "./fact-sentence.ts";

export type TimelineRow = {
  /** Number of the audit line that holds it. */
  seq: number;
  /** When it happened and when it became known, ISO 8601 in UTC. */
  at: string;
  knownAt: string;
  via: Via;
  kind: AuditLine["fact"]["kind"];
  text: string;
};

/** Known this much later than it happened is worth a word: an event was late or lost. */
const LATE_MS = 60 * SECOND_MS;

export const timelineOf = (lines: readonly AuditLine[]): TimelineRow[] =>
  [...lines]
    .sort((left, right) => left.fact.at - right.fact.at || left.seq - right.seq)
    .map(({ seq, fact, knownAt, via }) => ({
      seq,
      at: isoOf(fact.at),
      knownAt: isoOf(knownAt),
      via,
      kind: fact.kind,
      text: factSentence(fact),
    }));

/** "12:00:05" of an ISO instant; the day stands above the rows. */
const clockOf = (at: string): string => at.slice(11, 19);

const lateness = (row: TimelineRow): string => {
  const lateMs = Date.parse(row.knownAt) - Date.parse(row.at);
  return lateMs < LATE_MS ? "" : ` [known ${durationText(lateMs)} later]`;
};

/** Plain lines, each day named once: "12:00:05  event  The first calls went to the canary version." */
export const timelineLines = (rows: readonly TimelineRow[]): string[] => {
  const viaWidth = Math.max(0, ...rows.map((row) => row.via.length));
  return rows.flatMap((row, index) => {
    const day = row.at.slice(0, 10);
    const line = `${clockOf(row.at)}  ${row.via.padEnd(viaWidth)}  ${row.text}${lateness(row)}`;
    return rows[index - 1]?.at.slice(0, 10) === day ? [line] : [`${day} (UTC)`, line];
  });
};
