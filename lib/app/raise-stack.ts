/** Makes a stack, or brings it up to its template, by a change set that is looked at before it is carried out. */
import type { Clock } from "../ports/clock.ts";
import type { Proposal, StackChange, StackEvent, StackOrder, StackSeen, Stacks } from "../ports/stacks.ts";

export type RaiseStackPorts = { stacks: Stacks; clock: Clock };

export type Raised =
  | { kind: "unchanged"; outputs: Readonly<Record<string, string>> }
  | { kind: "done"; outputs: Readonly<Record<string, string>> }
  /** Nothing was changed: `why` says what stands in the way. */
  | { kind: "refused"; why: string }
  | { kind: "failed"; status: string; why: string }
  | { kind: "running" };

export type Hears = { changes(changes: readonly StackChange[]): void; event(event: StackEvent): void };

const POLL_MS = 2_000;
const STACK = "AWS::CloudFormation::Stack";
/** Proposed and never carried out: to CloudFormation still a new stack. */
const ONLY_PROPOSED = "REVIEW_IN_PROGRESS";
/** A creation that failed leaves a stack that can only be deleted. */
const DEAD = new Set(["ROLLBACK_COMPLETE", "ROLLBACK_FAILED", "CREATE_FAILED", "DELETE_FAILED"]);
const SUCCESS = new Set(["CREATE_COMPLETE", "UPDATE_COMPLETE"]);

const isUnderWay = (status: string): boolean => status.endsWith("_IN_PROGRESS");

/** Whether a stack exists, beyond having been proposed. */
export const isThere = (seen: StackSeen | "none"): seen is StackSeen =>
  seen !== "none" && seen.status !== ONLY_PROPOSED;

/** Whether a stack is what its order says, so that there is nothing to change. */
export const isAsOrdered = (seen: StackSeen | "none", order: StackOrder): seen is StackSeen =>
  isThere(seen) &&
  SUCCESS.has(seen.status) &&
  seen.template === order.template &&
  Object.entries(order.parameters).every(([name, value]) => seen.parameters[name] === value);

/** Why a stack cannot be changed now, if so. */
export const obstacleOf = (seen: StackSeen | "none", name: string): string | undefined => {
  if (!isThere(seen)) return undefined;
  if (DEAD.has(seen.status))
    return `stack ${name} is ${seen.status} and can only be deleted: aws cloudformation delete-stack --stack-name ${name}`;
  if (isUnderWay(seen.status)) return `stack ${name} is ${seen.status}: somebody else is changing it`;
  return undefined;
};

/** A signing key or a bucket of releases is never replaced by the way. */
const lossOf = (changes: readonly StackChange[]): string | undefined => {
  const lost = changes.filter(({ action, isReplacement }) => action === "Remove" || isReplacement);
  if (lost.length === 0) return undefined;
  return `the change would remove or replace ${lost.map(({ logicalId }) => logicalId).join(", ")}; do that by hand if it is meant`;
};

const proposed = async (
  { stacks, clock }: RaiseStackPorts,
  name: string,
  id: string,
  giveUpAt: number,
): Promise<Proposal> => {
  let found = await stacks.proposal(name, id);
  while (found.kind === "pending" && clock.now() < giveUpAt) {
    await clock.sleep(POLL_MS);
    found = await stacks.proposal(name, id);
  }
  return found;
};

const failureOf = (fresh: readonly StackEvent[], status: string): Raised => {
  // What came after the first failure is its consequence.
  const first = fresh.find((event) => event.status.endsWith("_FAILED"));
  const why =
    first === undefined
      ? "CloudFormation gave no reason"
      : `${first.logicalId} (${first.type}): ${first.reason ?? "no reason given"}`;
  return { kind: "failed", status, why };
};

/** Hears the events that are not in `known` until the stack's own says that it is over. */
const followed = async (
  { stacks, clock }: RaiseStackPorts,
  name: string,
  known: ReadonlySet<string>,
  hears: Hears,
  giveUpAt: number,
): Promise<Raised> => {
  const heard = new Set(known);
  for (;;) {
    const fresh = (await stacks.events(name)).filter((event) => !known.has(event.id));
    for (const event of fresh.filter(({ id }) => !heard.has(id))) {
      heard.add(event.id);
      hears.event(event);
    }
    const end = fresh.findLast((event) => event.type === STACK && event.logicalId === name);
    if (end !== undefined && !isUnderWay(end.status)) {
      if (!SUCCESS.has(end.status)) return failureOf(fresh, end.status);
      const seen = await stacks.read(name);
      return { kind: "done", outputs: seen === "none" ? {} : seen.outputs };
    }
    if (clock.now() >= giveUpAt) return { kind: "running" };
    await clock.sleep(POLL_MS);
  }
};

/** Resolves when CloudFormation says that it is over, or at `giveUpAt`. Safe to repeat. */
export const raiseStack = async (
  ports: RaiseStackPorts,
  order: StackOrder,
  hears: Hears,
  giveUpAt: number,
): Promise<Raised> => {
  const { stacks, clock } = ports;
  const { name } = order;
  const seen = await stacks.read(name);
  if (isAsOrdered(seen, order)) return { kind: "unchanged", outputs: seen.outputs };
  const obstacle = obstacleOf(seen, name);
  if (obstacle !== undefined) return { kind: "refused", why: obstacle };

  const id = await stacks.propose(order, !isThere(seen), `bellwether-${clock.now()}`);
  const found = await proposed(ports, name, id, giveUpAt);
  if (found.kind !== "ready") await stacks.withdraw(name, id);
  if (found.kind === "empty") return { kind: "unchanged", outputs: isThere(seen) ? seen.outputs : {} };
  if (found.kind === "broken") return { kind: "refused", why: `CloudFormation refuses: ${found.reason}` };
  if (found.kind === "pending")
    return { kind: "refused", why: "CloudFormation did not say in time what would change" };
  hears.changes(found.changes);
  const loss = lossOf(found.changes);
  if (loss !== undefined) {
    await stacks.withdraw(name, id);
    return { kind: "refused", why: loss };
  }
  const known = new Set((await stacks.events(name)).map((event) => event.id));
  await stacks.execute(name, id);
  return followed(ports, name, known, hears, giveUpAt);
};
