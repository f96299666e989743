/**
 * The audit trail: each line holds a fact, how it became known, and the hash of the line before, so that a changed,
 * missing or reordered line is found. Hashing is an argument: the core computes no digests itself.
 */
import { canonical } from "../kit/canonical.ts";
import type { AuditLine, Fact, Via } from "./fact.ts";

export type Hash = (text: string) => string;

const GENESIS = "";

const hashOf = (hash: Hash, line: Omit<AuditLine, "hash">): string =>
  hash(`${line.previousHash}\n${line.seq}\n${canonical(line)}`);

/** The lines that newly known facts add to a trail, numbered and chained. */
export const nextLines = (
  trail: readonly AuditLine[],
  facts: readonly Fact[],
  known: { at: number; via: Via },
  hash: Hash,
): AuditLine[] => {
  let last = trail.at(-1);
  return facts.map((fact) => {
    const unhashed = {
      seq: (last?.seq ?? 0) + 1,
      knownAt: known.at,
      via: known.via,
      fact,
      previousHash: last?.hash ?? GENESIS,
    };
    last = { ...unhashed, hash: hashOf(hash, unhashed) };
    return last;
  });
};

/** What is wrong with a trail; nothing when every line is as it was written. */
export const chainFaults = (trail: readonly AuditLine[], hash: Hash): string[] => {
  const faults: string[] = [];
  let previousHash = GENESIS;
  trail.forEach((line, index) => {
    if (line.seq !== index + 1)
      faults.push(`line ${index + 1} is numbered ${line.seq}: a line is missing, doubled or moved`);
    if (line.previousHash !== previousHash)
      faults.push(`line ${line.seq} does not follow the line before it`);
    if (
      hashOf(hash, {
        seq: line.seq,
        knownAt: line.knownAt,
        via: line.via,
        fact: line.fact,
        previousHash: line.previousHash,
      }) !== line.hash
    )
      faults.push(`line ${line.seq} was changed after it was written`);
    previousHash = line.hash;
  });
  return faults;
};
