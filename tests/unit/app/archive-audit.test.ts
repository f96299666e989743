/** The hourly run: a crash at any call loses nothing and doubles nothing, and what is broken is said, not signed over. */
import { describe, expect, test } from "vitest";
import { archiveAudit } from "../../../lib/app/archive-audit.ts";
import { type Root, rootKey } from "../../../lib/archive/root.ts";
import { HOUR_MS } from "../../../lib/kit/time.ts";
import { archivedWorld, fiveHours } from "../../fakes/archived-world.ts";
import { faulty } from "../../fakes/faulty.ts";
import { BEGUN, ROLLED_BACK, START_AT } from "../../fakes/records.ts";

const rootAt = (world: Awaited<ReturnType<typeof fiveHours>>, hours: number): Root =>
  JSON.parse(world.objects.get(rootKey(START_AT + hours * HOUR_MS)) ?? "");

test("a crash before or after any call, and lines that come between: the next run makes it whole", async () => {
  const storyWith = async (fault?: { call: number; when: "before" | "after" }) => {
    const world = archivedWorld();
    await world.record("d-ONE", BEGUN, 0);
    await world.archiveAt(0);
    await world.record("d-ONE", ROLLED_BACK.slice(0, -1), 1);
    await world.record("d-TWO", BEGUN, 1);
    const broken = faulty(world.ports, fault, ["trails", "store", "archive", "signer"]);
    await world.archiveAt(1, broken.ports).catch(() => undefined);
    await world.record("d-ONE", ROLLED_BACK, 1);
    await world.archiveAt(1);
    await world.archiveAt(2);
    return { world, calls: broken.calls() };
  };
  const { calls } = await storyWith();
  expect(calls).toBeGreaterThanOrEqual(8);
  for (let call = 1; call <= calls; call += 1)
    for (const when of ["before", "after"] as const) {
      const { world } = await storyWith({ call, when });
      const verified = await world.verify(2);
      expect(verified.findings, `fault ${when} call ${call}`).toEqual([]);
      expect(rootAt(world, 2).body.heads.map(({ lines }) => lines)).toEqual([
        ROLLED_BACK.length,
        BEGUN.length,
      ]);
      const signed = [0, 1, 2].flatMap((hours) => rootAt(world, hours).body.segments);
      const lines = signed.reduce((sum, { from, to }) => sum + to - from + 1, 0);
      expect(lines).toBe(ROLLED_BACK.length + BEGUN.length);
    }
});

describe("a run", () => {
  test("of an hour that has its root does nothing, and two at once sign one", async () => {
    const world = await fiveHours();
    const before = new Map(world.objects);
    expect(await world.archiveAt(4)).toMatchObject({ hour: undefined, lines: 0 });
    expect(world.objects).toEqual(before);
    await world.record("d-NEW", BEGUN, 5);
    await Promise.all([world.archiveAt(5), world.archiveAt(5)]);
    expect((await world.verify(5)).findings).toEqual([]);
  });

  test("does not sign on top of a root that was changed", async () => {
    const world = await fiveHours();
    const key = rootKey(START_AT + 4 * HOUR_MS);
    world.objects.set(key, (world.objects.get(key) ?? "").replace('"stage":"prod"', '"stage":"sit"'));
    await expect(world.archiveAt(5)).rejects.toThrow(`root ${key} was changed after it was written`);
    expect(world.log.counts.get("AuditBroken")).toBe(1);
    expect(world.objects.has(rootKey(START_AT + 5 * HOUR_MS))).toBe(false);
  });

  test("names a trail that was changed in the table, and archives the others", async () => {
    const world = await fiveHours();
    await world.record("d-NEW", BEGUN, 5);
    const { store } = world.ports;
    const load: typeof store.load = async (id) => {
      const stored = await store.load(id);
      if (id !== "d-NEW" || stored === undefined) return stored;
      return { ...stored, lines: stored.lines.map((line) => ({ ...line, knownAt: line.knownAt + 1 })) };
    };
    await world.record("d-FINE", BEGUN, 5);
    const done = await world.archiveAt(5, { ...world.ports, store: { load } });
    expect(done).toMatchObject({ lines: BEGUN.length, broken: [{ deployment: "d-NEW" }] });
    expect(world.log.counts.get("AuditBroken")).toBe(1);
    expect((await world.verify(5)).findings.map(({ where }) => where)).toContain("deployment d-NEW");
  });

  test("sees a deployment that is gone from the table", async () => {
    const world = await fiveHours();
    const trails = { since: async () => [] };
    const done = await archiveAudit(
      { ...world.ports, trails, store: { load: async () => undefined } },
      START_AT + 5 * HOUR_MS,
    );
    expect(done.broken).toEqual([
      { deployment: "d-ONE", faults: ["is gone from the table"] },
      { deployment: "d-TWO", faults: ["is gone from the table"] },
    ]);
  });
});
