/**
 * What CodeDeploy knows of one deployment at an instant, in our words, and the facts that follow from it.
 * Events only say "look"; facts come from what is seen, with CodeDeploy's own times, so that an event that is lost,
 * doubled or late leaves no trace in the record.
 */
import { type Fact, type FunctionShift, fact, type Passage } from "./fact.ts";

export type LifecyclePhase = "BeforeAllowTraffic" | "AllowTraffic" | "AfterAllowTraffic";

export type Snapshot = {
  id: string;
  application: string;
  deploymentGroup: string;
  deploymentConfig: string;
  function: FunctionShift;
  hooks: { before?: string; after?: string };
  creator: string;
  description?: string;
  createdAt: number;
  /** Instants at which lifecycle phases began and ended. */
  phases: Partial<Record<LifecyclePhase, { startedAt?: number; endedAt?: number; ok?: boolean }>>;
  end?: { result: "succeeded" | "failed" | "stopped"; at: number; code?: string; message?: string };
  /** The deployment that CodeDeploy started to take this one back. */
  rolledBackBy?: string;
  /** The deployment that this one takes back. */
  rollbackOf?: string;
};

/** Description of a rollback that we start ourselves: how it is recognised later, whoever reads it. */
const MARK = "bellwether rollback of ";
export const rollbackMark = (deploymentId: string): string => `${MARK}${deploymentId}`;
export const markedRollbackOf = (description: string | undefined): string | undefined =>
  description?.startsWith(MARK) ? description.slice(MARK.length).split(" ")[0] : undefined;

/** Whether one shift undoes another: same alias, versions swapped. Anybody may write anything into a description. */
export const isWayBack = (back: FunctionShift, of: FunctionShift): boolean =>
  back.name === of.name && back.alias === of.alias && back.to === of.from && back.from === of.to;

/** An instant never lies before the deployment was made: CodeDeploy's servers disagree about the time. */
const clamp = (snapshot: Snapshot, at: number): number => Math.max(snapshot.createdAt, at);

const entered = (snapshot: Snapshot, passage: Passage, at: number | undefined): Fact[] =>
  at === undefined ? [] : [fact(clamp(snapshot, at), { kind: "entered", passage })];

/** What Lambda says of a version: the digest of its code, and how long it may run. */
export type VersionFacts = { codeSha256?: string; timeoutMs?: number };
export type Versions = { from?: VersionFacts; to?: VersionFacts };

/** Everything a snapshot proves. The same happening gives the same fact, whenever it is looked at. */
export const factsOf = (snapshot: Snapshot, { from, to }: Versions = {}): Fact[] => {
  const { phases, end } = snapshot;
  const shift = phases.AllowTraffic;
  return [
    fact(snapshot.createdAt, {
      kind: "described",
      application: snapshot.application,
      deploymentGroup: snapshot.deploymentGroup,
      deploymentConfig: snapshot.deploymentConfig,
      function: snapshot.function,
      creator: snapshot.creator,
      ...(snapshot.description !== undefined && { description: snapshot.description }),
      ...(snapshot.rollbackOf !== undefined && { rollbackOf: snapshot.rollbackOf }),
      hooks: snapshot.hooks,
      ...(to?.codeSha256 !== undefined && { codeSha256: to.codeSha256 }),
      ...(from?.codeSha256 !== undefined && { codeSha256From: from.codeSha256 }),
      ...(from?.timeoutMs !== undefined &&
        to?.timeoutMs !== undefined && { timeoutsMs: { baseline: from.timeoutMs, canary: to.timeoutMs } }),
    }),
    ...entered(snapshot, "PRE_TRAFFIC", phases.BeforeAllowTraffic?.startedAt),
    ...entered(snapshot, "SHIFTING", shift?.startedAt),
    ...entered(snapshot, "FULL_TRAFFIC", shift?.ok === true ? shift.endedAt : undefined),
    ...entered(snapshot, "POST_TRAFFIC", phases.AfterAllowTraffic?.startedAt),
    ...(end === undefined
      ? []
      : [
          fact(clamp(snapshot, end.at), {
            kind: "ended",
            result: end.result,
            ...(end.code !== undefined && { code: end.code }),
            ...(end.message !== undefined && { message: end.message }),
          }),
        ]),
  ];
};
