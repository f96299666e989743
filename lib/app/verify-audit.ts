/** Checks the whole trail: roots, archive and table against each other, and all of them against what CodeDeploy ran. */
import { checkRoots, type IsSigned, type StoredText } from "../archive/check-roots.ts";
import { checkTrail } from "../archive/check-trail.ts";
import type { Finding } from "../archive/finding.ts";
import { type ArchivedSegment, type Head, hourOf, ROOTS, type Root, rootKey } from "../archive/root.ts";
import { segmentPrefix } from "../archive/segment.ts";
import type { Hash } from "../deployment/audit.ts";
import { UnavailableError } from "../kit/errors.ts";
import { HOUR_MS, MINUTE_MS } from "../kit/time.ts";
import type { Archive } from "../ports/archive.ts";
import type { Deployer } from "../ports/deployer.ts";
import type { DeploymentStore } from "../ports/deployment-store.ts";
import type { Trails } from "../ports/trails.ts";

export type VerifyPorts = {
  trails: Trails;
  store: Pick<DeploymentStore, "load">;
  archive: Archive;
  deployer: Pick<Deployer, "idsSince" | "read">;
  hash: Hash;
  isSigned: IsSigned;
};

export type VerifyQuery = {
  /** Epoch milliseconds. */
  since: number;
  /** Only this one, and the roots. */
  deployment?: string;
  now: number;
  progress: (what: string) => void;
};

export type Verified = {
  roots: number;
  deployments: number;
  lines: number;
  findings: readonly Finding[];
};

/** An hour's root is signed some minutes into it, later when a run failed and is tried again. */
const ROOT_DUE_MS = 30 * MINUTE_MS;
/** What is known this long must be archived: the next hour's run, and one that failed. */
const LINE_DUE_MS = 3 * HOUR_MS;
/** Objects read at once. */
const READS_AT_ONCE = 16;
const PROGRESS_EVERY = 50;

const readAll = async (archive: Archive, keys: readonly string[]): Promise<StoredText[]> => {
  const texts: StoredText[] = [];
  for (let at = 0; at < keys.length; at += READS_AT_ONCE)
    texts.push(
      ...(await Promise.all(
        keys.slice(at, at + READS_AT_ONCE).map(async (key) => {
          const text = await archive.get(key);
          if (text === undefined) throw new UnavailableError(`${key} is listed but cannot be read`);
          return { key, text };
        }),
      )),
    );
  return texts;
};

type Said = { signed: Map<string, ArchivedSegment[]>; heads: Map<string, Head> };

/** What all roots together say of each deployment: every segment, and the last head. */
const saidBy = (roots: readonly Root[]): Said => {
  const said: Said = { signed: new Map(), heads: new Map() };
  for (const { body } of roots) {
    for (const segment of body.segments)
      said.signed.set(segment.deployment, [...(said.signed.get(segment.deployment) ?? []), segment]);
    for (const head of body.heads) said.heads.set(head.deployment, head);
  }
  return said;
};

const brokenFindings = (roots: readonly Root[]): Finding[] =>
  (roots.at(-1)?.body.broken ?? []).flatMap(({ deployment, faults }) =>
    faults.map((fault) => ({ where: `deployment ${deployment}`, what: `the last root says: ${fault}` })),
  );

/** What CodeDeploy ran and brought to an end, and nobody kept. */
const unknownFinding = async (ports: VerifyPorts, id: string, now: number): Promise<Finding[]> => {
  const seen = await ports.deployer.read(id);
  if (typeof seen === "string" || seen.end === undefined || seen.end.at > now - LINE_DUE_MS) return [];
  return [{ where: `deployment ${id}`, what: "CodeDeploy ran it, and neither table nor archive know it" }];
};

/** Throws UnavailableError when something could not be looked at: a look that failed is no finding. */
export const verifyAudit = async (ports: VerifyPorts, query: VerifyQuery): Promise<Verified> => {
  const { since, deployment, now, progress } = query;
  const all = await ports.archive.list(ROOTS);
  const from = rootKey(hourOf(since));
  const keys = all.filter((key) => key >= from);
  progress(`reading ${keys.length} roots`);
  const untilHourAt = hourOf(now - ROOT_DUE_MS);
  const checked = checkRoots(
    await readAll(ports.archive, keys),
    { untilHourAt, isFromTheStart: keys.length === all.length },
    ports.isSigned,
    ports.hash,
  );
  const said = saidBy(checked.roots);
  const ran = deployment === undefined ? await ports.deployer.idsSince(since) : [deployment];
  const listed = deployment === undefined ? await ports.trails.since(since) : [];
  const named = deployment === undefined ? [...said.signed.keys(), ...said.heads.keys()] : [];
  const ids = [...new Set([...ran, ...listed.map((each) => each.deployment), ...named])].sort();
  const findings = [...checked.findings, ...(deployment === undefined ? brokenFindings(checked.roots) : [])];
  let lines = 0;
  for (const [index, id] of ids.entries()) {
    if (index % PROGRESS_EVERY === 0) progress(`checking deployment ${index + 1} of ${ids.length}`);
    const stored = await readAll(ports.archive, await ports.archive.list(segmentPrefix(id)));
    const kept = (await ports.store.load(id))?.lines;
    const signed = said.signed.get(id) ?? [];
    if (kept === undefined && stored.length === 0 && signed.length === 0) {
      findings.push(...(await unknownFinding(ports, id, now)));
      continue;
    }
    const trail = { deployment: id, lines: kept, stored, signed, head: said.heads.get(id) };
    findings.push(...checkTrail(trail, now - LINE_DUE_MS, ports.hash));
    lines += kept?.length ?? 0;
  }
  return { roots: keys.length, deployments: ids.length, lines, findings };
};
