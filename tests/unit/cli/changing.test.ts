import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { observe } from "../../../lib/app/observe.ts";
import { UnavailableError } from "../../../lib/kit/errors.ts";
import type { StoryKind } from "../../fakes/stories.ts";
import { ENFORCING, fakeWorld, type WorldOptions } from "../../fakes/world.ts";
import { run } from "./run-command.ts";

const at = async (story: StoryKind, sinceMs: number, options: WorldOptions = {}) => {
  const world = fakeWorld({ story, policy: ENFORCING, ...options });
  world.told.clock.at += sinceMs;
  await observe(world.ports, world.told.story.id, { at: world.told.clock.at, via: "event" });
  return world;
};

const SHIFTING_MS = 150_000;
const PROD = { BELLWETHER_STAGE: "prod" };

describe("rollback", () => {
  test("stops the deployment and ends with 0 once the alias shows the old version", async () => {
    const { ports, told } = await at("stopped-by-alarm", SHIFTING_MS);
    const ran = await run(["rollback", "checkout", "--reason", "wrong prices"], {
      ports,
      env: { BELLWETHER_STAGE: "dev", USER: "anna" },
    });
    expect(ran.code).toBe(0);
    expect(new Set(told.stops)).toEqual(new Set(["d-STORY1"]));
    expect(ran.stdout).toContain("serves 100 % version 1");
    const stored = await ports.store.load("d-STORY1");
    expect(stored?.record.status).toBe("ROLLED_BACK");
    expect(stored?.lines.map((line) => line.fact)).toContainEqual(
      expect.objectContaining({ kind: "rollback-asked", by: "operator", who: "anna", why: "wrong prices" }),
    );
  });

  test("prints its plan and changes nothing in a dry run", async () => {
    const { ports, told } = await at("stopped-by-alarm", SHIFTING_MS);
    const before = await ports.store.load("d-STORY1");
    const ran = await run(["rollback", "d-STORY1", "--dry-run"], { ports, env: PROD });
    expect(ran.code).toBe(0);
    expect(ran.stdout).toContain("from version 2 back to version 1");
    expect(told.stops).toEqual([]);
    expect(await ports.store.load("d-STORY1")).toEqual(before);
  });

  test("ends with 5 when it is still under way after the timeout", async () => {
    const { ports } = await at("succeeds", SHIFTING_MS);
    const ran = await run(["rollback", "d-STORY1", "--reason", "r", "--timeout", "10"], { ports });
    expect(ran).toMatchObject({ code: 5, stdout: "" });
    expect(ran.stderr).toContain("bellwether show d-STORY1");
  });

  test.each([
    ["it was rolled back already", "stopped-by-alarm", 300_000],
    ["it never carried traffic", "smoke-fails", 60_000],
  ] as const)("ends with 8 when %s", async (_why, story, sinceMs) => {
    const { ports, told } = await at(story, sinceMs);
    const { verifyRollback } = await import("../../../lib/app/roll-back.ts");
    const { recordedFrom } = await import("../../../lib/app/recording.ts");
    const stored = await ports.store.load(told.story.id);
    if (stored) await verifyRollback(ports, recordedFrom(stored), { at: told.clock.at, via: "event" });
    expect(await run(["rollback", told.story.id, "--reason", "r"], { ports })).toMatchObject({
      code: 8,
      stdout: "",
    });
  });

  test("ends with 8 when the old version is gone, or the alias serves another one by now", async () => {
    const { ports } = await at("succeeds", SHIFTING_MS);
    const gone = { ...ports, router: { ...ports.router, version: async () => undefined } };
    expect((await run(["rollback", "d-STORY1", "--reason", "r"], { ports: gone })).code).toBe(8);
    const moved = {
      ...ports,
      router: { ...ports.router, read: async () => ({ version: "3", revision: "x" }) },
    };
    const ran = await run(["rollback", "d-STORY1", "--reason", "r"], { ports: moved });
    expect(ran.code).toBe(8);
    expect(ran.stderr).toContain("version 3");
  });

  test.each([[["--yes"]], [["--reason", "r"]], [[]]])(
    "refuses prod without a terminal when only %j is said",
    async (flags) => {
      const { ports, told } = await at("stopped-by-alarm", SHIFTING_MS);
      const ran = await run(["rollback", "d-STORY1", ...flags], { ports, env: PROD });
      expect(ran.code).toBe(6);
      expect(told.stops).toEqual([]);
    },
  );

  test("goes on in prod without a terminal with --yes and --reason", async () => {
    const { ports } = await at("stopped-by-alarm", SHIFTING_MS);
    expect((await run(["rollback", "d-STORY1", "--yes", "--reason", "r"], { ports, env: PROD })).code).toBe(
      0,
    );
  });

  test.each([
    ["y", 0],
    ["", 6],
    ["no", 6],
  ])("asks at a terminal; %j ends with %i", async (answer, code) => {
    const { ports } = await at("stopped-by-alarm", SHIFTING_MS);
    const ran = await run(["rollback", "d-STORY1", "--reason", "r"], { ports, isTty: true, answer });
    expect(ran.code).toBe(code);
    expect(ran.asked).toHaveLength(1);
  });

  test("ends with 1 when CodeDeploy stops answering half-way, and with 4 when it could not even be looked at", async () => {
    const { ports } = await at("stopped-by-alarm", SHIFTING_MS);
    const down = (): Promise<never> => Promise.reject(new UnavailableError("CodeDeploy is down"));
    const halfWay = { ...ports, deployer: { ...ports.deployer, stop: down } };
    expect((await run(["rollback", "d-STORY1", "--reason", "r"], { ports: halfWay })).code).toBe(1);
    const blind = { ...ports, deployer: { ...ports.deployer, read: down } };
    expect((await run(["rollback", "d-STORY1", "--reason", "r"], { ports: blind })).code).toBe(4);
  });

  test("wants a reason, before it asks anything else", async () => {
    const { ports, told } = await at("stopped-by-alarm", SHIFTING_MS);
    expect(await run(["rollback", "d-STORY1"], { ports, isTty: true, answer: "y" })).toMatchObject({
      code: 2,
      asked: [],
    });
    expect(told.stops).toEqual([]);
  });
});

describe("policy", () => {
  const dir = mkdtempSync(join(tmpdir(), "bellwether-cli-"));
  afterAll(() => rmSync(dir, { recursive: true }));
  const file = (name: string, content: unknown): string => {
    const path = join(dir, name);
    writeFileSync(path, typeof content === "string" ? content : JSON.stringify(content));
    return path;
  };

  const writing = () => {
    const { ports } = fakeWorld();
    const written: [string, string][] = [];
    const policies = {
      ...ports.policies,
      write: async (service: string, text: string) => void written.push([service, text]),
    };
    return { ports: { ...ports, policies }, written };
  };

  test("put keeps the file's text", async () => {
    const { ports, written } = writing();
    const path = file("good.json", ENFORCING);
    expect(await run(["policy", "put", "checkout", path], { ports })).toMatchObject({ code: 0 });
    expect(written).toEqual([["checkout", JSON.stringify(ENFORCING)]]);
  });

  test("put reads stdin when no file is named", async () => {
    const { ports, written } = writing();
    await run(["policy", "put", "checkout"], { ports, stdin: JSON.stringify(ENFORCING) });
    expect(written).toHaveLength(1);
  });

  test("put writes nothing in a dry run, nor in prod without --yes and --reason", async () => {
    const { ports, written } = writing();
    const path = file("good.json", ENFORCING);
    expect((await run(["policy", "put", "checkout", path, "--dry-run"], { ports })).code).toBe(0);
    expect((await run(["policy", "put", "checkout", path], { ports, env: PROD })).code).toBe(6);
    expect(written).toEqual([]);
  });

  test("validate names every fault in one line and ends with 2", async () => {
    const path = file("bad.json", { schema: 2, mode: "enforce", bakeMinutes: -1, onInconclusive: "hope" });
    const ran = await run(["policy", "validate", path], { env: {} });
    expect(ran).toMatchObject({ code: 2, stdout: "" });
    for (const field of ["schema", "bakeMinutes", "onInconclusive"]) expect(ran.stderr).toContain(field);
    expect(ran.stderr.trim().split("\n")).toHaveLength(1);
  });

  test.each([
    ["is not JSON", "{"],
    ["is empty", ""],
  ])("validate ends with 2 when the file %s", async (_what, content) => {
    expect((await run(["policy", "validate", "checkout", file("odd.json", content)], { env: {} })).code).toBe(
      2,
    );
  });

  test("validate ends with 2 when there is no such file", async () => {
    expect((await run(["policy", "validate", join(dir, "none.json")], { env: {} })).code).toBe(2);
  });

  test("validate tells what is wrong as JSON too", async () => {
    const ran = await run(["policy", "validate", file("bad.json", { schema: 2 }), "--json"], { env: {} });
    expect(ran.code).toBe(2);
    expect(JSON.parse(ran.stdout)).toMatchObject({ isValid: false, why: expect.stringContaining("schema") });
  });

  test("validate refuses what no parameter can hold", async () => {
    const smoke = Array.from({ length: 20 }, (_, at) => ({ name: `check ${at}`, payload: "x".repeat(300) }));
    const ran = await run(["policy", "validate", file("large.json", { ...ENFORCING, smoke })], { env: {} });
    expect(ran).toMatchObject({ code: 2, stderr: expect.stringContaining("4096") });
  });

  test("put ends with 1 when the policy could not be kept", async () => {
    const { ports } = fakeWorld();
    const policies = { ...ports.policies, write: () => Promise.reject(new UnavailableError("SSM is down")) };
    const ran = await run(["policy", "put", "checkout", file("good.json", ENFORCING)], {
      ports: { ...ports, policies },
    });
    expect(ran).toMatchObject({ code: 1, stdout: "" });
  });

  test("validate of a good file needs no account", async () => {
    expect(await run(["policy", "validate", file("good.json", ENFORCING)], { env: {} })).toMatchObject({
      code: 0,
      stages: [],
    });
  });

  test("show prints what holds, and says when it is nobody's own", async () => {
    const kept = await run(["policy", "show", "checkout", "--json"], {
      ports: fakeWorld({ policy: ENFORCING }).ports,
    });
    expect(JSON.parse(kept.stdout)).toEqual({
      service: "checkout",
      isKept: true,
      policy: ENFORCING,
      sha256: "policy-digest",
    });
    const none = await run(["policy", "show", "checkout"], { ports: fakeWorld().ports });
    expect(JSON.parse(none.stdout)).toMatchObject({ mode: "shadow" });
    expect(none.stderr).toContain("no policy");
  });

  test("show ends with 2 when the policy that is kept cannot be used", async () => {
    const { ports } = fakeWorld({ policy: { broken: "policy refused: mode" } });
    expect((await run(["policy", "show", "checkout"], { ports })).code).toBe(2);
  });
});
