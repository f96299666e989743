/** Finds what events lost: every deployment of the last day and every open one is looked at and compared with its record. */

import { isEnd } from "../deployment/record.ts";
import { messageOf } from "../kit/errors.ts";
import { DAY_MS, HOUR_MS } from "../kit/time.ts";
import type { Log } from "../ports/log.ts";
import { recordedFrom } from "./recording.ts";
import type { RollBackPorts } from "./roll-back.ts";
import { track } from "./track.ts";

/** Older than any deployment's settling, younger than what the hourly look costs: a day and two hours. */
export const LOOK_BACK_MS = DAY_MS + 2 * HOUR_MS;
/** Deployments looked at in one run; the next run goes on. */
const DEPLOYMENTS_MAX = 200;

export type Reconciled = {
  looked: number;
  mended: readonly { id: string; facts: readonly string[] }[];
  failed: readonly { id: string; why: string }[];
};

/** Ended, verified and counted: CodeDeploy can say nothing more about it. */
const isSettled = async (ports: RollBackPorts, id: string): Promise<boolean> => {
  const stored = await ports.store.load(id);
  return (
    stored !== undefined &&
    !stored.isOpen &&
    isEnd(stored.record.status) &&
    recordedFrom(stored).known.ended !== undefined
  );
};

const lookAt = async (ports: RollBackPorts, id: string, at: number): Promise<readonly string[]> => {
  const before = new Set((await ports.store.load(id))?.lines.map((line) => line.fact.id) ?? []);
  const seen = await track(ports, id, { at, via: "reconciler" });
  if (typeof seen === "string") return [];
  const after = (await ports.store.load(id))?.lines ?? [];
  return after.filter((line) => !before.has(line.fact.id)).map((line) => line.fact.id);
};

/** Idempotent; one deployment that cannot be read does not keep the others from being mended. */
export const reconcile = async (ports: RollBackPorts & { log: Log }, now: number): Promise<Reconciled> => {
  const ids = [
    ...new Set([...(await ports.store.openIds()), ...(await ports.deployer.idsSince(now - LOOK_BACK_MS))]),
  ];
  const mended: { id: string; facts: readonly string[] }[] = [];
  const failed: { id: string; why: string }[] = [];
  let looked = 0;
  for (const id of ids) {
    if (looked >= DEPLOYMENTS_MAX) break;
    try {
      if (await isSettled(ports, id)) continue;
      looked += 1;
      const facts = await lookAt(ports, id, now);
      if (facts.length > 0) mended.push({ id, facts });
    } catch (error) {
      failed.push({ id, why: messageOf(error) });
      ports.log.error("could not be reconciled", { id, reason: messageOf(error) });
    }
  }
  if (mended.length > 0) ports.log.count("EventLost", mended.length);
  ports.log.info("reconciled", { looked, mended: mended.length, failed: failed.length });
  return { looked, mended, failed };
};
