/** Whether one deployment's trail is whole: in the table, in the archive, and as the roots say. */
import { chainFaults, type Hash } from "../deployment/audit.ts";
import type { AuditLine } from "../deployment/fact.ts";
import { canonical } from "../kit/canonical.ts";
import type { StoredText } from "./check-roots.ts";
import { about, type Finding } from "./finding.ts";
import type { ArchivedSegment, Head } from "./root.ts";
import { readSegment, segmentKey } from "./segment.ts";

export type Trail = {
  deployment: string;
  /** What the table holds; undefined when it holds nothing. */
  lines: readonly AuditLine[] | undefined;
  /** What the archive holds, in the order of its keys. */
  stored: readonly StoredText[];
  /** What the roots say of it. */
  signed: readonly ArchivedSegment[];
  head: Head | undefined;
};

type Archived = { lines: AuditLine[]; faults: string[] };

/** Segments follow each other without a gap: each begins where the one before it ended. */
const archivedOf = (trail: Trail): Archived => {
  const lines: AuditLine[] = [];
  const faults: string[] = [];
  for (const { key, text } of trail.stored) {
    const from = lines.length + 1;
    const wanted = segmentKey(trail.deployment, from);
    if (key !== wanted) faults.push(`the archive lacks line ${from}: ${key} comes where ${wanted} should`);
    const read = readSegment(text, from);
    lines.push(...read.lines);
    faults.push(...read.faults.map((fault) => `in the archive, ${fault}`));
  }
  return { lines, faults };
};

const signedFaults = (trail: Trail, hash: Hash): string[] => {
  const texts = new Map(trail.stored.map(({ key, text }) => [key, text]));
  return trail.signed.flatMap(({ key, from, to, sha256 }) => {
    const text = texts.get(key);
    const lines = from === to ? `line ${from}` : `lines ${from} to ${to}`;
    if (text === undefined) return [`the archive lost ${lines} (${key})`];
    return hash(text) === sha256
      ? []
      : [`${lines} in the archive are not the bytes that were signed (${key})`];
  });
};

const headFaults = ({ head }: Trail, archived: readonly AuditLine[]): string[] => {
  if (head === undefined) return [];
  if (archived.length < head.lines)
    return [`the archive has ${archived.length} lines, the roots say ${head.lines}`];
  return archived[head.lines - 1]?.hash === head.hash
    ? []
    : [`line ${head.lines} in the archive is not the one that the roots say`];
};

const differences = (trail: Trail, archived: readonly AuditLine[], dueBefore: number): string[] => {
  const table = trail.lines ?? [];
  if (trail.lines === undefined && archived.length > 0) return ["is gone from the table"];
  const faults: string[] = [];
  for (let index = 0; index < Math.max(table.length, archived.length); index += 1) {
    const [ours, theirs] = [table[index], archived[index]];
    if (ours === undefined) faults.push(`line ${index + 1} is in the archive and not in the table`);
    else if (theirs === undefined) {
      if (ours.knownAt < dueBefore) faults.push(`line ${index + 1} is in the table and not in the archive`);
    } else if (canonical(ours) !== canonical(theirs))
      faults.push(`line ${index + 1} is not the same in the table and in the archive`);
  }
  return faults;
};

/** `dueBefore`: lines known before it must be archived by now. */
export const checkTrail = (trail: Trail, dueBefore: number, hash: Hash): Finding[] => {
  const archived = archivedOf(trail);
  const faults = [
    ...chainFaults(trail.lines ?? [], hash).map((fault) => `in the table, ${fault}`),
    ...archived.faults,
    ...chainFaults(archived.lines, hash).map((fault) => `in the archive, ${fault}`),
    ...signedFaults(trail, hash),
    ...headFaults(trail, archived.lines),
    ...differences(trail, archived.lines, dueBefore),
  ];
  return [...new Set(faults)].map(about(`deployment ${trail.deployment}`));
};
