/** Follows up a CodeDeploy notification: looks at the deployment, and verifies a rollback it may have completed. */
import type { Via } from "../deployment/fact.ts";
import { observe } from "./observe.ts";
import { type Recorded, recordedFrom } from "./recording.ts";
import { type RollBackPorts, verifyRollback } from "./roll-back.ts";

/** The parent of a rollback is verified with it: its end is what the parent waits for. */
export const track = async (
  ports: RollBackPorts,
  deploymentId: string,
  when: { at: number; via: Via },
): Promise<Recorded | "unknown" | "foreign"> => {
  const seen = await observe(ports, deploymentId, when);
  if (typeof seen === "string") return seen;
  const of = seen.known.described.rollbackOf;
  if (of === undefined) return verifyRollback(ports, seen, when);
  const parent = await ports.store.load(of);
  if (parent !== undefined) await verifyRollback(ports, recordedFrom(parent), when);
  return seen;
};
