import { describe, expect, it } from "vitest";
import { recordFacts } from "../../../lib/app/recording.ts";
import { type SendPorts, sendArrived, sendNotice, sendPending } from "../../../lib/app/send-notices.ts";
import { type Fact, fact } from "../../../lib/deployment/fact.ts";
import type { Notice, OutboxEntry } from "../../../lib/notice/notice.ts";
import { renderForSlack } from "../../../lib/slack/message.ts";
import { memoryAnnouncer } from "../../fakes/memory-announcer.ts";
import { type KeptMessage, memoryChat } from "../../fakes/memory-chat.ts";
import { memoryOutbox } from "../../fakes/memory-outbox.ts";
import { memoryDeployments } from "../../fakes/memory-stores.ts";
import { countingLog } from "../../fakes/quiet-log.ts";
import * as r from "../../fakes/records.ts";

const NOW = r.after(2_000);
const ALL = 1_000;

const world = (can = { edit: true }) => {
  const { store, entries } = memoryDeployments();
  const { outbox, sent } = memoryOutbox(entries);
  const { announcer, announced, state: topics } = memoryAnnouncer();
  const { chat, messages, state: slack, remove } = memoryChat(can);
  const log = countingLog();
  const ports: SendPorts = { store, outbox, announcer, chat, log, render: renderForSlack };
  const together = async (facts: readonly Fact[]): Promise<void> => {
    const stage = { stage: "prod", account: r.PLACE.account, region: r.PLACE.region };
    const hash = (text: string): string => String(text.length);
    await recordFacts({ stage, store, hash }, r.ID, facts, { at: facts[0]?.at ?? NOW, via: "event" });
  };
  const learn = async (...facts: Fact[]): Promise<void> => {
    for (const each of facts) await together([each]);
  };
  /** As with the stream: each entry is sent as soon as it is there. */
  const live = async (...facts: Fact[]): Promise<void> => {
    for (const each of facts) {
      await learn(each);
      for (const entry of await outbox.unsent(ALL)) await sendNotice(ports, entry, each.at);
    }
  };
  return {
    ports,
    outbox,
    entries,
    sent,
    announced,
    topics,
    messages,
    slack,
    remove,
    log,
    together,
    learn,
    live,
  };
};

const FACTS = [...r.ROLLED_BACK, r.exposed(400, 930, 63, true)];
const titles = (messages: readonly KeptMessage[]): string[] =>
  messages.map(
    ({ message, thread }) =>
      `${message.text.split("\n")[0]}${thread === undefined ? "" : thread.isBroadcast ? " (to the channel)" : " (in the thread)"}`,
  );
const ROLLED_BACK = "ROLLED BACK checkout PROD v58 -&gt; v57 (automatic, 41 s)";

describe("a deployment told in Slack", () => {
  it("has one message, edited as it goes on, and one call to the channel when it went back", async () => {
    const { live, messages, announced } = world();
    await live(...FACTS);
    expect(titles(messages)).toEqual([ROLLED_BACK, `${ROLLED_BACK} (to the channel)`]);
    expect(messages[0]?.edits).toBe(4);
    expect(messages[0]?.message.text).toContain("930 calls, 63 went bad");
    expect(announced.map((notice) => notice.kind)).toEqual(["rolled-back"]);
  });

  it("is told in the policy's channel", async () => {
    const { together, ports, messages } = world();
    const policy = {
      schema: 1,
      mode: "enforce",
      onInconclusive: "continue",
      bakeMinutes: 0,
      slackChannel: "C0CHECKOUT",
    } as const;
    await together([r.described(), r.policed(policy)]);
    await sendPending(ports, NOW, ALL);
    expect(messages.map((message) => message.channel)).toEqual(["C0CHECKOUT"]);
  });

  it("is posted anew when somebody deleted its message", async () => {
    const { live, messages, remove } = world();
    await live(...r.SHIFTING);
    remove(messages[0]?.ts ?? "");
    await live(...FACTS.slice(r.SHIFTING.length));
    expect(titles(messages)).toEqual([ROLLED_BACK, `${ROLLED_BACK} (to the channel)`]);
  });

  it("answers in the thread, without calling the channel, when it ended without evidence", async () => {
    const { live, messages } = world();
    await live(...r.SHIFTED, r.judged(330, r.FEW, true), fact(r.after(700), { kind: "baked" }));
    expect(titles(messages).at(-1)).toMatch(/^INCONCLUSIVE .* \(in the thread\)$/);
  });

  it("never overwrites a newer state with an older telling", async () => {
    const { learn, ports, entries, messages } = world();
    await learn(...FACTS);
    const slack = entries.filter((entry) => entry.outlet === "slack");
    for (const entry of [...slack].reverse()) await sendNotice(ports, entry, NOW);
    expect(titles(messages)).toEqual([ROLLED_BACK, `${ROLLED_BACK} (to the channel)`]);
    expect(messages[0]?.edits).toBe(0);
  });

  it("shows the newest state even when it moves on while it is being told", async () => {
    const { learn, ports, messages } = world();
    await learn(...r.SHIFTING);
    const entry = (await ports.outbox.unsent(ALL))[0] as OutboxEntry;
    let hasMovedOn = false;
    const post: SendPorts["chat"]["post"] = async (...args) => {
      const posted = await ports.chat.post(...args);
      if (!hasMovedOn) await learn(...r.GOING_BACK.slice(r.SHIFTING.length));
      hasMovedOn = true;
      return posted;
    };
    await sendNotice({ ...ports, chat: { ...ports.chat, post } }, entry, NOW);
    expect(titles(messages)).toEqual(["ROLLING BACK checkout PROD v58 -&gt; v57 (automatic: the judge)"]);
  });
});

describe("while Slack is down", () => {
  it("the topics are told at once, and Slack once when it is back", async () => {
    const { live, ports, slack, messages, announced, entries, sent } = world();
    slack.behaviour = { kind: "later", retryAfterMs: 1_000 };
    await live(...FACTS);
    expect(announced.map((notice) => notice.kind)).toEqual(["rolled-back"]);
    expect(messages).toEqual([]);
    slack.behaviour = { kind: "up" };
    expect(await sendPending(ports, NOW, ALL)).toEqual({ sent: 5, left: 0 });
    expect(titles(messages)).toEqual([ROLLED_BACK, `${ROLLED_BACK} (to the channel)`]);
    expect(sent.size).toBe(entries.length);
    await sendPending(ports, NOW, ALL);
    expect(messages).toHaveLength(2);
  });

  it("one round asks it once, and goes on with the topics", async () => {
    const { learn, ports, slack, announced } = world();
    await learn(...FACTS);
    slack.behaviour = { kind: "later", retryAfterMs: 1_000 };
    let asked = 0;
    const post: SendPorts["chat"]["post"] = (...args) => {
      asked += 1;
      return ports.chat.post(...args);
    };
    expect(await sendPending({ ...ports, chat: { ...ports.chat, post } }, NOW, ALL)).toEqual({
      sent: 1,
      left: 5,
    });
    expect(asked).toBe(1);
    expect(announced).toHaveLength(1);
  });

  it("leaves the newest entries to whoever put them", async () => {
    const { learn, ports, messages } = world();
    await learn(...r.SHIFTING);
    expect(await sendPending(ports, r.after(30), ALL)).toEqual({ sent: 1, left: 0 });
    expect(messages).toHaveLength(1);
  });
});

describe("when Slack refuses for good", () => {
  it("what it refused is announced once, with the reason, and not tried again", async () => {
    const { live, ports, slack, announced, entries, sent, log } = world();
    slack.behaviour = { kind: "refused", why: "invalid_auth" };
    await live(...r.ROLLED_BACK);
    const instead = announced.filter((notice) =>
      notice.body.startsWith("Slack refused this message: invalid_auth."),
    );
    expect(instead.map((notice) => notice.kind)).toEqual([
      "started",
      "shifting",
      "rolling-back",
      "rolled-back",
    ]);
    expect(sent.size).toBe(entries.length);
    expect(log.counts.get("NoticeUndelivered")).toBe(4);
    expect(await sendPending(ports, NOW, ALL)).toEqual({ sent: 0, left: 0 });
  });

  it("stays in the outbox while the topics are down as well", async () => {
    const { learn, ports, slack, topics, announced, entries, sent } = world();
    await learn(...r.ROLLED_BACK);
    slack.behaviour = { kind: "refused", why: "invalid_auth" };
    topics.isDown = true;
    expect((await sendPending(ports, NOW, ALL)).sent).toBe(0);
    topics.isDown = false;
    await sendPending(ports, NOW, ALL);
    expect(sent.size).toBe(entries.length);
    expect(announced.filter((notice) => notice.kind === "rolled-back")).toHaveLength(2);
  });
});

describe("other chats", () => {
  it("an incoming webhook gets the call to the channel and the end, not each step", async () => {
    const { live, messages } = world({ edit: false });
    await live(...FACTS);
    expect(titles(messages)).toEqual([ROLLED_BACK]);
  });

  it("without any chat nothing waits and nothing is counted as lost", async () => {
    const { live, slack, entries, sent, announced, log } = world();
    slack.behaviour = { kind: "off" };
    await live(...FACTS);
    expect(sent.size).toBe(entries.length);
    expect(announced).toHaveLength(1);
    expect(log.counts.get("NoticeUndelivered")).toBeUndefined();
  });
});

describe("an alarm that belongs to no deployment", () => {
  const entry = (id: string, kind: Notice["kind"], at: number): OutboxEntry => ({
    subject: { kind: "alarm", id: "arn:alarm" },
    outlet: "slack",
    notice: {
      id,
      kind,
      severity: "warning",
      at,
      title: `${kind} disk`,
      body: "why",
      isBroadcast: true,
      outlets: ["slack"],
    },
  });

  it("is a message when it goes off and a reply when it is over, each time anew", async () => {
    const { ports, outbox, messages } = world();
    await outbox.put([
      entry("a1", "alarm", 1_000),
      entry("o1", "alarm-over", 2_000),
      entry("a2", "alarm", 3_000),
    ]);
    await sendPending(ports, NOW, ALL);
    expect(titles(messages)).toEqual(["alarm disk", "alarm-over disk (to the channel)", "alarm disk"]);
  });
});

/** A process that dies right after its n-th call to the outside, with the call done. */
class Crash extends Error {}

const dyingAfter = (ports: SendPorts, calls: number): SendPorts => {
  let left = calls;
  const mortal = <T extends object>(port: T): T =>
    new Proxy(port, {
      get:
        (target, name) =>
        async (...args: unknown[]) => {
          const answer = await (target as Record<PropertyKey, (...all: unknown[]) => unknown>)[name]?.(
            ...args,
          );
          left -= 1;
          if (left === 0) throw new Crash();
          return answer;
        },
    });
  return {
    ...ports,
    store: mortal(ports.store),
    outbox: mortal(ports.outbox),
    announcer: mortal(ports.announcer),
    chat: mortal(ports.chat),
  };
};

describe("a crash after any call to the outside", () => {
  it("loses nothing, and tells at most one thing twice", async () => {
    let crashes = 0;
    for (let calls = 1; ; calls += 1) {
      const { learn, ports, messages, announced, entries, sent } = world();
      await learn(...FACTS);
      const mortal = dyingAfter(ports, calls);
      let hasDied = false;
      for (const entry of entries) {
        if (hasDied) break;
        await sendNotice(mortal, entry, NOW).catch((error: unknown) => {
          if (!(error instanceof Crash)) throw error;
          hasDied = true;
        });
      }
      await sendPending(ports, NOW, ALL);
      expect(sent.size).toBe(entries.length);
      expect(titles(messages)).toContain(ROLLED_BACK);
      expect(titles(messages)).toContain(`${ROLLED_BACK} (to the channel)`);
      expect(announced.length).toBeGreaterThanOrEqual(1);
      const told = messages.length + announced.length;
      expect(told).toBeLessThanOrEqual(hasDied ? 4 : 3);
      if (!hasDied) break;
      crashes += 1;
    }
    expect(crashes).toBeGreaterThan(15);
  });
});

describe("what arrives over the stream", () => {
  it("is brought again only when it could not even be tried; the rest is told", async () => {
    const { learn, ports, entries, messages } = world();
    await learn(...r.SHIFTING);
    const broken: SendPorts = {
      ...ports,
      render: (record, notice) => {
        if (notice.kind === "started") throw new TypeError("broken");
        return renderForSlack(record, notice);
      },
    };
    const arrived = [
      { sequenceNumber: "0" },
      ...entries.map((entry, index) => ({ sequenceNumber: String(index + 1), entry })),
    ];
    expect(await sendArrived(broken, arrived, NOW)).toEqual({ batchItemFailures: [{ itemIdentifier: "1" }] });
    expect(titles(messages)).toEqual([
      "SHIFTING checkout PROD v57 -&gt; v58 (CodeDeployDefault.LambdaCanary10Percent5Minutes)",
    ]);
  });

  it("waits in the outbox, without being brought again, while Slack is down", async () => {
    const { learn, ports, entries, slack, sent } = world();
    await learn(...r.SHIFTING);
    slack.behaviour = { kind: "later", retryAfterMs: 1_000 };
    const arrived = entries.map((entry, index) => ({ sequenceNumber: String(index), entry }));
    expect(await sendArrived(ports, arrived, NOW)).toEqual({ batchItemFailures: [] });
    expect(sent.size).toBe(0);
  });
});
