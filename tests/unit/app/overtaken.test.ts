/** Deployments that are history, and deployments that others have overtaken: recorded, never acted on. */
import { describe, expect, test } from "vitest";
import { observe } from "../../../lib/app/observe.ts";
import { reconcile } from "../../../lib/app/reconcile.ts";
import { rollBack } from "../../../lib/app/roll-back.ts";
import { routeAlarm } from "../../../lib/app/route-alarm.ts";
import { tick } from "../../../lib/app/tick.ts";
import type { Snapshot } from "../../../lib/deployment/snapshot.ts";
import type { AlarmChange } from "../../../lib/incident/alarm-change.ts";
import type { SignalSeries } from "../../../lib/judge/counts.ts";
import { HOUR_MS, MINUTE_MS } from "../../../lib/kit/time.ts";
import type { Deployer } from "../../../lib/ports/deployer.ts";
import { ENFORCING, fakeWorld } from "../../fakes/world.ts";

const START = Date.UTC(2026, 0, 5, 12, 0, 0);
const WORSE: SignalSeries = {
  name: "errors",
  minutes: Array.from({ length: 5 }, () => ({
    baseline: { total: 540, bad: 0 },
    canary: { total: 60, bad: 20 },
  })),
};

/** A deployment of the alias from one version to the next; moved to 100 % and done after five minutes unless still shifting. */
const shiftOf = (id: string, from: string, createdAt: number, isShifting = false): Snapshot => ({
  id,
  application: "shop",
  deploymentGroup: "checkout",
  deploymentConfig: "CodeDeployDefault.LambdaCanary10Percent5Minutes",
  function: { name: "checkout", alias: "live", from, to: String(Number(from) + 1) },
  hooks: {},
  creator: "user",
  createdAt,
  phases: {
    AllowTraffic: {
      startedAt: createdAt + 1_000,
      ...(!isShifting && { endedAt: createdAt + 5 * MINUTE_MS }),
      ok: !isShifting,
    },
  },
  ...(!isShifting && { end: { result: "succeeded", at: createdAt + 5 * MINUTE_MS } }),
});

const scene = (snapshots: readonly Snapshot[], series: readonly SignalSeries[] = [WORSE]) => {
  const world = fakeWorld({
    policy: ENFORCING,
    series,
    exposure: { "2": { calls: 900, bad: 1 }, "3": { calls: 100, bad: 20 } },
  });
  const started: string[] = [];
  const stopped: string[] = [];
  const deployer: Deployer = {
    ...world.ports.deployer,
    read: async (id) => snapshots.find((each) => each.id === id) ?? "unknown",
    runningIds: async () => snapshots.filter((each) => each.end === undefined).map((each) => each.id),
    idsSince: async () => snapshots.map((each) => each.id),
    stop: async (id) => {
      stopped.push(id);
      return "stopping";
    },
    startRollback: async ({ of }) => {
      started.push(of);
      return "busy";
    },
  };
  const ports = { ...world.ports, deployer };
  const at = (instant: number): number => {
    world.told.clock.at = instant;
    return instant;
  };
  return { ports, started, stopped, at, entries: world.entries };
};

const ALARM: AlarmChange = {
  arn: "arn:aws:cloudwatch:eu-west-1:000000000000:alarm:checkout-errors",
  name: "checkout-errors",
  state: "alarm",
  previous: "ok",
  at: START,
  reason: "20 errors in a minute",
  metrics: [
    {
      namespace: "AWS/Lambda",
      name: "Errors",
      dimensions: { FunctionName: "checkout", Resource: "checkout:live" },
    },
  ],
  children: [],
};

describe("a first look into an account with a past", () => {
  test("records yesterday's deployments, takes none of them back and pages nobody", async () => {
    const { ports, started, stopped, at, entries } = scene([shiftOf("d-OLD", "1", START)]);
    const now = at(START + 20 * HOUR_MS);
    await reconcile(ports, now);
    for (let round = 1; round <= 3; round += 1) await tick(ports, at(now + round * MINUTE_MS));
    expect((await ports.store.load("d-OLD"))?.record).toMatchObject({ status: "SUCCEEDED", verdicts: [] });
    expect([...started, ...stopped, ...entries]).toEqual([]);
  });

  test("the same deployment, looked at while it bakes, is taken back", async () => {
    const { ports, started, at } = scene([shiftOf("d-NEW", "1", START)]);
    await reconcile(ports, at(START + 6 * MINUTE_MS));
    await tick(ports, at(START + 8 * MINUTE_MS));
    expect(started).toContain("d-NEW");
  });
});

describe("a deployment that another has overtaken", () => {
  const two = [shiftOf("d-FIRST", "1", START), shiftOf("d-SECOND", "2", START + 7 * MINUTE_MS, true)];

  test("is not taken back for what its successor does: one alarm, one rollback", async () => {
    const { ports, started, stopped, at } = scene(two, []);
    await observe(ports, "d-FIRST", { at: at(START + 6 * MINUTE_MS), via: "event" });
    await observe(ports, "d-SECOND", { at: at(START + 8 * MINUTE_MS), via: "event" });
    const now = at(START + 9 * MINUTE_MS);
    const routed = await routeAlarm(ports, { ...ALARM, at: now }, now);
    expect(routed.deployments.map(({ id }) => id)).toEqual(["d-SECOND"]);
    expect(new Set(stopped)).toEqual(new Set(["d-SECOND"]));
    expect(started).toEqual([]);
  });

  test("is refused to a person as well, who is told which one to take back", async () => {
    const { ports, at } = scene(two, []);
    await observe(ports, "d-FIRST", { at: at(START + 6 * MINUTE_MS), via: "event" });
    await observe(ports, "d-SECOND", { at: at(START + 8 * MINUTE_MS), via: "event" });
    const order = {
      by: "operator",
      who: "ana",
      why: "it hurts",
      at: at(START + 9 * MINUTE_MS),
      via: "cli",
    } as const;
    expect(await rollBack(ports, "d-FIRST", order)).toMatchObject({
      kind: "refused",
      why: expect.stringContaining("d-SECOND has taken over"),
    });
  });
});

describe("an alarm that is about something else", () => {
  const shifting = [shiftOf("d-ONE", "1", START, true)];
  const routedWith = async (change: Partial<AlarmChange>) => {
    const { ports, stopped, at } = scene(shifting, []);
    await observe(ports, "d-ONE", { at: at(START + 2 * MINUTE_MS), via: "event" });
    const now = at(START + 3 * MINUTE_MS);
    const routed = await routeAlarm(ports, { ...ALARM, at: now, ...change }, now);
    return { routed, stopped };
  };

  test("another alias of the function: the deployment is left alone", async () => {
    const metrics = [
      {
        namespace: "AWS/Lambda",
        name: "Errors",
        dimensions: { FunctionName: "checkout", Resource: "checkout:beta" },
      },
    ];
    expect(await routedWith({ metrics })).toMatchObject({ routed: { deployments: [] }, stopped: [] });
  });

  test("what was wrong before the new version had a call: the fix goes on", async () => {
    const { routed, stopped } = await routedWith({ at: START - MINUTE_MS });
    expect(routed.deployments).toMatchObject([{ blame: "not-the-deployment" }]);
    expect(stopped).toEqual([]);
  });
});
