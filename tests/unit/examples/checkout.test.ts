import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, it, vi } from "vitest";
import { ROOT } from "../../../build/handlers.ts";
import { parsePolicy } from "../../../lib/policy/policy.ts";
import { judgeAnswer } from "../../../lib/smoke/judge-answer.ts";

const CHECKOUT = join(ROOT, "examples", "checkout");

type Answer = { statusCode: number; body: string };
type Handler = (event: unknown) => Promise<Answer>;

const textOf = (file: string): string => readFileSync(join(CHECKOUT, file), "utf8");
const eventOf = (name: string): unknown => JSON.parse(textOf(join("events", `${name}.json`)));
const versionOf = async (name: string): Promise<Handler> =>
  (await import(join(CHECKOUT, name, "index.mjs"))).handler;
const call = async (version: string, event: string): Promise<Answer> =>
  (await versionOf(version))(eventOf(event));

const VERSIONS = ["v1", "v1-broken", "v2-slow", "v2-throws", "v2-wrong"];
const policy = parsePolicy(textOf("policy.json"));

/** Whether a version's answer to a smoke check of the policy is what the policy expects. */
const passes = async (
  version: string,
  payload: unknown,
  check: NonNullable<typeof policy.smoke>[number],
): Promise<boolean> => {
  const answer = await (await versionOf(version))(payload);
  const judged = judgeAnswer(
    check,
    {
      ok: true,
      payload: JSON.stringify(answer),
      executedVersion: "2",
      durationMs: 60,
    },
    "2",
  );
  return judged.ok;
};

afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

describe("the versions of checkout", () => {
  it("are those that its README tells of", () => {
    const folders = readdirSync(CHECKOUT, { withFileTypes: true }).filter(
      (entry) => entry.isDirectory() && entry.name !== "events",
    );
    expect(folders.map(({ name }) => name).sort()).toEqual(VERSIONS);
    for (const version of VERSIONS) expect(textOf("README.md")).toContain(`\`${version}\``);
  });

  it("price, discount and tax a cart alike where nothing was broken", async () => {
    const { statusCode, body } = await call("v1", "with-coupon");
    expect(statusCode).toBe(200);
    expect(JSON.parse(body)).toMatchObject({
      subtotalCents: 4990,
      discountCents: 749,
      taxCents: 975,
      totalCents: 5216,
    });
    expect(JSON.parse((await call("v2-slow", "with-coupon")).body)).toMatchObject({ totalCents: 5216 });
  });

  it("answer an empty cart with 400, which is no error", async () => {
    for (const version of VERSIONS) expect((await call(version, "empty-cart")).statusCode).toBe(400);
  });

  it("throw where their flaw is, and only there", async () => {
    await expect(call("v2-throws", "with-coupon")).rejects.toThrow(TypeError);
    await expect(call("v1-broken", "south-africa")).rejects.toThrow(TypeError);
    for (const [version, event] of [
      ["v2-throws", "one-item"],
      ["v1-broken", "one-item"],
      ["v1", "south-africa"],
      ["v1", "with-coupon"],
    ] as const)
      expect((await call(version, event)).statusCode).toBe(200);
  });

  it("all fail while the payment provider is down", async () => {
    const calls = await Promise.allSettled(VERSIONS.map((version) => call(version, "payment-down")));
    expect(calls.map(({ status }) => status)).toEqual(VERSIONS.map(() => "rejected"));
  });

  it("take twice as long when they ask the provider twice", async () => {
    vi.useFakeTimers();
    // At one half of the way, the provider answers in 60 * exp(-0.35 * sqrt(2 ln 2)) = 39.7 ms.
    vi.spyOn(Math, "random").mockReturnValue(0.5);
    const answeredAfterMs = async (version: string): Promise<number> => {
      const startedAt = Date.now();
      const answered = call(version, "one-item").then(() => Date.now() - startedAt);
      await vi.advanceTimersByTimeAsync(1_000);
      return answered;
    };
    expect(await answeredAfterMs("v1")).toBe(39);
    expect(await answeredAfterMs("v2-slow")).toBe(78);
  });
});

describe("what Bellwether holds checkout to", () => {
  it("is met by the good version and not by the one that forgets tax", async () => {
    const checks = policy.smoke ?? [];
    expect(checks.length).toBe(2);
    for (const check of checks) expect(await passes("v1", check.payload, check)).toBe(true);
    const [taxed] = checks;
    if (taxed === undefined) throw new Error("no check");
    expect(await passes("v2-wrong", taxed.payload, taxed)).toBe(false);
  });

  it("charges nobody when it checks", async () => {
    const body = JSON.parse((await call("v1", "smoke")).body);
    expect(body.authorisation).toBe("dry-run");
    expect((policy.smoke ?? [])[0]?.payload).toEqual(eventOf("smoke"));
  });
});

describe("the traffic of checkout", () => {
  it("names events that exist, with shares that make a hundred", () => {
    const traffic = JSON.parse(textOf("traffic.json")) as Record<
      "usual" | "outage",
      { event: string; weight: number }[]
    >;
    for (const shares of [traffic.usual, traffic.outage]) {
      expect(shares.reduce((sum, { weight }) => sum + weight, 0)).toBe(100);
      for (const { event } of shares)
        expect(JSON.parse(textOf(join("events", event)))).toHaveProperty("body");
    }
  });
});
