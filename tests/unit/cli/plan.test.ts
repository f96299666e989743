import { beforeAll, describe, expect, test } from "vitest";
import { recordFacts } from "../../../lib/app/recording.ts";
import { predefinedNamed } from "../../../lib/traffic/config.ts";
import * as r from "../../fakes/records.ts";
import { fakeWorld, type WorldOptions } from "../../fakes/world.ts";
import { run } from "./run-command.ts";

const HOUR_MS = 3_600_000;
const NOW = r.START_AT + 24 * HOUR_MS;
const hoursOf = (calls: number, bad: number) => ({
  hours: Array.from({ length: 300 }, (_, index) => ({ at: NOW - (301 - index) * HOUR_MS, calls, bad })),
});

const world = async (options: WorldOptions) => {
  const made = fakeWorld(options);
  made.told.clock.at = NOW;
  await recordFacts(made.ports, "d-LAST1", r.SHIFTED, { at: r.START_AT, via: "event" });
  return made.ports;
};

const CANARY = predefinedNamed("LambdaCanary10Percent5Minutes");

describe("plan", () => {
  test("with numbers alone needs no account, and draws what each configuration sees", async () => {
    const ran = await run(["plan", "--rps", "12", "--baseline", "0.1%"]);
    expect(ran).toMatchObject({ code: 0, stderr: "", stages: [] });
    expect(ran.stdout).toMatch(/LambdaCanary10Percent5Minutes +5 min +1\.\d %.*·+█+ +recommended/);
    expect(ran.stdout).toMatch(/LambdaAllAtOnce +at once +nothing/);
    for (const line of ran.stdout.split("\n").slice(0, 12)) expect(line.length).toBeLessThanOrEqual(120);
  });

  test("of a function takes its traffic, its policy and the configuration in use", async () => {
    const policy = { schema: 1, mode: "enforce", onInconclusive: "continue", bakeMinutes: 0 } as const;
    const ports = await world({
      hours: hoursOf(43_200, 43),
      policy: { ...policy, falseRollbackRate: 0.01, signals: ["errors"], minHarmRate: 0.02 },
      ...(CANARY && { config: CANARY }),
    });
    const { circumstances, rows, usual } = JSON.parse(
      (await run(["plan", "checkout", "--json"], { ports })).stdout,
    );
    expect(usual).toMatchObject({ callsPerSecond: 12, quietCallsPerSecond: 12 });
    expect(circumstances).toMatchObject({ alpha: 0.01, minHarm: 0.02, callsPerSecond: 12 });
    expect(rows).toHaveLength(9);
    expect((await run(["plan", "checkout"], { ports })).stdout).toMatch(
      /in use, recommended[\s\S]*In a quiet hour: /,
    );
  });

  describe("--check", () => {
    let busy: Awaited<ReturnType<typeof world>>;
    beforeAll(async () => {
      busy = await world({ hours: hoursOf(43_200, 43), ...(CANARY && { config: CANARY }) });
    });

    test("ends with 0 and one line when the configuration in use is enough", async () => {
      const ran = await run(["plan", "checkout", "--check"], { ports: busy });
      expect(ran.code).toBe(0);
      expect(ran.stdout).toMatch(
        /^checkout:live: LambdaCanary10Percent5Minutes sees .*: enough\. In a quiet hour: .*: enough\.\n$/,
      );
    });

    test("ends with 4 when it is not, and says the figures", async () => {
      const ran = await run(["plan", "checkout", "--check", "--must-see", "0.5%"], { ports: busy });
      expect(ran.code).toBe(4);
      expect(ran.stdout).toMatch(/0\.5 % must be seen: not enough/);
      const atOnce = await run(["plan", "checkout", "--check", "--config", "LambdaAllAtOnce"], {
        ports: busy,
      });
      expect(atOnce.code).toBe(4);
    });

    test("asks for --config when nothing was deployed yet", async () => {
      const fresh = fakeWorld({ hours: hoursOf(100, 0) });
      fresh.told.clock.at = NOW;
      const ran = await run(["plan", "checkout", "--check"], { ports: fresh.ports });
      expect(ran).toMatchObject({ code: 2, stdout: "" });
      expect(ran.stderr).toContain("say --config");
    });
  });

  test("says that nothing can be seen where nights are empty", async () => {
    const busyDays = hoursOf(43_200, 43).hours.filter((_, index) => index % 24 > 8);
    const ports = await world({ hours: { hours: busyDays }, ...(CANARY && { config: CANARY }) });
    const ran = await run(["plan", "checkout", "--check"], { ports });
    expect(ran.stdout).toContain("In a quiet hour nothing is called, and nothing can be seen.");
  });

  test.each([
    ["no such alias", {}, 2, /there is no checkout:live/],
    ["no call in two weeks", { hours: { hours: [] } }, 4, /had no call in 14 days/],
    ["CloudWatch refuses", { hours: { unreadable: "access denied" } }, 4, /could not look .*: access denied/],
  ])("says so where there is %s", async (_, options, code, said) => {
    const ran = await run(["plan", "checkout"], { ports: await world(options) });
    expect(ran).toMatchObject({ code, stdout: "" });
    expect(ran.stderr).toMatch(said);
  });

  test.each([
    [["plan"], /say a function, or --rps and --baseline/],
    [["plan", "--rps", "12"], /say a function, or --rps and --baseline/],
    [["plan", "checkout", "--rps", "12"], /not both/],
    [["plan", "--rps", "1", "--baseline", "1%", "--must-see", "0.5%"], /is no more than what is bad already/],
    [["plan", "--rps", "1", "--baseline", "1%", "--check"], /say with --config how traffic shifts/],
    [["plan", "--rps", "1", "--baseline", "1%", "--alpha", "0"], /above 0 and below/],
    [["plan", "--rps", "many", "--baseline", "1%"], /must be a number above 0/],
    [["plan", "--rps", "1", "--baseline", "1%", "--config", "canary:10:9999"], /at most|to 2880/],
  ])("%j ends with 2 and says what is wrong", async (args, said) => {
    const ran = await run(args, { ports: fakeWorld().ports });
    expect(ran).toMatchObject({ code: 2, stdout: "" });
    expect(ran.stderr).toMatch(said);
  });
});
