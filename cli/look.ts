/** What is known of a deployment now, its record and CodeDeploy's own word together. Nothing is written. */
import type { ObservePorts } from "../lib/app/observe.ts";
import type { Recorded } from "../lib/app/recording.ts";
import { deriveRecord } from "../lib/deployment/derive.ts";
import { type Fact, fact } from "../lib/deployment/fact.ts";
import { knownFrom } from "../lib/deployment/known.ts";
import { factsOf, type Snapshot } from "../lib/deployment/snapshot.ts";
import { InputError } from "../lib/kit/errors.ts";

const policed = async (ports: ObservePorts, service: string, at: number): Promise<Fact> => {
  const found = await ports.policies.read(service);
  return found === "none" || "broken" in found
    ? fact(at, { kind: "policed", policy: null, sha256: "" })
    : fact(at, { kind: "policed", policy: found.policy, sha256: found.sha256 });
};

const seenNow = async (ports: ObservePorts, snapshot: Snapshot | "unknown" | "foreign"): Promise<Fact[]> =>
  typeof snapshot === "string"
    ? []
    : [...factsOf(snapshot), await policed(ports, snapshot.function.name, snapshot.createdAt)];

/** Throws InputError when neither the record nor CodeDeploy knows the deployment. */
export const look = async (ports: ObservePorts, id: string): Promise<Recorded> => {
  const [stored, snapshot] = [await ports.store.load(id), await ports.deployer.read(id)];
  if (stored === undefined && snapshot === "foreign")
    throw new InputError(`deployment ${id} is not a Lambda deployment`);
  if (stored === undefined && snapshot === "unknown")
    throw new InputError(`no deployment ${id} in this account and region`);
  const trail = stored?.lines.map((line) => line.fact) ?? [];
  const ids = new Set(trail.map((each) => each.id));
  const facts = [...trail, ...(await seenNow(ports, snapshot)).filter((each) => !ids.has(each.id))];
  return {
    record: deriveRecord(facts, { id, ...ports.stage }, stored?.record.source ?? "cli"),
    known: knownFrom(facts),
    isOpen: stored?.isOpen ?? true,
    added: [],
  };
};
