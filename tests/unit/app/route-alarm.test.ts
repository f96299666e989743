import { describe, expect, test } from "vitest";
import { observe } from "../../../lib/app/observe.ts";
import { routeAlarm } from "../../../lib/app/route-alarm.ts";
import type { AlarmChange } from "../../../lib/incident/alarm-change.ts";
import { ENFORCING, fakeWorld, type WorldOptions } from "../../fakes/world.ts";

const metricOf = (dimensions: Record<string, string>) => ({
  namespace: "AWS/Lambda",
  name: "Errors",
  dimensions,
});

const alarm = (at: number, change: Partial<AlarmChange> = {}): AlarmChange => ({
  arn: "arn:aws:cloudwatch:eu-west-1:000000000000:alarm:checkout-errors",
  name: "checkout-errors",
  state: "alarm",
  previous: "ok",
  at,
  reason: "3 errors in a minute",
  metrics: [metricOf({ FunctionName: "checkout", Resource: "checkout:live" })],
  children: [],
  ...change,
});

/** An alarm at `afterMs` into a story. */
const routed = async (options: WorldOptions, afterMs: number, change: Partial<AlarmChange> = {}) => {
  const world = fakeWorld({ policy: ENFORCING, ...options });
  world.told.clock.at += afterMs;
  await observe(world.ports, "d-STORY1", { at: world.told.clock.at, via: "event" });
  const result = await routeAlarm(world.ports, alarm(world.told.clock.at, change), world.told.clock.at);
  const record = (await world.ports.store.load("d-STORY1"))?.record;
  return { world, result, record, stops: world.told.stops };
};

const SHIFTING_MS = 60_000;

describe("an alarm while a deployment of its function shifts", () => {
  test("is blamed on the deployment, which is stopped", async () => {
    const { record, stops } = await routed({}, SHIFTING_MS);
    expect(stops).toContain("d-STORY1");
    expect(record?.rollback).toMatchObject({ askedBy: "alarm" });
    expect(record?.alarms).toMatchObject([{ name: "checkout-errors", blame: "deployment" }]);
  });

  test("that watches the old version only is not blamed: a fix may go on", async () => {
    const { stops, result } = await routed({}, SHIFTING_MS, {
      metrics: [metricOf({ FunctionName: "checkout", Resource: "checkout:live", ExecutedVersion: "1" })],
    });
    expect(stops).toEqual([]);
    expect(result.deployments[0]?.why).toContain("the one that is being replaced");
  });

  test("is not blamed when both versions suffer alike", async () => {
    const exposure = { "1": { calls: 900, bad: 90 }, "2": { calls: 100, bad: 11 } };
    const { stops, result } = await routed({ exposure }, SHIFTING_MS);
    expect(stops).toEqual([]);
    expect(result.deployments[0]).toMatchObject({ blame: "not-the-deployment" });
    expect(result.deployments[0]?.why).toContain("both versions suffer");
  });

  test("is blamed when only the new version suffers", async () => {
    const { stops } = await routed(
      { exposure: { "1": { calls: 900, bad: 5 }, "2": { calls: 100, bad: 20 } } },
      SHIFTING_MS,
    );
    expect(stops).toContain("d-STORY1");
  });

  test.each([{ heldBack: "muted by a mute rule" }, { heldBack: "suppressed by Alarm" }])(
    "is left alone when its owner holds it back: $heldBack",
    async (change) => {
      const { stops, record, world } = await routed({}, SHIFTING_MS, change);
      expect(stops).toEqual([]);
      expect(record?.alarms).toMatchObject([{ blame: "ignored" }]);
      expect(world.alarmEntries).toEqual([]);
    },
  );

  test("is only told, not acted on, in shadow mode", async () => {
    const { stops, record } = await routed({ policy: "none" }, SHIFTING_MS);
    expect(stops).toEqual([]);
    expect(record?.alarms).toMatchObject([{ blame: "deployment" }]);
  });

  test("reaches the service through its policy when the alarm names no function", async () => {
    const policy = { ...ENFORCING, alarms: [{ name: "checkout-errors", severity: "critical" as const }] };
    const { stops, record } = await routed({ policy }, SHIFTING_MS, { metrics: [] });
    expect(stops).toContain("d-STORY1");
    expect(record?.alarms).toMatchObject([{ severity: "critical" }]);
  });

  test("twice is acted on once", async () => {
    const { world } = await routed({}, SHIFTING_MS);
    const before = (await world.ports.store.load("d-STORY1"))?.lines.length;
    await routeAlarm(world.ports, alarm(world.told.story.startAt + SHIFTING_MS), world.told.clock.at);
    const after = await world.ports.store.load("d-STORY1");
    expect(after?.record.alarms).toHaveLength(1);
    expect(after?.lines.filter((line) => line.fact.kind === "rollback-asked")).toHaveLength(1);
    expect(before).toBeDefined();
  });
});

describe("an alarm that is not about a deployment", () => {
  test("before traffic moved is not the deployment", async () => {
    const { result, stops } = await routed({}, 2_000);
    expect(result.deployments[0]).toMatchObject({ blame: "not-the-deployment" });
    expect(stops).toEqual([]);
  });

  test("of another function is told by its severity, and no deployment is touched", async () => {
    const { result, stops, world } = await routed({}, SHIFTING_MS, {
      metrics: [metricOf({ FunctionName: "orders" })],
    });
    expect(result).toMatchObject({ deployments: [], told: true });
    expect(world.alarmEntries.length).toBeGreaterThan(0);
    expect(stops).toEqual([]);
  });

  test("replayed hours later stops nothing", async () => {
    const world = fakeWorld({ policy: ENFORCING });
    world.told.clock.at += SHIFTING_MS;
    await observe(world.ports, "d-STORY1", { at: world.told.clock.at, via: "event" });
    const result = await routeAlarm(world.ports, alarm(world.told.clock.at - 7_200_000), world.told.clock.at);
    expect(result).toMatchObject({ deployments: [], told: false });
    expect(world.told.stops).toEqual([]);
  });
});
