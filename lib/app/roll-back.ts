/**
 * Takes a deployment back: the only place that stops a deployment or moves traffic. What is asked is recorded first,
 * then done, then verified on the alias; each part can be repeated, by anyone, after any crash.
 */
import { fact, type Instigator, type Via } from "../deployment/fact.ts";
import { hasMovedTraffic, isRollback, isRollingBack } from "../deployment/known.ts";
import { isEnd } from "../deployment/record.ts";
import { InputError } from "../kit/errors.ts";
import { SECOND_MS } from "../kit/time.ts";
import type { Clock } from "../ports/clock.ts";
import type { Log } from "../ports/log.ts";
import { type ObservePorts, observe } from "./observe.ts";
import { type Recorded, recordedFrom, recordFacts } from "./recording.ts";

export type RollBackPorts = ObservePorts & { clock: Clock; log: Log };

export type RollbackOrder = { by: Instigator; who: string; why: string; at: number; via: Via };

/** Looks at the alias this often, this many times, before it leaves the rest to the next tick. */
const LOOKS_MAX = 15;
const LOOK_EVERY_MS = 2 * SECOND_MS;
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

/** When the rollback reached the alias, if it did: everything on the old version, and the rollback deployment over. */
const restoredAt = async (
  ports: RollBackPorts,
  current: Recorded,
  now: number,
): Promise<number | undefined> => {
  const { function: shift } = current.record;
  const routing = await ports.router.read(shift.name, shift.alias);
  if (routing === "unknown" || routing.version !== shift.from || routing.split !== undefined)
    return undefined;
  const by = current.known.began.at(-1)?.by;
  if (by === undefined) return current.known.ended === undefined ? undefined : now;
  const rollback = await ports.deployer.read(by);
  return typeof rollback === "object" ? rollback.end?.at : now;
};

/** Records the rollback as done if the alias, read now, shows that it is. */
export const verifyRollback = async (
  ports: RollBackPorts,
  current: Recorded,
  when: { at: number; via: Via },
): Promise<Recorded> => {
  if (!isRollingBack(current.known)) return current;
  const at = await restoredAt(ports, current, ports.clock.now());
  if (at === undefined) return current;
  ports.log.count("RollbackVerified");
  return recordFacts(
    ports,
    current.record.id,
    [fact(at, { kind: "restored", version: current.record.function.from })],
    when,
  );
};

/** All traffic already on the canary and CodeDeploy done: back by a deployment of its own, past any alarm. */
const deployBack = async (
  ports: RollBackPorts,
  current: Recorded,
  when: { at: number; via: Via },
): Promise<Recorded> => {
  if (current.known.began.length > 0) return current;
  const { record } = current;
  const earlier = await findMarked(ports, record.id, record.times.requested);
  const started =
    earlier ??
    (await ports.deployer.startRollback({
      of: record.id,
      application: record.application,
      deploymentGroup: record.deploymentGroup,
      function: record.function,
    }));
  if (started === "busy") return current;
  ports.log.count("RollbackStarted");
  const seen = await observe(ports, started.deploymentId, when);
  if (typeof seen === "string") return current;
  return known(ports, record.id, when);
};

/** The rollback that an earlier, crashed attempt of ours may have started: CodeDeploy has no client token. */
const findMarked = async (
  ports: RollBackPorts,
  deploymentId: string,
  since: string,
): Promise<{ deploymentId: string } | undefined> => {
  for (const id of await ports.deployer.runningIds()) {
    const snapshot = await ports.deployer.read(id);
    if (
      typeof snapshot === "object" &&
      snapshot.rollbackOf === deploymentId &&
      snapshot.createdAt >= Date.parse(since)
    )
      return { deploymentId: id };
  }
  return undefined;
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
const mustGoBack = (current: Recorded): boolean =>
  current.known.asked !== undefined ||
  (current.record.mode === "enforce" &&
    (current.known.ended?.result === "failed" || current.known.ended?.code === "ALARM_ACTIVE"));

const isOverdue = (current: Recorded, now: number): boolean =>
  current.known.ended !== undefined &&
  current.known.began.length === 0 &&
  now - current.known.ended.at >= OWN_ROLLBACK_MS;

const act = async (
  ports: RollBackPorts,
  current: Recorded,
  when: { at: number; via: Via },
): Promise<Recorded> => {
  const { ended } = current.known;
  if (ended === undefined) {
    if ((await ports.deployer.stop(current.record.id)) === "stopping") ports.log.count("RollbackStarted");
    return current;
  }
  if (ended.result === "succeeded") return deployBack(ports, current, when);
  if (mustGoBack(current) && isOverdue(current, ports.clock.now())) await pinBack(ports, current);
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

/** Goes on with a rollback that was asked for or that CodeDeploy began, until the alias shows it or the looks are used up. */
export const pursueRollback = async (
  ports: RollBackPorts,
  start: Recorded,
  when: { at: number; via: Via },
): Promise<Recorded> => {
  let current = await refresh(ports, start, when);
  for (let look = 0; look < LOOKS_MAX && isRollingBack(current.known); look += 1) {
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
  if (isRollback(facts))
    return `${record.id} is itself a rollback of ${facts.described.rollbackOf}; a rollback is never rolled back`;
  if (record.status === "ROLLED_BACK") return `${record.id} was rolled back already`;
  if (isEnd(record.status) && !hasMovedTraffic(facts))
    return `${record.id} never carried traffic; there is nothing to roll back`;
  if (by !== "operator" && isEnd(record.status))
    return `${record.id} is over; only a person may take it back now`;
  if (by !== "operator" && record.mode === "shadow")
    return `${record.service} has no enforcing policy (shadow mode)`;
  return undefined;
};

/** Asks for a rollback and carries it out as far as it gets now; ticks of the judge carry on from there. */
export const rollBack = async (
  ports: RollBackPorts,
  deploymentId: string,
  order: RollbackOrder,
): Promise<RollbackAnswer> => {
  const when = { at: order.at, via: order.via };
  const start = await known(ports, deploymentId, when);
  const refusal = refusalOf(start, order.by);
  if (refusal !== undefined) return { kind: "refused", why: refusal };
  const asked = await recordFacts(
    ports,
    deploymentId,
    [fact(order.at, { kind: "rollback-asked", by: order.by, who: order.who, why: order.why })],
    when,
  );
  const current = await pursueRollback(ports, asked, when);
  return { kind: current.record.status === "ROLLED_BACK" ? "rolled-back" : "under-way", current };
};
