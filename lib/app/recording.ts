/** Puts newly known facts into a deployment's record: record, audit lines and outbox in one transaction. */
import { type Hash, nextLines } from "../deployment/audit.ts";
import { deriveRecord } from "../deployment/derive.ts";
import type { AuditLine, Fact, Via } from "../deployment/fact.ts";
import { type Known, knownFrom } from "../deployment/known.ts";
import { isOpen } from "../deployment/next-step.ts";
import type { DeploymentRecord } from "../deployment/record.ts";
import { UnavailableError } from "../kit/errors.ts";
import { HOUR_MS, MINUTE_MS } from "../kit/time.ts";
import type { OutboxEntry } from "../notice/notice.ts";
import { noticesOf } from "../notice/notices-of.ts";
import type { DeploymentStore, StoredDeployment } from "../ports/deployment-store.ts";

export type Stage = { stage: string; account: string; region: string };

export type RecordingPorts = { stage: Stage; store: DeploymentStore; hash: Hash };

export type Recorded = { record: DeploymentRecord; known: Known; isOpen: boolean; added: readonly Fact[] };

/** Writers that meet on one deployment each get a turn; more than this many in a row is a fault. */
const TURNS_MAX = 12;

/** An event that was not there this long after its happening counts as lost. */
const EVENT_LATE_MS = MINUTE_MS;

/** CodeDeploy tells of a deployment's start and end by events; whoever had to ask for them found a lost event. */
const isFoundLate = (line: AuditLine): boolean =>
  (line.via === "reconciler" || line.via === "judge") &&
  (line.fact.kind === "described" || line.fact.kind === "ended") &&
  line.knownAt - line.fact.at > EVENT_LATE_MS;

const sourceOf = (lines: readonly AuditLine[]): DeploymentRecord["source"] => {
  if (lines.some(isFoundLate)) return "reconciler";
  return lines[0]?.via === "cli" ? "cli" : "event";
};

export const recordedFrom = (stored: StoredDeployment, added: readonly Fact[] = []): Recorded => ({
  record: stored.record,
  known: knownFrom(stored.lines.map((line) => line.fact)),
  isOpen: stored.isOpen,
  added,
});

/** What happened longer ago is recorded, not told: a first look back, or a replay, must not page anybody. */
const OLD_NEWS_MS = HOUR_MS;

const entriesFor = (
  before: DeploymentRecord | undefined,
  after: DeploymentRecord,
  slackChannel: string | undefined,
  now: number,
): OutboxEntry[] =>
  noticesOf(before, after)
    .filter((notice) => now - notice.at <= OLD_NEWS_MS)
    .flatMap((notice) =>
      notice.outlets.map((outlet) => ({
        subject: { kind: "deployment", id: after.id } as const,
        outlet,
        notice,
        putAt: now,
        ...(slackChannel !== undefined && { slackChannel }),
      })),
    );

/**
 * Adds facts to what is known. Facts known before change nothing; with none new, nothing is written.
 * Throws UnavailableError when the store keeps refusing.
 */
export const recordFacts = async (
  ports: RecordingPorts,
  deploymentId: string,
  facts: readonly Fact[],
  known: { at: number; via: Via },
): Promise<Recorded> => {
  for (let turn = 0; turn < TURNS_MAX; turn += 1) {
    const stored = await ports.store.load(deploymentId);
    const trail = stored?.lines ?? [];
    const ids = new Set(trail.map((line) => line.fact.id));
    const added = facts.filter((fact) => !ids.has(fact.id));
    if (added.length === 0 && stored !== undefined) return recordedFrom(stored);
    const lines = nextLines(trail, added, known, ports.hash);
    const all = [...trail, ...lines];
    const union = knownFrom(all.map((line) => line.fact));
    const record = deriveRecord(
      all.map((line) => line.fact),
      { id: deploymentId, ...ports.stage },
      sourceOf(all),
    );
    const stillOpen = isOpen(union, record.status);
    const outcome = await ports.store.append(deploymentId, {
      expectedSeq: trail.length,
      record,
      isOpen: stillOpen,
      lines,
      entries: entriesFor(stored?.record, record, union.policed?.policy?.slackChannel, known.at),
    });
    if (outcome === "stored") return { record, known: union, isOpen: stillOpen, added };
  }
  throw new UnavailableError(`could not record facts of ${deploymentId}: ${TURNS_MAX} writers were first`);
};
