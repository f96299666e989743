/**
 * A root: what was archived in one hour and where every trail stood, signed, and chained to the root of the hour before. An
 * hour in which nothing happened has one too, so that a root that was taken away is missed.
 */
import type { Hash } from "../deployment/audit.ts";
import { canonical } from "../kit/canonical.ts";
import { HOUR_MS, isoOf } from "../kit/time.ts";

export const ROOTS = "v1/roots/";
export const SCHEMA = 1;

/** How far a trail had come: its number of lines and the hash of the last one. */
export type Head = { deployment: string; requested: string; lines: number; hash: string };

/** Lines `from` to `to` of one deployment, and the digest of the bytes under `key`. */
export type ArchivedSegment = { deployment: string; from: number; to: number; key: string; sha256: string };

export type BrokenTrail = { deployment: string; faults: readonly string[] };

export type RootBody = {
  schema: typeof SCHEMA;
  stage: string;
  account: string;
  region: string;
  /** The start of the hour in which it was due, ISO 8601. */
  hour: string;
  signedAt: string;
  /** Hash of the root before; empty for the first of all. */
  previous: string;
  /** Of all deployments that may still get lines, by id. */
  heads: readonly Head[];
  segments: readonly ArchivedSegment[];
  /** Trails that did not hold together and were not archived further. */
  broken: readonly BrokenTrail[];
};

/** Base64 of a signature over the root's hash, as text. */
export type Signature = { algorithm: string; keyId: string; value: string };

export type Root = { body: RootBody; hash: string; signature: Signature };

export const hourOf = (at: number): number => Math.floor(at / HOUR_MS) * HOUR_MS;

const HOUR_LENGTH = "2026-01-05T12".length;

/** `v1/roots/2026-01-05T12.json`: keys sort as their hours do. */
export const rootKey = (hourAt: number): string => `${ROOTS}${isoOf(hourAt).slice(0, HOUR_LENGTH)}.json`;

/** The start of the hour that a root's key is about; NaN when it is no root's key. */
export const hourOfKey = (key: string): number =>
  Date.parse(`${key.slice(ROOTS.length, ROOTS.length + HOUR_LENGTH)}:00:00.000Z`);

export const hashOfBody = (body: RootBody, hash: Hash): string => hash(canonical(body));

export const rootText = (root: Root): string => `${canonical(root)}\n`;

const isRoot = (value: unknown): value is Root => {
  const { body, hash, signature } = (value ?? {}) as Partial<Root>;
  return (
    typeof hash === "string" &&
    typeof signature?.value === "string" &&
    body?.schema === SCHEMA &&
    typeof body.hour === "string" &&
    Array.isArray(body.heads) &&
    Array.isArray(body.segments) &&
    Array.isArray(body.broken)
  );
};

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

/** A root as it was written, or what is wrong with it. The signature is not looked at. */
export const readRoot = (text: string, hash: Hash): Root | { broken: string } => {
  const root = parsed(text);
  if (!isRoot(root)) return { broken: `is no root of schema ${SCHEMA}` };
  if (rootText(root) !== text) return { broken: "is not written as roots are" };
  if (hashOfBody(root.body, hash) !== root.hash) return { broken: "was changed after it was written" };
  return root;
};
