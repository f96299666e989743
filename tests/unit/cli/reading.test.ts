import { describe, expect, test } from "vitest";
import { observe } from "../../../lib/app/observe.ts";
import type { DeploymentRecord } from "../../../lib/deployment/record.ts";
import type { Arm } from "../../../lib/judge/counts.ts";
import { MINUTE_MS } from "../../../lib/kit/time.ts";
import type { StoryKind } from "../../fakes/stories.ts";
import { ENFORCING, fakeWorld, type WorldOptions } from "../../fakes/world.ts";
import { run } from "./run-command.ts";

/** A world in which the deployment is on record as it stands so long after its beginning. */
const recorded = async (story: StoryKind, sinceMs: number, options: WorldOptions = {}) => {
  const world = fakeWorld({ story, policy: ENFORCING, ...options });
  world.told.clock.at += sinceMs;
  await observe(world.ports, world.told.story.id, { at: world.told.clock.at, via: "event" });
  return world;
};

const series = (canaryBad: number, minutes = 4) => {
  const minute = (total: number, bad: number): Arm => ({ total, bad });
  return [
    {
      name: "errors",
      minutes: Array.from({ length: minutes }, () => ({
        baseline: minute(1080, 1),
        canary: minute(120, canaryBad),
      })),
    },
  ];
};

describe("show", () => {
  test("prints exactly the record as JSON", async () => {
    const { ports, told } = await recorded("stopped-by-alarm", 300_000);
    const ran = await run(["show", told.story.id, "--json"], { ports });
    expect(ran).toMatchObject({ code: 0, stderr: "" });
    expect(JSON.parse(ran.stdout)).toEqual((await ports.store.load(told.story.id))?.record);
  });

  test.each(["@latest", "checkout", "d-STORY1"])(
    "finds the deployment that %s means, not its rollback",
    async (said) => {
      const { ports } = await recorded("stopped-by-alarm", 300_000);
      const ran = await run(["show", said], { ports });
      expect(ran.code).toBe(0);
      expect(ran.stdout.split("\n")[0]).toContain("d-STORY1");
    },
  );

  test("adds what happened when it is asked for", async () => {
    const { ports } = await recorded("succeeds", 60_000);
    expect((await run(["show", "@latest", "--timeline"], { ports })).stdout).toContain(
      "The first calls went to the canary version.",
    );
  });

  test.each(["d-UNKNOWN1", "no-such-function"])(
    "ends with 2 and one line when %s is not on record",
    async (said) => {
      const { ports } = await recorded("succeeds", 60_000);
      const ran = await run(["show", said], { ports });
      expect(ran).toMatchObject({ code: 2, stdout: "" });
      expect(ran.stderr).toContain(said);
      expect(ran.stderr.trim().split("\n")).toHaveLength(1);
    },
  );

  test("says so when nothing is on record", async () => {
    expect(await run(["show", "@latest"], { ports: fakeWorld().ports })).toMatchObject({ code: 2 });
  });
});

describe("history and status", () => {
  test("history lists newest first, in a table and as JSON", async () => {
    const { ports } = await recorded("stopped-by-alarm", 300_000);
    const asText = await run(["history"], { ports });
    expect(
      asText.stdout
        .split("\n")
        .slice(1, 3)
        .map((line) => line.split(/\s+/)[2]),
    ).toEqual(["d-BACK1", "d-STORY1"]);
    const asJson = await run(["history", "checkout", "--limit", "1", "--json"], { ports });
    const { deployments } = JSON.parse(asJson.stdout) as { deployments: DeploymentRecord[] };
    expect(deployments.map(({ id }) => id)).toEqual(["d-BACK1"]);
  });

  test("an empty history is a result, not an error", async () => {
    const { ports } = fakeWorld();
    expect(await run(["history"], { ports })).toMatchObject({ code: 0, stdout: "" });
    expect(JSON.parse((await run(["history", "--json"], { ports })).stdout)).toEqual({ deployments: [] });
  });

  test("status tells what is open apart from what has ended", async () => {
    const open = await recorded("succeeds", 60_000);
    expect((await run(["status"], { ports: open.ports })).stdout).toContain("SHIFTING");
    const ended = await recorded("stopped-by-alarm", 300_000);
    const { open: none, last } = JSON.parse((await run(["status", "--json"], { ports: ended.ports })).stdout);
    expect(none.map(({ id }: DeploymentRecord) => id)).not.toContain("d-BACK1");
    expect(last.map(({ kind }: DeploymentRecord) => kind)).not.toContain("rollback");
  });

  test("status of another service shows nothing of this one", async () => {
    const { ports } = await recorded("succeeds", 60_000);
    expect((await run(["status", "billing"], { ports })).stdout).not.toContain("checkout");
  });
});

describe("explain", () => {
  test("says why in sentences, with the next command", async () => {
    const { ports } = await recorded("smoke-fails", 60_000);
    const ran = await run(["explain", "@latest"], { ports });
    expect(ran.code).toBe(0);
    expect(ran.stdout).toContain("failed before any call reached it");
    expect(ran.stdout).toContain("bellwether show d-STORY1");
  });
});

describe("evaluate", () => {
  const SINCE = 5 * MINUTE_MS;

  test.each([
    ["fails with 3 when the canary is worse", 30, 3, "fail"],
    ["cannot say yet (4) while the shift goes on", 0, 4, "inconclusive"],
  ])("%s", async (_what, canaryBad, code, verdict) => {
    const { ports } = await recorded("succeeds", SINCE, { series: series(canaryBad) });
    const ran = await run(["evaluate", "checkout", "--json"], { ports });
    expect(ran.code).toBe(code);
    expect(JSON.parse(ran.stdout)).toMatchObject({ deployment: "d-STORY1", service: "checkout", verdict });
  });

  test("passes with 0 once the shift is over and the canary was no worse", async () => {
    const { ports } = await recorded("succeeds", 20 * MINUTE_MS, { series: series(0, 30) });
    const ran = await run(["evaluate", "d-STORY1"], { ports });
    expect(ran).toMatchObject({ code: 0 });
    expect(ran.stdout).toContain("pass: No worse");
  });

  test("writes nothing down, and knows what is not on record from CodeDeploy", async () => {
    const world = fakeWorld({ story: "succeeds", policy: ENFORCING, series: series(30) });
    world.told.clock.at += SINCE;
    expect((await run(["evaluate", "d-STORY1"], { ports: world.ports })).code).toBe(3);
    expect(await world.ports.store.load("d-STORY1")).toBeUndefined();
  });

  test("ends with 4 before the first minute has settled, and before any traffic", async () => {
    const { ports } = await recorded("succeeds", 40_000);
    expect(await run(["evaluate", "@latest"], { ports })).toMatchObject({ code: 4, stdout: "" });
    const smoked = await recorded("smoke-fails", 60_000);
    expect((await run(["evaluate", "@latest"], { ports: smoked.ports })).code).toBe(4);
  });

  test("ends with 2 for a deployment that nobody knows", async () => {
    expect((await run(["evaluate", "d-NOBODY11"], { ports: fakeWorld().ports })).code).toBe(2);
  });
});

describe("reconcile", () => {
  test("mends what no event told, once", async () => {
    const world = fakeWorld({ story: "stopped-by-alarm" });
    world.told.clock.at += 10 * MINUTE_MS;
    const first = JSON.parse((await run(["reconcile", "--json"], { ports: world.ports })).stdout);
    expect(first.mended.map(({ id }: { id: string }) => id)).toContain("d-STORY1");
    const second = await run(["reconcile"], { ports: world.ports });
    expect(second).toMatchObject({ code: 0, stdout: expect.stringContaining("mended 0") });
  });
});
