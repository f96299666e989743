/**
 * Takes a deployment back: the only place that stops a deployment or moves traffic. What is asked is recorded first,
 * then done, then verified on the alias; each part can be repeated, by anyone, after any crash.
 */
import { fact, type Instigator, type Via } from "../deployment/fact.ts";
import { hasMovedTraffic, isRollback, isRollingBack } from "../deployment/known.ts";
import { isEnd } from "../deployment/record.ts";
import { isWayBack, type Snapshot } from "../deployment/snapshot.ts";
import { InputError } from "../kit/errors.ts";
import { HOUR_MS, SECOND_MS } from "../kit/time.ts";
import type { Clock } from "../ports/clock.ts";
import type { Log } from "../ports/log.ts";
import { type ObservePorts, observe } from "./observe.ts";
import { type Recorded, recordedFrom, recordFacts } from "./recording.ts";
import { supersededBy } from "./superseded.ts";
import { weigh } from "./weigh.ts";

export type RollBackPorts = ObservePorts & { clock: Clock; log: Log };

export type RollbackOrder = { by: Instigator; who: string; why: string; at: number; via: Via };

/** Looks at the alias this often, this many times, before it leaves the rest to the next tick. */
const LOOKS_MAX = 15;
const LOOK_EVERY_MS = 2 * SECOND_MS;
/** Rollback deployments of ours that may fail before the alias is pinned instead. */
const ATTEMPTS_MAX = 2;
/** How far back a rollback that a crashed attempt started is looked for. */
const MARKED_MS = HOUR_MS;
/** After a stop, CodeDeploy gets this long to start its own rollback before we take another way. */
const OWN_ROLLBACK_MS = 60 * SECOND_MS;

/** Loads a deployment, looking at CodeDeploy first if it was never seen. */
export const known = async (
  ports: ObservePorts,
  deploymentId: string,
  when: { at: number; via: Via },
): Promise<Recorded> => {
  const stored = await ports.store.load(deploymentId);
  if (stored !== undefined) return recordedFrom(stored);
  const seen = await observe(ports, deploymentId, when);
  if (typeof seen === "string")
    throw new InputError(`no Lambda deployment ${deploymentId} in this account and region`);
  return seen;
};

/** Deployments that take this one back: those that can still do it, and how many tried and failed. */
type WaysBack = { live: boolean; doneAt?: number; failed: number };

const waysBack = async (ports: RollBackPorts, current: Recorded): Promise<WaysBack> => {
  const ways: WaysBack = { live: false, failed: 0 };
  for (const { by } of current.known.began) {
    const rollback = await ports.deployer.read(by);
    const end = typeof rollback === "object" ? rollback.end : undefined;
    if (end === undefined) ways.live = true;
    else if (end.result === "succeeded") ways.doneAt = end.at;
    else ways.failed += 1;
  }
  return ways;
};

/**
 * When the rollback reached the alias, if it did. It is dated by the end of the deployment that did it, so that a late
 * look says the same. Where a later deployment has moved the alias since, the end of the rollback is all there is to see.
 */
const restoredAt = async (ports: RollBackPorts, current: Recorded): Promise<number | undefined> => {
  const { function: shift } = current.record;
  const ways = await waysBack(ports, current);
  const routing = await ports.router.read(shift.name, shift.alias);
  const isBack = routing !== "unknown" && routing.version === shift.from && routing.split === undefined;
  if (isBack && !ways.live) {
    if (ways.doneAt !== undefined) return ways.doneAt;
    return current.known.ended === undefined ? undefined : ports.clock.now();
  }
  if (ways.doneAt === undefined) return undefined;
  return (await supersededBy(ports.store, current.record)) === undefined ? undefined : ways.doneAt;
};

/** Records the rollback as done if the alias, read now, shows that it is. */
export const verifyRollback = async (
  ports: RollBackPorts,
  current: Recorded,
  when: { at: number; via: Via },
): Promise<Recorded> => {
  if (!isRollingBack(current.known)) return current;
  const at = await restoredAt(ports, current);
  if (at === undefined) return current;
  ports.log.count("RollbackVerified");
  const restored = fact(at, { kind: "restored", version: current.record.function.from });
  return recordFacts(ports, current.record.id, [restored], when);
};

/** The rollback that an earlier, crashed attempt of ours may have started: CodeDeploy has no client token. */
const findMarked = async (
  ports: RollBackPorts,
  current: Recorded,
): Promise<{ deploymentId: string } | undefined> => {
  const known = new Set(current.known.began.map(({ by }) => by));
  for (const id of await ports.deployer.idsSince(ports.clock.now() - MARKED_MS)) {
    if (known.has(id)) continue;
    const snapshot = await ports.deployer.read(id);
    if (typeof snapshot === "object" && takesBack(snapshot, current)) return { deploymentId: id };
  }
  return undefined;
};

const takesBack = (snapshot: Snapshot, current: Recorded): boolean =>
  snapshot.rollbackOf === current.record.id && isWayBack(snapshot.function, current.record.function);

/** All traffic already on the canary and CodeDeploy done: back by a deployment of its own, past any alarm. */
const deployBack = async (
  ports: RollBackPorts,
  current: Recorded,
  when: { at: number; via: Via },
): Promise<Recorded> => {
  const { record } = current;
  const { application, deploymentGroup, function: shift } = record;
  const order = { of: record.id, application, deploymentGroup, function: shift };
  const started = (await findMarked(ports, current)) ?? (await ports.deployer.startRollback(order));
  if (started === "busy") return current;
  const seen = await observe(ports, started.deploymentId, when);
  return typeof seen === "string" ? current : known(ports, record.id, when);
};

/** CodeDeploy stopped and nothing moves the alias back: the last resort is to pin it. */
const pinBack = async (ports: RollBackPorts, current: Recorded): Promise<void> => {
  const { function: shift } = current.record;
  const routing = await ports.router.read(shift.name, shift.alias);
  if (routing === "unknown") return;
  const servesCanary = routing.version === shift.to || routing.split?.version === shift.to;
  if (servesCanary) await ports.router.pin(shift.name, shift.alias, shift.from, routing.revision);
};

/** Asked for, or ended badly under an enforcing policy. What a person stopped and left is theirs. */
const mustGoBack = ({ known, record }: Recorded): boolean =>
  known.asked !== undefined ||
  (record.mode === "enforce" && (known.ended?.result === "failed" || known.ended?.code === "ALARM_ACTIVE"));

const act = async (
  ports: RollBackPorts,
  current: Recorded,
  when: { at: number; via: Via },
): Promise<Recorded> => {
  const { ended, asked } = current.known;
  if (ended === undefined) {
    if (asked !== undefined) await ports.deployer.stop(current.record.id);
    return current;
  }
  const ways = await waysBack(ports, current);
  if (ways.live || ways.doneAt !== undefined || !mustGoBack(current)) return current;
  if (ended.result === "succeeded" && ways.failed < ATTEMPTS_MAX) return deployBack(ports, current, when);
  const isOverdue = ways.failed > 0 || ports.clock.now() - ended.at >= OWN_ROLLBACK_MS;
  if (isOverdue) await pinBack(ports, current);
  return current;
};

const refresh = async (
  ports: RollBackPorts,
  current: Recorded,
  when: { at: number; via: Via },
): Promise<Recorded> => {
  const seen = await observe(ports, current.record.id, when);
  return typeof seen === "string" ? current : seen;
};

/**
 * Goes on with a rollback that was asked for or that CodeDeploy began, until the alias shows it or the looks are used up.
 * Verified before acted on; where a later deployment has taken over, only verified.
 */
export const pursueRollback = async (
  ports: RollBackPorts,
  start: Recorded,
  when: { at: number; via: Via },
  looksMax = LOOKS_MAX,
): Promise<Recorded> => {
  let current = await verifyRollback(ports, await refresh(ports, start, when), when);
  const isOvertaken =
    isRollingBack(current.known) && (await supersededBy(ports.store, current.record)) !== undefined;
  for (let look = 0; look < looksMax && !isOvertaken && isRollingBack(current.known); look += 1) {
    if (look > 0) await ports.clock.sleep(LOOK_EVERY_MS);
    current = await act(ports, current, when);
    current = await verifyRollback(ports, await refresh(ports, current, when), when);
  }
  return current;
};

export type RollbackAnswer =
  | { kind: "rolled-back"; current: Recorded }
  | { kind: "under-way"; current: Recorded }
  | { kind: "refused"; why: string };

/** Why a deployment cannot be taken back, if it cannot. */
export const refusalOf = (current: Recorded, by: Instigator): string | undefined => {
  const { record, known: facts } = current;
  if (isRollback(facts)) return `${record.id} is itself a rollback; a rollback is never rolled back`;
  if (record.status === "ROLLED_BACK") return `${record.id} was rolled back already`;
  if (isEnd(record.status) && !hasMovedTraffic(facts))
    return `${record.id} never carried traffic; there is nothing to roll back`;
  if (by !== "operator" && isEnd(record.status))
    return `${record.id} is over; only a person may take it back now`;
  if (by !== "operator" && record.mode === "shadow")
    return `${record.service} has no enforcing policy (shadow mode)`;
  return undefined;
};

const overtaken = async (ports: RollBackPorts, { record }: Recorded): Promise<string | undefined> => {
  const later = await supersededBy(ports.store, record);
  return later === undefined
    ? undefined
    : `${later} has taken over the alias since ${record.id}; take that one back instead`;
};

/** Asks for a rollback and carries it out as far as it gets now; ticks of the judge carry on from there. */
export const rollBack = async (
  ports: RollBackPorts,
  deploymentId: string,
  order: RollbackOrder,
): Promise<RollbackAnswer> => {
  const when = { at: order.at, via: order.via };
  const start = await known(ports, deploymentId, when);
  const refusal = refusalOf(start, order.by) ?? (await overtaken(ports, start));
  if (refusal !== undefined) return { kind: "refused", why: refusal };
  const wish = fact(order.at, { kind: "rollback-asked", by: order.by, who: order.who, why: order.why });
  const weighed = start.known.ended === undefined ? await weigh(ports.router, start, order.at) : [];
  const asked = await recordFacts(ports, deploymentId, [wish, ...weighed], when);
  if (asked.added.length > 0) ports.log.count("RollbackStarted");
  const current = await pursueRollback(ports, asked, when);
  return { kind: current.record.status === "ROLLED_BACK" ? "rolled-back" : "under-way", current };
};
