import { createHash } from "node:crypto";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { reconcile } from "../../../lib/app/reconcile.ts";
import { track } from "../../../lib/app/track.ts";
import { chainFaults } from "../../../lib/deployment/audit.ts";
import { deriveRecord } from "../../../lib/deployment/derive.ts";
import { rankOf } from "../../../lib/deployment/record.ts";
import { canonical } from "../../../lib/kit/canonical.ts";
import { memoryDeployments } from "../../fakes/memory-stores.ts";
import { quietLog } from "../../fakes/quiet-log.ts";
import { STORIES, type StoryKind, tellStory } from "../../fakes/stories.ts";

const RUNS = 10_000;
const hash = (text: string): string => createHash("sha256").update(text).digest("hex");
const PLACE = { stage: "local", account: "000000000000", region: "eu-west-1" };

type Delivery = { event: number; lateMs: number };

/** Plays a story: each delivery is handled at its event's instant plus its delay; one reconcile closes the day. */
const play = async (kind: StoryKind, deliveries: readonly Delivery[]) => {
  const told = tellStory(kind);
  const { store, entries } = memoryDeployments();
  const ports = {
    stage: PLACE,
    store,
    hash,
    deployer: told.deployer,
    router: told.router,
    policies: { read: async () => "none" as const, write: async () => {}, list: async () => [] },
    clock: { now: () => told.clock.at, sleep: async () => {} },
    log: quietLog,
  };
  const ranks: number[] = [];
  const due = deliveries
    .map(({ event, lateMs }) => ({
      ...(told.story.events[event % told.story.events.length] as { deploymentId: string; at: number }),
      lateMs,
    }))
    .sort((left, right) => left.at + left.lateMs - (right.at + right.lateMs));
  for (const { deploymentId, at, lateMs } of due) {
    told.clock.at = at + lateMs;
    await track(ports, deploymentId, { at, via: "event" });
    const stored = await store.load(told.story.id);
    if (stored) ranks.push(rankOf(stored.record.status));
  }
  told.clock.at = Math.max(told.clock.at, told.story.endAt + 120_000);
  await reconcile(ports, told.clock.at);
  const end = await store.load(told.story.id);
  const back = await store.load(told.story.rollbackId);
  return { end, back, ranks, entries };
};

const bytes = (stored: { record: object } | undefined): string =>
  stored === undefined ? "none" : canonical({ ...stored.record, source: "any" });

const inOrderOnce: readonly Delivery[] = [0, 1, 2, 3].map((event) => ({ event, lateMs: 500 }));

const deliveries = fc.array(fc.record({ event: fc.nat(3), lateMs: fc.nat(400_000) }), { maxLength: 10 });

describe("a record only moves forward", () => {
  test.each(STORIES)(
    "any order, duplication and loss of the events of a deployment that %s ends in the same bytes",
    async (kind) => {
      const truth = await play(kind, inOrderOnce);
      await fc.assert(
        fc.asyncProperty(deliveries, async (some) => {
          const { end, back, ranks } = await play(kind, some);
          expect(bytes(end)).toBe(bytes(truth.end));
          expect(bytes(back)).toBe(bytes(truth.back));
          expect(ranks).toEqual([...ranks].sort((left, right) => left - right));
          expect(chainFaults(end?.lines ?? [], hash)).toEqual([]);
        }),
        { numRuns: Math.ceil(RUNS / STORIES.length) },
      );
    },
  );

  test.each(STORIES)("facts of a deployment that %s give the same record in any order", async (kind) => {
    const { end } = await play(kind, inOrderOnce);
    const facts = (end?.lines ?? []).map((line) => line.fact);
    const record = canonical(end?.record);
    fc.assert(
      fc.property(fc.shuffledSubarray(facts, { minLength: facts.length }), (shuffled) => {
        expect(
          canonical(deriveRecord(shuffled, { id: "d-STORY1", ...PLACE }, end?.record.source ?? "event")),
        ).toBe(record);
      }),
      { numRuns: 1_000 },
    );
  });

  test("events that never came are found, and the record says so", async () => {
    const { end } = await play("stopped-by-alarm", []);
    expect(end?.record).toMatchObject({
      status: "ROLLED_BACK",
      source: "reconciler",
      outcome: { cause: "alarm" },
    });
  });

  test("with all events there, the record says that events were enough", async () => {
    const { end } = await play("stopped-by-alarm", inOrderOnce);
    expect(end?.record.source).toBe("event");
  });
});

describe("each story ends as CodeDeploy ended it", () => {
  test.each([
    ["succeeds", "BAKING"],
    ["smoke-fails", "FAILED"],
    ["stopped-by-alarm", "ROLLED_BACK"],
    ["after-hook-fails", "ROLLED_BACK"],
    ["drift", "FAILED"],
    ["stopped-before-traffic", "STOPPED"],
  ] as const)("%s: %s", async (kind, status) => {
    const { end } = await play(kind, inOrderOnce);
    expect(end?.record.status).toBe(status);
  });

  test("a rollback that CodeDeploy starts is a deployment of its own, joined to what it takes back", async () => {
    const { end, back } = await play("stopped-by-alarm", inOrderOnce);
    expect(end?.record.rollback).toMatchObject({ of: "d-STORY1", by: "d-BACK1", to: "1", automatic: true });
    expect(back?.record).toMatchObject({
      kind: "rollback",
      status: "SUCCEEDED",
      rollback: { of: "d-STORY1", by: "d-BACK1" },
    });
  });

  test("a record says when it was restored by the rollback's own time, not by when somebody looked", async () => {
    const early = await play("stopped-by-alarm", inOrderOnce);
    const late = await play("stopped-by-alarm", []);
    expect(late.end?.record.times).toEqual(early.end?.record.times);
  });
});

describe("the audit chain", () => {
  test("a changed, a missing and a moved line are found", async () => {
    const { end } = await play("stopped-by-alarm", inOrderOnce);
    const lines = end?.lines ?? [];
    expect(lines.length).toBeGreaterThan(3);
    const changed = lines.map((line, index) => (index === 1 ? { ...line, knownAt: line.knownAt + 1 } : line));
    expect(chainFaults(changed, hash)).toContain("line 2 was changed after it was written");
    expect(
      chainFaults(
        lines.filter((_, index) => index !== 1),
        hash,
      ).join(),
    ).toContain("a line is missing");
    expect(chainFaults([...lines].reverse(), hash).length).toBeGreaterThan(0);
  });
});
