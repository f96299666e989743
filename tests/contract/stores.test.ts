/** The same promises, kept by the stores in memory and by the table: so that tests on the one speak for the other. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { deriveRecord } from "../../lib/deployment/derive.ts";
import type { AuditLine, Fact } from "../../lib/deployment/fact.ts";
import { fact } from "../../lib/deployment/fact.ts";
import type { OutboxEntry } from "../../lib/notice/notice.ts";
import type { Change, DeploymentStore } from "../../lib/ports/deployment-store.ts";
import type { HookRun, HookStore } from "../../lib/ports/hook-store.ts";
import type { IntentStore } from "../../lib/ports/intent-store.ts";
import { memoryDeployments, memoryHooks, memoryIntents } from "../fakes/memory-stores.ts";
import { SHIFT } from "../fakes/stories.ts";
import { type LocalStack, localStack } from "../support/local-stack.ts";

const AT = Date.UTC(2026, 0, 5, 12, 0, 0);
const PLACE = { stage: "local", account: "000000000000", region: "eu-west-1" };

const described = (at: number, codeSha256 = "sha-2"): Fact =>
  fact(at, {
    kind: "described",
    application: "shop",
    deploymentGroup: "checkout",
    deploymentConfig: "c",
    function: SHIFT,
    creator: "user",
    hooks: {},
    codeSha256,
  });

const lineOf = (seq: number, given: Fact): AuditLine => ({
  seq,
  knownAt: given.at,
  via: "event",
  fact: given,
  previousHash: "",
  hash: `hash-${seq}`,
});

const changeOf = (id: string, facts: readonly Fact[], expectedSeq: number, isOpen = true): Change => ({
  expectedSeq,
  record: deriveRecord(facts, { id, ...PLACE }, "event"),
  isOpen,
  lines: facts.slice(expectedSeq).map((each, index) => lineOf(expectedSeq + index + 1, each)),
  entries: [],
});

type Stores = { store: DeploymentStore; hooks: HookStore; intents: IntentStore };
let stack: LocalStack | undefined;

const MAKERS: Readonly<Record<string, () => Promise<Stores>>> = {
  "in memory": async () => ({
    store: memoryDeployments().store,
    hooks: memoryHooks(),
    intents: memoryIntents(),
  }),
  "in the table": async () => {
    stack ??= await localStack({ seed: 7 });
    return stack.ports;
  },
};

describe.each(Object.keys(MAKERS))("stores %s", (name) => {
  let stores: Stores;
  beforeAll(async () => {
    stores = await (MAKERS[name] as () => Promise<Stores>)();
  }, 120_000);
  afterAll(async () => {
    await stack?.close();
    stack = undefined;
  });

  test("a deployment nobody stored is not there", async () => {
    expect(await stores.store.load("d-NONE")).toBeUndefined();
  });

  test("what was appended is loaded back, lines in order", async () => {
    const facts = [described(AT), fact(AT + 1_000, { kind: "entered", passage: "PRE_TRAFFIC" })];
    expect(await stores.store.append("d-ONE", changeOf("d-ONE", facts, 0))).toBe("stored");
    const stored = await stores.store.load("d-ONE");
    expect(stored?.lines.map((line) => line.fact)).toEqual(facts);
    expect(stored).toMatchObject({ isOpen: true, record: { id: "d-ONE", status: "PRE_TRAFFIC" } });
  });

  test("of two writers who read the same, the second is told to read again", async () => {
    const facts = [described(AT)];
    await stores.store.append("d-RACE", changeOf("d-RACE", facts, 0));
    const more = (body: Fact): Change => changeOf("d-RACE", [...facts, body], 1);
    expect(
      await stores.store.append("d-RACE", more(fact(AT + 1, { kind: "entered", passage: "SHIFTING" }))),
    ).toBe("stored");
    expect(
      await stores.store.append("d-RACE", more(fact(AT + 2, { kind: "entered", passage: "PRE_TRAFFIC" }))),
    ).toBe("stale");
    expect((await stores.store.load("d-RACE"))?.lines).toHaveLength(2);
  });

  test("the same fact is never stored twice", async () => {
    const facts = [described(AT)];
    await stores.store.append("d-TWICE", changeOf("d-TWICE", facts, 0));
    expect(await stores.store.append("d-TWICE", changeOf("d-TWICE", facts, 0))).toBe("stale");
  });

  test("open deployments are listed oldest first, closed ones are not", async () => {
    await stores.store.append("d-NEW", changeOf("d-NEW", [described(AT + 90_000)], 0));
    await stores.store.append("d-OLD", changeOf("d-OLD", [described(AT - 90_000)], 0));
    await stores.store.append("d-SHUT", changeOf("d-SHUT", [described(AT - 80_000)], 0, false));
    const ids = await stores.store.openIds();
    expect(ids.filter((id) => ["d-NEW", "d-OLD", "d-SHUT"].includes(id))).toEqual(["d-OLD", "d-NEW"]);
  });

  test("history is newest first, of one service or of all, and bounded", async () => {
    const ids = (await stores.store.history({ service: "checkout", limit: 3 })).map(
      (record) => record.times.requested,
    );
    expect(ids).toHaveLength(3);
    expect([...ids].sort().reverse()).toEqual(ids);
    expect(await stores.store.history({ service: "nobody", limit: 3 })).toEqual([]);
    expect((await stores.store.history({ limit: 2 })).length).toBe(2);
  });

  test("a release finds every deployment of its code", async () => {
    await stores.store.append("d-CODE", changeOf("d-CODE", [described(AT, "sha-special")], 0));
    expect((await stores.store.ofRelease("sha-special")).map((record) => record.id)).toEqual(["d-CODE"]);
  });

  test("the first verdict of a hook is the one that counts, and a retry gets it back", async () => {
    const run: HookRun = {
      deploymentId: "d-HOOK",
      executionId: "e".repeat(1_500),
      hook: "before",
      openedAt: AT,
    };
    expect(await stores.hooks.open(run)).toEqual(run);
    expect((await stores.hooks.decide(run, "Failed", "broken")).verdict).toBe("Failed");
    expect((await stores.hooks.decide(run, "Succeeded", "fine now")).verdict).toBe("Failed");
    const again = await stores.hooks.open({ ...run, openedAt: AT + 60_000 });
    expect(again).toMatchObject({ verdict: "Failed", why: "broken", openedAt: AT });
    await stores.hooks.markReported(again, AT + 61_000);
    expect(await stores.hooks.ofDeployment("d-HOOK")).toMatchObject([{ reportedAt: AT + 61_000 }]);
  });

  test("what a person asks for twice is asked once, and is pending until it is done", async () => {
    const intent = { deploymentId: "d-ASK", verb: "rollback", who: "ana", why: "it hurts", at: AT } as const;
    expect(await stores.intents.put(intent)).toBe(true);
    expect(await stores.intents.put({ ...intent, who: "ben" })).toBe(false);
    expect((await stores.intents.pending()).map((each) => each.who)).toEqual(["ana"]);
    await stores.intents.markDone(intent, AT + 1);
    expect(await stores.intents.pending()).toEqual([]);
    expect(await stores.intents.put({ ...intent, who: "ben", at: AT + 2 })).toBe(true);
    expect((await stores.intents.pending()).map((each) => each.who)).toEqual(["ben"]);
  });

  test("a notice that is in the outbox already does not keep the record from moving on", async () => {
    const notice = {
      id: "started",
      kind: "started",
      severity: "info",
      at: AT,
      title: "t",
      body: "b",
      isBroadcast: false,
      outlets: ["sns"],
    } as const;
    const entry: OutboxEntry = { subject: { kind: "deployment", id: "d-NOTED" }, outlet: "sns", notice };
    const facts = [described(AT)];
    await stores.store.append("d-NOTED", { ...changeOf("d-NOTED", facts, 0), entries: [entry] });
    const more = changeOf("d-NOTED", [...facts, fact(AT + 1, { kind: "entered", passage: "SHIFTING" })], 1);
    expect(await stores.store.append("d-NOTED", { ...more, entries: [entry] })).toBe("stored");
    expect((await stores.store.load("d-NOTED"))?.lines).toHaveLength(2);
  });
});

describe("the outbox in the table", () => {
  let local: LocalStack;
  beforeAll(async () => {
    local = await localStack({ seed: 8 });
  }, 120_000);
  afterAll(() => local.close());

  const entry: OutboxEntry = {
    subject: { kind: "alarm", id: "arn:aws:cloudwatch:eu-west-1:000000000000:alarm:a" },
    outlet: "sns",
    notice: {
      id: "alarm:1",
      kind: "alarm",
      severity: "warning",
      at: AT,
      title: "ALARM a",
      body: "b",
      isBroadcast: true,
      outlets: ["sns"],
    },
  };

  test("keeps an entry until it is sent, and knows it afterwards", async () => {
    const { outbox } = local.ports;
    expect(await outbox.put([entry])).toBe(true);
    expect(await outbox.put([entry])).toBe(false);
    expect(await outbox.isSent(entry)).toBe(false);
    expect(await outbox.unsent(10)).toEqual([entry]);
    await outbox.markSent(entry, AT + 5);
    expect(await outbox.isSent(entry)).toBe(true);
    expect(await outbox.unsent(10)).toEqual([]);
  });

  test("remembers where the living message stands", async () => {
    const { outbox } = local.ports;
    expect(await outbox.message(entry.subject)).toBeUndefined();
    await outbox.saveMessage(entry.subject, { channel: "C1", ts: "1.2", seq: 3 });
    expect(await outbox.message(entry.subject)).toEqual({ channel: "C1", ts: "1.2", seq: 3 });
  });
});
