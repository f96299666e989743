/** One deployment as readers see it: `show <id> --json` prints exactly this. Instants are ISO 8601 texts in UTC. */
import type { Verdict } from "../judge/judgement.ts";
import type { CheckFinding, FunctionShift, Instigator } from "./fact.ts";

/** Ranked: a record never goes back to a lower one. The five last are ends. */
export const STATUSES = [
  "REQUESTED",
  "PRE_TRAFFIC",
  "SHIFTING",
  "POST_TRAFFIC",
  "BAKING",
  "SUCCEEDED",
  "FAILED",
  "STOPPED",
  "ROLLBACK_FAILED",
  "ROLLED_BACK",
] as const;
export type Status = (typeof STATUSES)[number];

export const rankOf = (status: Status): number => STATUSES.indexOf(status);
export const isEnd = (status: Status): boolean => rankOf(status) >= rankOf("SUCCEEDED");

/** Why it ended as it did. */
export type Cause = "judge" | "alarm" | "hook" | "operator" | "policy" | "infrastructure" | "completed";

export type RecordVerdict = {
  at: string;
  verdict: Verdict;
  reason?: string;
  minute: number;
  signal: string;
  evidence: number;
  bar: number;
  why: string;
};

export type RecordAlarm = {
  at: string;
  name: string;
  state: string;
  severity: string;
  blame: string;
  why: string;
};

export type DeploymentRecord = {
  schema: 1;
  id: string;
  service: string;
  stage: string;
  account: string;
  region: string;
  application: string;
  deploymentGroup: string;
  deploymentConfig: string;
  kind: "release" | "hotfix" | "rollback" | "config";
  status: Status;
  outcome?: { verdict: Verdict; cause: Cause; why: string };
  release?: { id: string; version: string; codeSha256: string; gitSha?: string; builtBy?: string };
  function: FunctionShift;
  actor: { type: "user" | "ci" | "auto"; id: string };
  mode: "shadow" | "enforce";
  policySha256?: string;
  /** There is a policy, and this is why it cannot be used: the deployment is only watched. */
  policyBroken?: string;
  /** Share of calls the canary version got, percent, from each instant on. */
  traffic: readonly { at: string; weight: number }[];
  /** Calls the canary version served, and how many went bad. */
  exposure: { calls: number; bad: number };
  times: {
    requested: string;
    firstTraffic?: string;
    fullTraffic?: string;
    detected?: string;
    restored?: string;
    finished?: string;
  };
  /** `of` was taken back by deployment `by` to version `to`. Stands on both records. */
  rollback?: { of: string; by?: string; to: string; automatic: boolean; askedBy?: Instigator };
  approvals: readonly { by: string; decision: string; at: string }[];
  checks: readonly {
    hook: "before" | "after";
    verdict: string;
    why: string;
    findings: readonly CheckFinding[];
  }[];
  verdicts: readonly RecordVerdict[];
  alarms: readonly RecordAlarm[];
  acknowledgedBy: readonly string[];
  /** `reconciler` when at least one fact was found by asking CodeDeploy because no event told of it. */
  source: "event" | "reconciler" | "cli";
  links: Readonly<Record<string, string>>;
};
