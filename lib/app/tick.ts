/** The minute's round: finds deployments nobody told of, does what people asked for, and tends everything open. */

import { fact } from "../deployment/fact.ts";
import { messageOf } from "../kit/errors.ts";
import type { Intent, IntentStore } from "../ports/intent-store.ts";
import { observe } from "./observe.ts";
import { recordFacts } from "./recording.ts";
import { rollBack } from "./roll-back.ts";
import { type TendPorts, tend } from "./tend.ts";

export type TickPorts = TendPorts & { intents: IntentStore };

/** Deployments tended in one round, newest first: those that shift traffic before those that only bake. */
const DEPLOYMENTS_MAX = 200;

export type Ticked = { tended: number; failed: readonly { id: string; why: string }[] };

/** Does what one person asked for. Done twice it changes nothing. */
export const carryOut = async (ports: TickPorts, intent: Intent, now: number): Promise<void> => {
  const when = { at: now, via: "slack" } as const;
  if (intent.verb === "rollback") {
    const answer = await rollBack(ports, intent.deploymentId, {
      by: "operator",
      who: intent.who,
      why: intent.why,
      ...when,
      at: intent.at,
    });
    ports.log.info("rollback asked for by a person", {
      deploymentId: intent.deploymentId,
      who: intent.who,
      answer: answer.kind,
    });
  }
  if (intent.verb === "acknowledge") {
    await recordFacts(
      ports,
      intent.deploymentId,
      [fact(intent.at, { kind: "acknowledged", who: intent.who })],
      when,
    );
  }
  await ports.intents.markDone(intent, now);
};

/** Runs each piece by itself: one that fails is named, and keeps none of the others from being done. */
const each = async <T>(
  items: readonly T[],
  name: (item: T) => string,
  run: (item: T) => Promise<void>,
): Promise<{ id: string; why: string }[]> => {
  const failed: { id: string; why: string }[] = [];
  for (const item of items) {
    try {
      await run(item);
    } catch (error) {
      failed.push({ id: name(item), why: messageOf(error) });
    }
  }
  return failed;
};

const discover = async (ports: TickPorts, now: number): Promise<void> => {
  for (const id of await ports.deployer.runningIds()) {
    if ((await ports.store.load(id)) === undefined) await observe(ports, id, { at: now, via: "judge" });
  }
};

export const tick = async (ports: TickPorts, now: number): Promise<Ticked> => {
  const lost = await each(["discovery"], String, () => discover(ports, now));
  const intents = await each(
    await ports.intents.pending(),
    (intent) => intent.deploymentId,
    (intent) => carryOut(ports, intent, now),
  );
  const open = [...(await ports.store.openIds())].reverse().slice(0, DEPLOYMENTS_MAX);
  const tended = await each(open, String, async (id) => {
    await tend(ports, id, { at: now, via: "judge" });
  });
  const failed = [...lost, ...intents, ...tended];
  for (const { id, why } of failed) ports.log.error("could not be tended", { id, reason: why });
  return { tended: open.length, failed };
};
