import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { recordFacts } from "../../../lib/app/recording.ts";
import type { Fact } from "../../../lib/deployment/fact.ts";
import * as r from "../../fakes/records.ts";
import { fakeWorld } from "../../fakes/world.ts";
import { run } from "./run-command.ts";

const folder = mkdtempSync(join(tmpdir(), "bellwether-rejudging-"));
afterAll(() => rmSync(folder, { recursive: true }));
const policyFile = (name: string, more: object): string => {
  const file = join(folder, name);
  writeFileSync(
    file,
    JSON.stringify({
      schema: 1,
      mode: "enforce",
      onInconclusive: "continue-loudly",
      bakeMinutes: 0,
      ...more,
    }),
  );
  return file;
};

/** Four releases of one service: one taken back, one healthy, one that nobody could tell, one that nobody judged. */
const history = async () => {
  const world = fakeWorld();
  world.told.clock.at = r.START_AT + 3_600_000;
  const put = (id: string, facts: readonly Fact[]) =>
    recordFacts(world.ports, id, facts, { at: r.START_AT, via: "event" });
  await put("d-WORSE1", r.ROLLED_BACK);
  await put("d-LIKE1", [...r.SHIFTED, r.judged(330, r.LIKE, true)]);
  await put("d-FEW1", [...r.SHIFTED, r.judged(330, r.FEW, true)]);
  await put("d-BLIND1", r.SHIFTED);
  return world.ports;
};

describe("evaluate --since", () => {
  let ports: Awaited<ReturnType<typeof history>>;
  beforeAll(async () => {
    ports = await history();
  });

  test("says how many of the past deployments would have been rolled back, and which", async () => {
    const ran = await run(["evaluate", "--since", "90d"], { ports });
    expect(ran.code).toBe(0);
    const [summary] = ran.stdout.split("\n");
    expect(summary).toBe(
      "Would have rolled back 1 of 3 deployments; 1 inconclusive; 1 more had nothing stored to judge.",
    );
    expect(ran.stdout).toMatch(/d-WORSE1 .* fail, rolled back +fail/);
    expect(ran.stdout).not.toContain("d-LIKE1");
    expect(ran.stdout).toContain("d-WORSE1: Worse at minute 2");
  });

  test("judges as if another policy had held, and says whom it would have spared", async () => {
    const lenient = policyFile("lenient.json", { minHarmRate: 0.5 });
    const ran = await run(["evaluate", "checkout", "--since", "90d", "--policy", lenient, "--json"], {
      ports,
    });
    const { judged, summary } = JSON.parse(ran.stdout);
    expect(summary).toContain(
      "Would have rolled back 0 of 3 deployments; 1 that the judge took back would have stayed",
    );
    expect(judged.find(({ id }: { id: string }) => id === "d-WORSE1")).toMatchObject({
      before: "fail",
      wasRolledBack: true,
    });
  });

  test("counts what a policy would do, not only what it would find: one that watches takes nothing back", async () => {
    const watching = policyFile("watching.json", { mode: "shadow" });
    const summaryOf = async (file: string): Promise<string> =>
      (await run(["evaluate", "--since", "90d", "--policy", file], { ports })).stdout.split("\n")[0] ?? "";
    expect(await summaryOf(watching)).toMatch(
      /^Would have rolled back 0 of 3 .* 1 found worse and left alone/,
    );
    const strict = policyFile("strict.json", { onInconclusive: "roll-back" });
    expect(await summaryOf(strict)).toMatch(/^Would have rolled back 2 of 3 /);
  });

  test("lets nothing pass that was never counted, and gives it its share of the budget", async () => {
    const more = policyFile("more.json", { signals: ["errors", "throttles", "timeouts"] });
    const ran = await run(["evaluate", "--since", "90d", "--policy", more, "--json"], { ports });
    const { judged } = JSON.parse(ran.stdout) as { judged: { id: string; now: string; why: string }[] };
    expect(judged.find(({ id }) => id === "d-LIKE1")).toMatchObject({ now: "inconclusive" });
    expect(judged.every(({ now }) => now !== "pass")).toBe(true);
  });

  test("looks no further back than it was told, and at no other service", async () => {
    const [none, other] = [
      await run(["evaluate", "--since", "2026-01-05T12:30:00Z"], { ports }),
      await run(["evaluate", "payments", "--since", "90d"], { ports }),
    ];
    for (const { stdout } of [none, other])
      expect(stdout).toBe("Would have rolled back 0 of 0 deployments.\n");
  });

  test.each([
    [["evaluate", "--since", "soon"], /must be like "90d"/],
    [["evaluate", "--since", "2026-02-30"], /must be like "90d"/],
    [["evaluate", "--since", "2030-01-01"], /has not come yet/],
    [["evaluate", "d-WORSE1", "--since", "9d"], /is one deployment/],
    [["evaluate", "@latest", "--since", "9d"], /is one deployment/],
    [["evaluate"], /say which deployment or function, or --since/],
    [["evaluate", "d-WORSE1", "--policy", "x.json"], /--policy goes with --since/],
    [["evaluate", "--since", "9d", "--policy", "/nowhere.json"], /cannot read \/nowhere.json/],
  ])("%j ends with 2 and says what is wrong", async (args, said) => {
    const ran = await run(args, { ports });
    expect(ran).toMatchObject({ code: 2, stdout: "" });
    expect(ran.stderr).toMatch(said);
  });
});

describe("rehearse", () => {
  const roles = async (args: readonly string[], given = {}) => {
    const ran = await run(["rehearse", ...args, "--json"], given);
    expect(ran.code).toBe(0);
    return JSON.parse(ran.stdout);
  };

  test("plays a recorded deployment as it was, as bad again, and as a version no worse", async () => {
    const { asItWas, roles: played } = await roles(["d-WORSE1", "--runs", "400"], { ports: await history() });
    expect(asItWas).toMatchObject({ verdict: "fail", minute: 2 });
    const [again, like] = played;
    expect(again.chances.shares.fail).toBeGreaterThan(0.95);
    expect(like.chances.shares.fail).toBeLessThan(0.05);
    for (const { chances } of played) {
      const { fail, pass, inconclusive } = chances.shares;
      expect(fail + pass + inconclusive).toBeCloseTo(1, 9);
    }
  });

  test("plays modelled callers under a policy, the same for the same seed", async () => {
    const policy = policyFile("one.json", { signals: ["errors"], falseRollbackRate: 0.01 });
    const args = ["--rps", "12", "--baseline", "0.1%", "--canary", "3%", "--policy", policy, "--runs", "300"];
    const once = await roles(args);
    expect(once.policy).toEqual({
      alpha: 0.01,
      signals: 1,
      minHarm: 0.005,
      onInconclusive: "continue-loudly",
    });
    expect(once.roles[0].chances.shares.fail).toBeGreaterThan(0.8);
    expect(once.roles[1].chances.shares.fail).toBeLessThan(0.02);
    expect(await roles(args)).toEqual(once);
    expect(await roles([...args, "--seed", "2"])).not.toEqual(once);
  });

  test("hears a signal while it plays", async () => {
    const stop = new AbortController();
    const args = [
      "--rps",
      "12",
      "--baseline",
      "0.1%",
      "--canary",
      "3%",
      "--config",
      "canary:1:2880",
      "--runs",
      "20000",
    ];
    setTimeout(() => stop.abort("SIGINT"), 50);
    const ran = await run(["rehearse", ...args], { stop: stop.signal });
    expect(ran).toMatchObject({ code: 130, stdout: "" });
  });

  test("shows that a few calls a minute decide nothing", async () => {
    const ran = await run([
      "rehearse",
      "--rps",
      "0.05",
      "--baseline",
      "1%",
      "--canary",
      "30%",
      "--runs",
      "100",
    ]);
    expect(ran.code).toBe(0);
    expect(ran.stdout).toMatch(/30 % bad calls +\d/);
    expect(ran.stdout).toMatch(/no worse: 1 % +0 % +0 % +100 %/);
  });

  test("ends with 4 when the deployment stored nothing to play", async () => {
    const ran = await run(["rehearse", "d-BLIND1"], { ports: await history() });
    expect(ran).toMatchObject({ code: 4, stdout: "" });
    expect(ran.stderr).toContain("no verdict that stored what it saw");
  });

  test.each([
    [["rehearse"], /say a deployment or function, or --rps/],
    [["rehearse", "d-WORSE1", "--rps", "3"], /not both/],
    [["rehearse", "--rps", "-1"], /above 0/],
    [["rehearse", "--rps", "1", "--baseline", "150%"], /rate/],
    [
      ["rehearse", "--rps", "1", "--baseline", "1%", "--canary", "2%", "--config", "canary:0:5"],
      /percent must be/,
    ],
    [
      ["rehearse", "--rps", "1", "--baseline", "1%", "--canary", "2%", "--config", "LambdaAllAtOnce"],
      /all calls at once/,
    ],
  ])("%j ends with 2 and says what is wrong", async (args, said) => {
    const ran = await run(args);
    expect(ran).toMatchObject({ code: 2, stdout: "" });
    expect(ran.stderr).toMatch(said);
  });
});
