import type { AuditLine } from "../deployment/fact.ts";
import type { DeploymentRecord } from "../deployment/record.ts";
import type { OutboxEntry } from "../notice/notice.ts";

export type StoredDeployment = { record: DeploymentRecord; lines: readonly AuditLine[]; isOpen: boolean };

export type Change = {
  /** Number of audit lines the change was computed from; 0 for a deployment never seen. */
  expectedSeq: number;
  record: DeploymentRecord;
  /** Somebody still has to look at it: not ended, or its exposure not final. */
  isOpen: boolean;
  lines: readonly AuditLine[];
  entries: readonly OutboxEntry[];
};

/** Where deployments are kept. Reads by id are consistent; lists may lag and only say where to look. */
export type DeploymentStore = {
  load(deploymentId: string): Promise<StoredDeployment | undefined>;
  /** Record, audit lines and outbox entries in one transaction; `stale` when another writer was first. Safe to repeat. */
  append(deploymentId: string, change: Change): Promise<"stored" | "stale">;
  /** Ids of the deployments somebody still has to look at, oldest first. */
  openIds(): Promise<readonly string[]>;
  /** Newest first. All services when `service` is not given. */
  history(query: { service?: string; limit: number }): Promise<readonly DeploymentRecord[]>;
  ofRelease(releaseId: string): Promise<readonly DeploymentRecord[]>;
};
