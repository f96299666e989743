/** A few hours of deployments, recorded and archived in memory. */
import { createHash } from "node:crypto";
import { type ArchivePorts, archiveAudit } from "../../lib/app/archive-audit.ts";
import { type VerifyPorts, verifyAudit } from "../../lib/app/verify-audit.ts";
import { nextLines } from "../../lib/deployment/audit.ts";
import { deriveRecord } from "../../lib/deployment/derive.ts";
import type { Fact } from "../../lib/deployment/fact.ts";
import { HOUR_MS, MINUTE_MS } from "../../lib/kit/time.ts";
import { signedWith } from "../../lib/runtime/wire-audit.ts";
import { memoryArchive, memorySigner, memoryTrails } from "./memory-archive.ts";
import { memoryDeployments } from "./memory-stores.ts";
import { countingLog } from "./quiet-log.ts";
import { BEGUN, PLACE, ROLLED_BACK, START_AT } from "./records.ts";

export const hash = (text: string): string => createHash("sha256").update(text).digest("hex");

export const archivedWorld = () => {
  const { store } = memoryDeployments();
  const { archive, objects } = memoryArchive();
  const { signer, verifyingKey } = memorySigner();
  const log = countingLog();
  const ran: string[] = [];
  const { stage, account, region } = PLACE;
  const trails = memoryTrails(store);
  const ports: ArchivePorts = {
    stage: { stage, account, region },
    trails,
    store,
    archive,
    signer,
    hash,
    log,
  };

  /** Records the first `count` facts of the story under an id, `hours` into the tale. */
  const record = async (id: string, facts: readonly Fact[], hours: number): Promise<void> => {
    const trail = (await store.load(id))?.lines ?? [];
    const at = START_AT + hours * HOUR_MS;
    const lines = nextLines(trail, facts.slice(trail.length), { at, via: "event" }, hash);
    const recorded = deriveRecord(facts, { ...PLACE, id }, "event");
    await store.append(id, {
      expectedSeq: trail.length,
      record: recorded,
      isOpen: false,
      lines,
      entries: [],
    });
    if (!ran.includes(id)) ran.push(id);
  };
  const archiveAt = (hours: number, through: ArchivePorts = ports) =>
    archiveAudit(through, START_AT + hours * HOUR_MS + 7 * MINUTE_MS);
  const verify = async (hours: number, over: Partial<VerifyPorts> = {}) =>
    verifyAudit(
      {
        trails,
        store,
        archive,
        hash,
        deployer: { idsSince: async () => ran, read: async () => "unknown" },
        isSigned: signedWith([await verifyingKey.read()]),
        ...over,
      },
      { since: START_AT - HOUR_MS, now: START_AT + hours * HOUR_MS + 40 * MINUTE_MS, progress: () => {} },
    );
  return { ports, store, objects, log, ran, record, archiveAt, verify };
};

/** Five hours: a deployment begun, ended an hour later beside another, and two hours in which nothing happened. */
export const fiveHours = async () => {
  const world = archivedWorld();
  await world.record("d-ONE", BEGUN, 0);
  await world.archiveAt(0);
  await world.record("d-ONE", ROLLED_BACK, 1);
  await world.record("d-TWO", ROLLED_BACK, 1);
  await world.archiveAt(1);
  await world.archiveAt(2);
  await world.archiveAt(4);
  return world;
};
