/** Looks at one deployment in CodeDeploy and records what it shows, with the rollback it belongs to. */
import { type Fact, fact, type Via } from "../deployment/fact.ts";
import { factsOf, isWayBack, type Snapshot, type Versions } from "../deployment/snapshot.ts";
import type { Deployer } from "../ports/deployer.ts";
import type { Policies } from "../ports/policies.ts";
import type { Router } from "../ports/router.ts";
import { type Recorded, type RecordingPorts, recordFacts } from "./recording.ts";

export type ObservePorts = RecordingPorts & { deployer: Deployer; router: Router; policies: Policies };

type When = { at: number; via: Via };

const versionsOf = async (router: Router, snapshot: Snapshot): Promise<Versions> => {
  const { name } = snapshot.function;
  const [from, to] = [
    await router.version(name, snapshot.function.from),
    await router.version(name, snapshot.function.to),
  ];
  return { ...(from && { from }), ...(to && { to }) };
};

/** The promise that holds for this deployment: the owner's as it stands when the deployment is first seen. */
const policyFact = async (policies: Policies, snapshot: Snapshot): Promise<Fact> => {
  const found = await policies.read(snapshot.function.name);
  const body =
    found === "none" || "broken" in found
      ? { policy: null, sha256: "", ...(found !== "none" && { broken: found.broken }) }
      : { policy: found.policy, sha256: found.sha256 };
  return fact(snapshot.createdAt, { kind: "policed", ...body });
};

const describe = async (ports: ObservePorts, snapshot: Snapshot): Promise<Fact[]> => {
  const isKnown = (await ports.store.load(snapshot.id)) !== undefined;
  if (isKnown) return factsOf(snapshot).filter((each) => each.kind !== "described");
  return [
    ...factsOf(snapshot, await versionsOf(ports.router, snapshot)),
    await policyFact(ports.policies, snapshot),
  ];
};

const recordSnapshot = async (
  ports: ObservePorts,
  snapshot: Snapshot,
  when: When,
  more: readonly Fact[] = [],
): Promise<Recorded> =>
  recordFacts(ports, snapshot.id, [...(await describe(ports, snapshot)), ...more], when);

const began = (rollback: Snapshot): Fact =>
  fact(rollback.createdAt, { kind: "rollback-began", by: rollback.id });

/**
 * Reads a deployment and records what is seen; both halves of a rollback are recorded together.
 * `unknown` and `foreign` are told apart so that the caller can quarantine or ignore.
 */
export const observe = async (
  ports: ObservePorts,
  deploymentId: string,
  when: When,
): Promise<Recorded | "unknown" | "foreign"> => {
  const snapshot = await ports.deployer.read(deploymentId);
  if (snapshot === "unknown" || snapshot === "foreign") return snapshot;
  if (snapshot.rollbackOf !== undefined) {
    const parent = await ports.deployer.read(snapshot.rollbackOf);
    if (typeof parent === "object" && isWayBack(snapshot.function, parent.function))
      await recordSnapshot(ports, parent, when, [began(snapshot)]);
  }
  if (snapshot.rolledBackBy !== undefined) {
    const rollback = await ports.deployer.read(snapshot.rolledBackBy);
    if (typeof rollback === "object") {
      await recordSnapshot(ports, rollback, when);
      return recordSnapshot(ports, snapshot, when, [began(rollback)]);
    }
  }
  return recordSnapshot(ports, snapshot, when);
};
