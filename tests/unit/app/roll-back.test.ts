import { describe, expect, test } from "vitest";
import { rollBack } from "../../../lib/app/roll-back.ts";
import { tend } from "../../../lib/app/tend.ts";
import { tick } from "../../../lib/app/tick.ts";
import { track } from "../../../lib/app/track.ts";
import { MINUTE_MS } from "../../../lib/kit/time.ts";
import type { Policy } from "../../../lib/policy/policy.ts";
import { faulty } from "../../fakes/faulty.ts";
import { type Behaviour, reactiveCodedeploy, START } from "../../fakes/reactive-codedeploy.ts";
import { ENFORCING, fakeWorld } from "../../fakes/world.ts";

const worldOf = (behaviour: Behaviour, policy: Policy | "none" = ENFORCING) => {
  const fake = fakeWorld({ policy });
  const codedeploy = reactiveCodedeploy(behaviour);
  const clock = {
    now: () => codedeploy.clock.at,
    sleep: async (durationMs: number) => {
      codedeploy.clock.at += durationMs;
    },
  };
  const ports = { ...fake.ports, deployer: codedeploy.deployer, router: codedeploy.router, clock };
  return { ports, codedeploy, entries: fake.entries };
};

const order = (at: number, by: "judge" | "operator" = "judge") =>
  ({ by, who: "somebody", why: "twelve errors too many", at, via: "judge" }) as const;
const statusOf = async (ports: ReturnType<typeof worldOf>["ports"]) =>
  (await ports.store.load("d-MAIN"))?.record;

/** Minutes pass; each has its round. */
const minutes = async (world: ReturnType<typeof worldOf>, count: number, ports = world.ports) => {
  for (let minute = 0; minute < count; minute += 1) {
    world.codedeploy.clock.at += MINUTE_MS;
    await tick(ports, world.codedeploy.clock.at);
  }
};

describe("a rollback", () => {
  test("while traffic shifts stops the deployment and is verified on the alias before it is called done", async () => {
    const world = worldOf({});
    world.codedeploy.clock.at += 2 * MINUTE_MS;
    const answer = await rollBack(world.ports, "d-MAIN", order(world.codedeploy.clock.at));
    expect(answer.kind).toBe("rolled-back");
    expect(await statusOf(world.ports)).toMatchObject({
      status: "ROLLED_BACK",
      outcome: { cause: "judge", why: "twelve errors too many" },
      rollback: { of: "d-MAIN", by: "d-BACK", to: "1", automatic: true, askedBy: "judge" },
    });
  });

  test("after 100 % is a deployment of its own, and only one, however often it is asked for", async () => {
    const world = worldOf({ fullTrafficMs: MINUTE_MS });
    world.codedeploy.clock.at += 2 * MINUTE_MS;
    await rollBack(world.ports, "d-MAIN", order(world.codedeploy.clock.at));
    await rollBack(world.ports, "d-MAIN", order(world.codedeploy.clock.at));
    expect(world.codedeploy.starts).toEqual(["d-BACK"]);
    expect((await statusOf(world.ports))?.status).toBe("ROLLED_BACK");
    expect((await world.ports.store.load("d-BACK"))?.record).toMatchObject({
      kind: "rollback",
      rollback: { of: "d-MAIN" },
    });
  });

  test("that CodeDeploy does not carry out is done on the alias itself, as the last resort", async () => {
    const world = worldOf({ hasNoAutoRollback: true });
    world.codedeploy.clock.at += 2 * MINUTE_MS;
    const answer = await rollBack(world.ports, "d-MAIN", order(world.codedeploy.clock.at));
    expect(answer.kind).toBe("under-way");
    await minutes(world, 2);
    expect(world.codedeploy.pins).toEqual(["1"]);
    expect((await statusOf(world.ports))?.status).toBe("ROLLED_BACK");
  });

  test("that never reaches the alias is called failed, loudly, and never done", async () => {
    const world = worldOf({ isStuck: true });
    world.codedeploy.clock.at += 2 * MINUTE_MS;
    await rollBack(world.ports, "d-MAIN", order(world.codedeploy.clock.at));
    await minutes(world, 12);
    expect(await statusOf(world.ports)).toMatchObject({ status: "ROLLBACK_FAILED" });
    expect(
      world.entries.filter(
        (entry) => entry.notice.kind === "rollback-failed" && entry.notice.severity === "critical",
      ).length,
    ).toBeGreaterThan(0);
  });

  test("is never rolled back", async () => {
    const world = worldOf({});
    world.codedeploy.clock.at += 2 * MINUTE_MS;
    await rollBack(world.ports, "d-MAIN", order(world.codedeploy.clock.at));
    const again = await rollBack(world.ports, "d-BACK", order(world.codedeploy.clock.at, "operator"));
    expect(again).toMatchObject({
      kind: "refused",
      why: expect.stringContaining("a rollback is never rolled back"),
    });
  });

  test("is refused to everything but a person while no policy enforces", async () => {
    const world = worldOf({}, "none");
    world.codedeploy.clock.at += 2 * MINUTE_MS;
    expect(await rollBack(world.ports, "d-MAIN", order(world.codedeploy.clock.at))).toMatchObject({
      kind: "refused",
      why: expect.stringContaining("shadow"),
    });
    expect((await rollBack(world.ports, "d-MAIN", order(world.codedeploy.clock.at, "operator"))).kind).toBe(
      "rolled-back",
    );
  });

  test("asked for in Slack is carried out by the next round, once", async () => {
    const world = worldOf({});
    world.codedeploy.clock.at += 2 * MINUTE_MS;
    await track(world.ports, "d-MAIN", { at: world.codedeploy.clock.at, via: "event" });
    await world.ports.intents.put({
      deploymentId: "d-MAIN",
      verb: "rollback",
      who: "U123 (ana)",
      why: "asked for in Slack",
      at: world.codedeploy.clock.at,
    });
    await minutes(world, 2);
    expect(await statusOf(world.ports)).toMatchObject({
      status: "ROLLED_BACK",
      outcome: { cause: "operator" },
      rollback: { automatic: false },
    });
    expect(world.codedeploy.starts).toEqual(["d-BACK"]);
  });
});

describe("a crash at every call of a rollback", () => {
  test.each([
    ["while shifting, before the call took effect", {}, "before"],
    ["while shifting, after the call took effect", {}, "after"],
    ["after 100 %, before the call took effect", { fullTrafficMs: MINUTE_MS }, "before"],
    ["after 100 %, after the call took effect", { fullTrafficMs: MINUTE_MS }, "after"],
  ] as const)("%s: it is carried out all the same, once", async (_what, behaviour, when) => {
    const counted = worldOf(behaviour);
    counted.codedeploy.clock.at += 2 * MINUTE_MS;
    const counter = faulty(counted.ports, undefined);
    await rollBack(counter.ports, "d-MAIN", order(counted.codedeploy.clock.at));
    expect(counter.calls()).toBeGreaterThan(10);
    for (let call = 1; call <= counter.calls(); call += 1) {
      const world = worldOf(behaviour);
      world.codedeploy.clock.at += 2 * MINUTE_MS;
      const asked = order(world.codedeploy.clock.at);
      const broken = faulty(world.ports, { call, when });
      await rollBack(broken.ports, "d-MAIN", asked).catch(() => rollBack(world.ports, "d-MAIN", asked));
      await minutes(world, 1);
      expect((await statusOf(world.ports))?.status, `fault at call ${call}`).toBe("ROLLED_BACK");
      expect(new Set(world.codedeploy.starts).size, `rollbacks with a fault at call ${call}`).toBe(1);
    }
  });
});

describe("the minute's round", () => {
  test("finds a deployment that no event announced", async () => {
    const world = worldOf({});
    await minutes(world, 2);
    expect(await statusOf(world.ports)).toMatchObject({ status: "SHIFTING", source: "event" });
  });

  test("does what is due for the others when one cannot be tended", async () => {
    const world = worldOf({});
    await track(world.ports, "d-MAIN", { at: START, via: "event" });
    const ports = {
      ...world.ports,
      store: { ...world.ports.store, openIds: async () => ["d-GONE", "d-MAIN"] },
    };
    world.codedeploy.clock.at += 2 * MINUTE_MS;
    const { failed } = await tick(
      {
        ...ports,
        store: {
          ...ports.store,
          load: async (id) =>
            id === "d-GONE" ? Promise.reject(new Error("gone")) : world.ports.store.load(id),
        },
      },
      world.codedeploy.clock.at,
    );
    expect(failed).toEqual([{ id: "d-GONE", why: "gone" }]);
    expect((await statusOf(world.ports))?.verdicts.length).toBe(1);
  });

  test("tending a deployment nobody knows does nothing", async () => {
    expect(await tend(worldOf({}).ports, "d-NONE", { at: START, via: "judge" })).toBeUndefined();
  });
});
