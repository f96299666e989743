import type { FunctionShift } from "../deployment/fact.ts";
import type { Snapshot } from "../deployment/snapshot.ts";

/** What drives the traffic. Words of CodeDeploy do not cross this line except as plain ids. */
export type Deployer = {
  /** Everything known about one deployment now; `unknown` when there is none, `foreign` when it is not a Lambda deployment. */
  read(deploymentId: string): Promise<Snapshot | "unknown" | "foreign">;
  /** Ids of deployments under way. */
  runningIds(): Promise<readonly string[]>;
  /** Ids of deployments created since, whatever became of them. */
  idsSince(at: number): Promise<readonly string[]>;
  /** Stops the deployment and asks for all traffic back on the baseline. Safe to repeat. */
  stop(deploymentId: string): Promise<"stopping" | "already-over">;
  /** Starts a deployment that moves all traffic back at once, past any alarm. `busy` while another runs in the group. */
  startRollback(order: RollbackOrder): Promise<{ deploymentId: string } | "busy">;
  /** Answers a lifecycle hook. `closed` when it was answered before. */
  answerHook(answer: {
    deploymentId: string;
    executionId: string;
    verdict: "Succeeded" | "Failed";
  }): Promise<"accepted" | "closed" | "unknown">;
};

export type RollbackOrder = {
  of: string;
  application: string;
  deploymentGroup: string;
  function: FunctionShift;
};
