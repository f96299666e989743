/** All ports at once, in memory, around one story. */
import { createHash } from "node:crypto";
import type { SignalSeries } from "../../lib/judge/counts.ts";
import type { OutboxEntry } from "../../lib/notice/notice.ts";
import type { Policy } from "../../lib/policy/policy.ts";
import type { Counts } from "../../lib/ports/counts.ts";
import type { Answer, Invoker } from "../../lib/ports/invoker.ts";
import type { Outbox } from "../../lib/ports/outbox.ts";
import type { Usage } from "../../lib/ports/usage.ts";
import { memoryDeployments, memoryHooks, memoryIntents } from "./memory-stores.ts";
import { countingLog } from "./quiet-log.ts";
import { HOOKS, type StoryKind, tellStory } from "./stories.ts";

export const ENFORCING: Policy = {
  schema: 1,
  mode: "enforce",
  onInconclusive: "continue-loudly",
  bakeMinutes: 5,
};

export type WorldOptions = {
  story?: StoryKind;
  policy?: Policy | "none" | { broken: string };
  answer?: Partial<Answer>;
  series?: readonly SignalSeries[];
  hours?: Awaited<ReturnType<Usage["hours"]>>;
  config?: Awaited<ReturnType<Usage["config"]>>;
  /** Calls and bad calls per version, as exposure reads them. */
  exposure?: Readonly<Record<string, { calls: number; bad: number }>>;
};

const policiesOf = (policy: WorldOptions["policy"]) => ({
  read: async () => {
    if (policy === undefined || policy === "none") return "none" as const;
    return "broken" in policy ? policy : { policy, sha256: "policy-digest" };
  },
  write: async () => {},
  list: async () => [],
});

export const fakeWorld = (options: WorldOptions = {}) => {
  const told = tellStory(options.story ?? "succeeds");
  const { store, entries } = memoryDeployments();
  const alarmEntries: OutboxEntry[] = [];
  const invoker: Invoker = {
    invoke: async (_name, version) => ({
      ok: true,
      payload: '{"statusCode":200}',
      executedVersion: version,
      durationMs: 12,
      ...options.answer,
    }),
  };
  const counts: Counts = {
    read: async () => ({ series: options.series ?? [], calls: [] }),
    history: async () => ({ past: {} }),
    exposure: async ({ version }) => options.exposure?.[version] ?? { calls: 0, bad: 0 },
  };
  const usage: Usage = {
    hours: async () => options.hours ?? "missing",
    config: async () => options.config,
  };
  const outbox: Outbox = {
    put: async (given) => {
      const before = alarmEntries.length;
      for (const entry of given)
        if (!alarmEntries.some((each) => each.notice.id === entry.notice.id && each.outlet === entry.outlet))
          alarmEntries.push(entry);
      return alarmEntries.length > before;
    },
    unsent: async () => [],
    isSent: async () => false,
    markSent: async () => {},
    message: async () => undefined,
    saveMessage: async () => {},
  };
  const log = countingLog();
  const ports = {
    stage: { stage: "local", account: "000000000000", region: "eu-west-1" },
    store,
    hash: (text: string) => createHash("sha256").update(text).digest("hex"),
    deployer: told.deployer,
    router: told.router,
    policies: policiesOf(options.policy),
    clock: {
      now: () => told.clock.at,
      sleep: async (durationMs: number) => {
        told.clock.at += durationMs;
      },
    },
    log,
    hooks: memoryHooks(),
    intents: memoryIntents(),
    invoker,
    counts,
    usage,
    outbox,
    ourHooks: HOOKS,
  };
  return { ports, told, entries, alarmEntries, log };
};
