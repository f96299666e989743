/** The levels that alarms watch: how long a notice waits, how long a canary goes without a verdict. */
import { describe, expect, it } from "vitest";
import { recordFacts } from "../../../lib/app/recording.ts";
import { type SendPorts, sendPending } from "../../../lib/app/send-notices.ts";
import { tick } from "../../../lib/app/tick.ts";
import { HOUR_MS, MINUTE_MS } from "../../../lib/kit/time.ts";
import { renderForSlack } from "../../../lib/slack/message.ts";
import { memoryAnnouncer } from "../../fakes/memory-announcer.ts";
import { memoryChat } from "../../fakes/memory-chat.ts";
import { memoryOutbox } from "../../fakes/memory-outbox.ts";
import { memoryDeployments } from "../../fakes/memory-stores.ts";
import { countingLog } from "../../fakes/quiet-log.ts";
import * as r from "../../fakes/records.ts";
import { fakeWorld } from "../../fakes/world.ts";

const ALL = 1_000;

/** A deployment rolled back while the table could be written and nothing was sent. */
const untold = async () => {
  const { store, entries } = memoryDeployments();
  const stage = { stage: "prod", account: r.PLACE.account, region: r.PLACE.region };
  const hash = (text: string): string => String(text.length);
  for (const each of r.ROLLED_BACK)
    await recordFacts({ stage, store, hash }, r.ID, [each], { at: each.at, via: "event" });
  const { outbox } = memoryOutbox(entries);
  const { announcer } = memoryAnnouncer();
  const { chat, state: slack } = memoryChat();
  const log = countingLog();
  const ports: SendPorts = { store, outbox, announcer, chat, log, render: renderForSlack };
  const oldest = Math.min(...entries.map((entry) => entry.putAt ?? entry.notice.at));
  return { ports, slack, log, oldest };
};

describe("how long the oldest notice waits", () => {
  it("is told while Slack is down, hour after hour", async () => {
    const { ports, slack, log, oldest } = await untold();
    slack.behaviour = { kind: "later", retryAfterMs: 1_000 };
    for (const hours of [1, 3]) {
      log.counts.clear();
      await sendPending(ports, oldest + hours * HOUR_MS, ALL);
      expect(log.counts.get("OldestUnsentNoticeSeconds")).toBe(hours * 3_600);
    }
  });

  it("is nothing as soon as all are told, and where there are none", async () => {
    const { ports, log, oldest } = await untold();
    for (const _round of ["sends them", "has none"]) {
      log.counts.clear();
      await sendPending(ports, oldest + HOUR_MS, ALL);
      expect(log.counts.get("OldestUnsentNoticeSeconds")).toBe(0);
    }
  });
});

describe("how long a canary goes without a verdict", () => {
  const shifting = async () => {
    const world = fakeWorld();
    const { ports } = world;
    for (const each of r.SHIFTING) await recordFacts(ports, r.ID, [each], { at: each.at, via: "event" });
    const deployer = { ...ports.deployer, runningIds: async () => [], look: async () => "unknown" as const };
    return { ...world, ports: { ...ports, deployer } };
  };
  const unjudgedAt = async (world: Awaited<ReturnType<typeof shifting>>, at: number) => {
    world.log.counts.clear();
    await tick(world.ports, at);
    return world.log.counts.get("UnjudgedSeconds");
  };
  const movedAt = r.after(10);

  it("is nothing in a round that gives one", async () => {
    const world = await shifting();
    expect(await unjudgedAt(world, movedAt + 3 * MINUTE_MS)).toBe(0);
    expect(world.log.counts.get("VerdictGiven")).toBe(1);
  });

  it("grows while the judge cannot come to one, although every round fails", async () => {
    const world = await shifting();
    const counts = { ...world.ports.counts, history: () => Promise.reject(new Error("no answer")) };
    const blocked = { ...world, ports: { ...world.ports, counts } };
    expect(await unjudgedAt(blocked, movedAt + 10 * MINUTE_MS)).toBe(600);
    expect(await unjudgedAt(blocked, movedAt + 30 * MINUTE_MS)).toBe(1_800);
  });

  it("is counted from the last one that was given", async () => {
    const world = await shifting();
    await unjudgedAt(world, movedAt + 10 * MINUTE_MS);
    const counts = { ...world.ports.counts, history: () => Promise.reject(new Error("no answer")) };
    expect(await unjudgedAt({ ...world, ports: { ...world.ports, counts } }, movedAt + 14 * MINUTE_MS)).toBe(
      240,
    );
  });

  it("is not told of a deployment that is over", async () => {
    const world = await shifting();
    await recordFacts(world.ports, r.ID, r.ROLLED_BACK, { at: r.after(400), via: "event" });
    expect(await unjudgedAt(world, r.after(420))).toBeUndefined();
  });
});
