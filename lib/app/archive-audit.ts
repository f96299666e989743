/**
 * Every hour: writes the audit lines that are not archived yet, then signs a root over them. What a crash leaves behind is
 * found under its key by the next run, and goes into the next root.
 */
import {
  type ArchivedSegment,
  type BrokenTrail,
  type Head,
  hashOfBody,
  hourOf,
  ROOTS,
  type Root,
  type RootBody,
  readRoot,
  rootKey,
  rootText,
  SCHEMA,
} from "../archive/root.ts";
import { segmentKey, segmentText, textsOf } from "../archive/segment.ts";
import { chainFaults, type Hash } from "../deployment/audit.ts";
import type { AuditLine } from "../deployment/fact.ts";
import { BugError, messageOf, UnavailableError } from "../kit/errors.ts";
import { DAY_MS, HOUR_MS, isoOf } from "../kit/time.ts";
import type { Archive } from "../ports/archive.ts";
import type { DeploymentStore } from "../ports/deployment-store.ts";
import type { Log } from "../ports/log.ts";
import type { Signer } from "../ports/signer.ts";
import type { TrailState, Trails } from "../ports/trails.ts";

export type ArchivePorts = {
  stage: { stage: string; account: string; region: string };
  trails: Trails;
  store: Pick<DeploymentStore, "load">;
  archive: Archive;
  signer: Signer;
  hash: Hash;
  log: Log;
};

/** A closed deployment gets no lines later than this after it was asked for; `audit verify` sees those that do. */
const LOOK_BACK_MS = 14 * DAY_MS;
/** Hours signed in one run, when runs were missed; the next run goes on. */
const HOURS_MAX = 72;

export type Archived = {
  /** ISO 8601; undefined when this hour had its root already. */
  hour: string | undefined;
  lines: number;
  broken: readonly BrokenTrail[];
  failed: readonly { id: string; why: string }[];
};

type Work = {
  heads: Head[];
  segments: ArchivedSegment[];
  broken: BrokenTrail[];
  failed: { id: string; why: string }[];
};

/** Throws BugError, and counts, when the last root is not as it was written: nothing is signed on top of that. */
const readOrStop = (ports: ArchivePorts, key: string, text: string | undefined): Root => {
  const root = text === undefined ? { broken: "is listed but not there" } : readRoot(text, ports.hash);
  if (!("broken" in root)) return root;
  ports.log.count("AuditBroken");
  throw new BugError(`root ${key} ${root.broken}; see docs/runbooks/audit-broken.md`);
};

const newestRoot = async (ports: ArchivePorts, hourAt: number): Promise<Root | undefined> => {
  const recent = await ports.archive.list(ROOTS, rootKey(hourAt - LOOK_BACK_MS));
  const key = (recent.length > 0 ? recent : await ports.archive.list(ROOTS)).at(-1);
  return key === undefined ? undefined : readOrStop(ports, key, await ports.archive.get(key));
};

/** What is archived from a line on, whoever wrote it: this run, or one that did not come to its root. */
const putSegments = async (
  ports: ArchivePorts,
  deployment: string,
  lines: readonly AuditLine[],
  begin: number,
): Promise<ArchivedSegment[] | string> => {
  const segments: ArchivedSegment[] = [];
  let from = begin;
  while (from <= lines.length) {
    const key = segmentKey(deployment, from);
    const text = segmentText(lines.slice(from - 1));
    const isOurs = (await ports.archive.put(key, text)) === "stored";
    const kept = isOurs ? text : ((await ports.archive.get(key)) ?? "");
    const count = textsOf(kept).length - 1;
    if (count < 1 || !text.startsWith(kept)) return `the archive holds other lines from line ${from} on`;
    segments.push({ deployment, from, to: from + count - 1, key, sha256: ports.hash(kept) });
    from += count;
  }
  return segments;
};

const faultsOf = (lines: readonly AuditLine[], head: Head | undefined, hash: Hash): string[] => {
  const faults = chainFaults(lines, hash);
  if (head !== undefined && lines[head.lines - 1]?.hash !== head.hash)
    faults.push(`line ${head.lines} is not the one that was archived`);
  return faults;
};

const archiveTrail = async (
  ports: ArchivePorts,
  state: TrailState,
  head: Head | undefined,
  work: Work,
): Promise<void> => {
  const { deployment, requested } = state;
  const stop = (faults: readonly string[]): void => {
    ports.log.error("an audit trail is broken", { deploymentId: deployment, faults });
    work.broken.push({ deployment, faults });
    if (head !== undefined) work.heads.push(head);
  };
  const stored = await ports.store.load(deployment);
  if (stored === undefined) return stop(["is gone from the table"]);
  const faults = faultsOf(stored.lines, head, ports.hash);
  if (faults.length > 0) return stop(faults);
  const segments = await putSegments(ports, deployment, stored.lines, (head?.lines ?? 0) + 1);
  if (typeof segments === "string") return stop([segments]);
  work.segments.push(...segments);
  work.heads.push({
    deployment,
    requested,
    lines: stored.lines.length,
    hash: stored.lines.at(-1)?.hash ?? "",
  });
};

/** The trails to look at: those listed, and those that the last root knew and the list lacks. */
const statesOf = (
  listed: readonly TrailState[],
  heads: ReadonlyMap<string, Head>,
  since: number,
): TrailState[] => {
  const ids = new Set(listed.map(({ deployment }) => deployment));
  const unlisted = [...heads.values()].filter(
    (head) => !ids.has(head.deployment) && Date.parse(head.requested) >= since,
  );
  return [...listed, ...unlisted.map((head) => ({ ...head, lines: -1 }))].sort((left, right) =>
    left.deployment < right.deployment ? -1 : 1,
  );
};

/** One trail that cannot be read does not keep the others from being archived: it is the next hour's. */
const archiveTrails = async (ports: ArchivePorts, last: Root | undefined, now: number): Promise<Work> => {
  const heads = new Map(last?.body.heads.map((head) => [head.deployment, head]));
  const since = now - LOOK_BACK_MS;
  const work: Work = { heads: [], segments: [], broken: [], failed: [] };
  for (const state of statesOf(await ports.trails.since(since), heads, since)) {
    const head = heads.get(state.deployment);
    if (head !== undefined && head.lines === state.lines) {
      work.heads.push(head);
      continue;
    }
    try {
      await archiveTrail(ports, state, head, work);
    } catch (error) {
      work.failed.push({ id: state.deployment, why: messageOf(error) });
      ports.log.error("could not be archived", { deploymentId: state.deployment, reason: messageOf(error) });
      if (head !== undefined) work.heads.push(head);
    }
  }
  return work;
};

/** Another run that was quicker wins: its root is the one to follow. */
const signRoot = async (ports: ArchivePorts, body: RootBody): Promise<Root> => {
  const hash = hashOfBody(body, ports.hash);
  const root: Root = { body, hash, signature: await ports.signer.sign(hash) };
  const key = rootKey(Date.parse(body.hour));
  if ((await ports.archive.put(key, rootText(root))) === "stored") return root;
  return readOrStop(ports, key, await ports.archive.get(key));
};

/**
 * Idempotent; `now` is when the run was due. Throws UnavailableError when the archive or the key cannot be reached, BugError
 * when the last root was changed. Trails that are broken are counted, named in the root, and keep nobody else waiting.
 */
export const archiveAudit = async (ports: ArchivePorts, now: number): Promise<Archived> => {
  const hourAt = hourOf(now);
  const last = await newestRoot(ports, hourAt);
  const lastHourAt = last === undefined ? hourAt - HOUR_MS : Date.parse(last.body.hour);
  if (lastHourAt >= hourAt) return { hour: undefined, lines: 0, broken: [], failed: [] };
  const work = await archiveTrails(ports, last, now);
  let previous = last;
  const untilAt = Math.min(hourAt, lastHourAt + HOURS_MAX * HOUR_MS);
  for (let at = lastHourAt + HOUR_MS; at <= untilAt; at += HOUR_MS) {
    const isDue = at === hourAt;
    const { stage, account, region } = ports.stage;
    const { heads, segments, broken } = isDue
      ? work
      : { heads: previous?.body.heads ?? [], segments: [], broken: [] };
    const hour = isoOf(at);
    const chained = { hour, signedAt: isoOf(now), previous: previous?.hash ?? "" };
    previous = await signRoot(ports, {
      schema: SCHEMA,
      stage,
      account,
      region,
      ...chained,
      heads,
      segments,
      broken,
    });
  }
  if (previous === undefined) throw new UnavailableError("no root was signed");
  const lines = work.segments.reduce((sum, { from, to }) => sum + to - from + 1, 0);
  if (lines > 0) ports.log.count("AuditArchived", lines);
  if (work.broken.length > 0) ports.log.count("AuditBroken", work.broken.length);
  return { hour: isoOf(untilAt), lines, broken: work.broken, failed: work.failed };
};
