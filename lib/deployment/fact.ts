/**
 * What is known about one deployment, append-only. A record is derived from the set of its facts and from nothing
 * else, so the order in which they became known, and how often, cannot matter.
 * `id` is the fact's natural key within its deployment: the same happening always gets the same id and content.
 */
import type { Policy, Severity } from "../policy/policy.ts";
import type { PackedInput, StoredJudgement } from "./stored-judgement.ts";

export type FunctionShift = { name: string; alias: string; from: string; to: string };

export type Creator =
  | "user"
  | "autoscaling"
  | "codeDeployRollback"
  | "CodeDeploy"
  | "CodeDeployAutoUpdate"
  | "CloudFormation"
  | "CloudFormationRollback"
  | "autoscalingTermination";

/** Where traffic stands in CodeDeploy's lifecycle. `FULL_TRAFFIC`: the canary serves everything. */
export type Passage = "PRE_TRAFFIC" | "SHIFTING" | "FULL_TRAFFIC" | "POST_TRAFFIC";

export type Instigator = "judge" | "alarm" | "operator" | "policy";

export type CheckFinding = { name: string; ok: boolean; why: string; durationMs?: number };

export type FactBody =
  | {
      kind: "described";
      application: string;
      deploymentGroup: string;
      deploymentConfig: string;
      function: FunctionShift;
      creator: Creator | string;
      description?: string;
      /** The deployment that this one takes back. */
      rollbackOf?: string;
      hooks: { before?: string; after?: string };
      /** Digest of the code of the new and of the old version. */
      codeSha256?: string;
      codeSha256From?: string;
      /** How long Lambda lets each version run. */
      timeoutsMs?: { baseline: number; canary: number };
    }
  /** `broken`: there is a policy, and this is why it cannot be used. */
  | { kind: "policed"; policy: Policy | null; sha256: string; broken?: string }
  | { kind: "entered"; passage: Passage }
  | { kind: "ended"; result: "succeeded" | "failed" | "stopped"; code?: string; message?: string }
  | { kind: "weighed"; canaryPercent: number }
  | {
      kind: "checked";
      hook: "before" | "after";
      verdict: "pass" | "fail" | "skipped";
      why: string;
      findings: readonly CheckFinding[];
    }
  | { kind: "judged"; judgement: StoredJudgement; input?: PackedInput; isShiftOver: boolean }
  | { kind: "exposed"; calls: number; bad: number; isFinal: boolean }
  | {
      kind: "alarmed";
      alarmName: string;
      alarmArn: string;
      state: "ok" | "alarm" | "insufficient-data";
      severity: Severity;
      blame: Blame;
      why: string;
    }
  | { kind: "rollback-asked"; by: Instigator; who: string; why: string }
  | { kind: "rollback-began"; by: string }
  | { kind: "restored"; version: string }
  | { kind: "rollback-failed"; why: string }
  | { kind: "baked" }
  | { kind: "acknowledged"; who: string };

/** Was it the deployment? `ignored`: muted or suppressed. */
export type Blame = "deployment" | "not-the-deployment" | "ignored";

export type Fact = { id: string; at: number } & FactBody;
export type FactOf<K extends FactBody["kind"]> = Extract<Fact, { kind: K }>;

/** How a fact became known. */
export type Via = "event" | "hook" | "judge" | "alarm" | "reconciler" | "cli" | "slack";

/** A fact as the audit trail keeps it: when and how it became known, chained to the line before. */
export type AuditLine = {
  seq: number;
  knownAt: number;
  via: Via;
  fact: Fact;
  previousHash: string;
  hash: string;
};

/** The natural key of a fact. Facts that can happen once have the kind alone. */
export const factId = (at: number, body: FactBody): string => {
  switch (body.kind) {
    case "entered":
      return `entered:${body.passage}`;
    case "checked":
      return `checked:${body.hook}`;
    case "weighed":
    case "judged":
    case "exposed":
      return `${body.kind}:${at}`;
    case "alarmed":
      return `alarmed:${body.alarmArn}:${at}:${body.state}`;
    case "rollback-asked":
      return body.by === "operator" ? `rollback-asked:operator:${at}` : "rollback-asked";
    case "rollback-began":
      return `rollback-began:${body.by}`;
    case "acknowledged":
      return `acknowledged:${body.who}`;
    default:
      return body.kind;
  }
};

export const fact = (at: number, body: FactBody): Fact => ({ id: factId(at, body), at, ...body });
