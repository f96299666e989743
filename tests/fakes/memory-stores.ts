/** The stores in memory, with the same conditions as the table: proven equal to it by the contract suite. */
import type { AuditLine } from "../../lib/deployment/fact.ts";
import type { OutboxEntry } from "../../lib/notice/notice.ts";
import type { DeploymentStore, StoredDeployment } from "../../lib/ports/deployment-store.ts";
import type { HookRun, HookStore } from "../../lib/ports/hook-store.ts";
import type { Intent, IntentStore } from "../../lib/ports/intent-store.ts";

export const memoryDeployments = () => {
  const kept = new Map<string, StoredDeployment>();
  const entries: OutboxEntry[] = [];
  const store: DeploymentStore = {
    load: async (id) => structuredClone(kept.get(id)),
    append: async (id, change) => {
      const lines = kept.get(id)?.lines ?? [];
      const ids = new Set(lines.map((line) => line.fact.id));
      if (lines.length !== change.expectedSeq || change.lines.some((line) => ids.has(line.fact.id)))
        return "stale";
      const all: AuditLine[] = [...lines, ...change.lines];
      kept.set(id, structuredClone({ record: change.record, lines: all, isOpen: change.isOpen }));
      const isKnown = (entry: OutboxEntry): boolean =>
        entries.some(
          (each) =>
            each.subject.id === entry.subject.id &&
            each.outlet === entry.outlet &&
            each.notice.id === entry.notice.id,
        );
      entries.push(...structuredClone(change.entries.filter((entry) => !isKnown(entry))));
      return "stored";
    },
    openIds: async () =>
      [...kept.entries()]
        .filter(([, each]) => each.isOpen)
        .sort(([, left], [, right]) => (left.record.times.requested < right.record.times.requested ? -1 : 1))
        .map(([id]) => id),
    history: async ({ service, limit }) =>
      [...kept.values()]
        .map((each) => each.record)
        .filter((record) => service === undefined || record.service === service)
        .sort((left, right) => (left.times.requested < right.times.requested ? 1 : -1))
        .slice(0, limit),
    ofRelease: async (releaseId) =>
      [...kept.values()].map((each) => each.record).filter((record) => record.release?.id === releaseId),
  };
  return { store, entries };
};

export const memoryHooks = (): HookStore => {
  const runs = new Map<string, HookRun>();
  const keyOf = (run: HookRun): string => `${run.deploymentId} ${run.executionId}`;
  return {
    open: async (run) => {
      const standing = runs.get(keyOf(run));
      if (standing === undefined) runs.set(keyOf(run), run);
      return structuredClone(standing ?? run);
    },
    decide: async (run, verdict, why) => {
      const standing = runs.get(keyOf(run));
      if (standing?.verdict === undefined) runs.set(keyOf(run), { ...run, verdict, why });
      return structuredClone(runs.get(keyOf(run)) as HookRun);
    },
    markReported: async (run, at) => {
      runs.set(keyOf(run), { ...run, reportedAt: at });
    },
    ofDeployment: async (deploymentId) =>
      [...runs.values()].filter((run) => run.deploymentId === deploymentId),
  };
};

export const memoryIntents = (): IntentStore => {
  const intents = new Map<string, Intent & { doneAt?: number }>();
  return {
    put: async (intent) => {
      const key = `${intent.deploymentId} ${intent.verb}`;
      const standing = intents.get(key);
      if (standing !== undefined && standing.doneAt === undefined) return false;
      intents.set(key, intent);
      return true;
    },
    pending: async () => [...intents.values()].filter((intent) => intent.doneAt === undefined),
    markDone: async (intent, at) => {
      intents.set(`${intent.deploymentId} ${intent.verb}`, { ...intent, doneAt: at });
    },
  };
};
