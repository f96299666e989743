import type { CheckFinding } from "../deployment/fact.ts";

/** One hook invocation by CodeDeploy, from its first word to its report. */
export type HookRun = {
  deploymentId: string;
  executionId: string;
  hook: "before" | "after";
  openedAt: number;
  /** Set once, before it is reported; a stored Failed never becomes Succeeded. */
  verdict?: "Succeeded" | "Failed";
  why?: string;
  /** What the checks found, in the record's words: a retry reports it, it does not look again. */
  found?: { verdict: "pass" | "fail" | "skipped"; findings: readonly CheckFinding[] };
  reportedAt?: number;
};

export type HookStore = {
  /** Opens the run, or gives back the one that exists: a retry continues, it does not start anew. */
  open(run: HookRun): Promise<HookRun>;
  /** Stores a verdict if none is stored; gives back the one that counts. */
  decide(run: HookRun, verdict: "Succeeded" | "Failed", why: string): Promise<HookRun>;
  markReported(run: HookRun, at: number): Promise<void>;
  ofDeployment(deploymentId: string): Promise<readonly HookRun[]>;
};
