/** Every sample event, and garbage, through the real bundles on the local account: a clear answer, never a crash. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type LocalStack, localStack } from "../support/local-stack.ts";

const FOLDER = join(import.meta.dirname, "../fixtures/events");
const HERE = { account: "000000000000", region: "eu-west-1" };
const FUNCTIONS = [
  "bellwether-local-track-deployment",
  "bellwether-local-judge-canary",
  "bellwether-local-route-alarm",
  "bellwether-local-reconcile",
  "bellwether-local-archive-audit",
  "bellwether-local-send-notices",
  "bellwether-local-slack-action",
  "CodeDeployHook_bellwether-local-before",
  "CodeDeployHook_bellwether-local-after",
];

const sample = (file: string): Record<string, unknown> =>
  JSON.parse(readFileSync(join(FOLDER, file), "utf8"));
const SAMPLES = readdirSync(FOLDER).filter((file) => file.endsWith(".json"));
const GARBAGE: readonly unknown[] = [
  null,
  0,
  "text",
  [],
  {},
  { Records: "no" },
  { Records: [{}] },
  { detail: null },
  { source: "aws.events" },
  { __proto__: null, constructor: 1 },
];

describe("the real handlers", () => {
  let stack: LocalStack;
  beforeAll(async () => {
    stack = await localStack({ seed: 11 });
  });
  afterAll(() => stack.close());

  const call = async (name: string, event: unknown) => {
    const answer = await stack.account.lambda.invoke(name, undefined, JSON.stringify(event));
    return { ok: answer.ok, answer: JSON.parse(answer.payload) as unknown };
  };

  test.each(FUNCTIONS)(
    "%s answers every sample event of another account, and garbage, with a refusal or a plain result",
    async (name) => {
      for (const file of SAMPLES) expect((await call(name, sample(file))).ok, file).toBe(true);
      for (const event of GARBAGE)
        expect(await call(name, event), JSON.stringify(event)).toEqual({ ok: true, answer: "refused" });
    },
  );

  test("a notification of another account is refused; the same from here is followed up", async () => {
    const event = sample("synthetic-codedeploy-1-start.json");
    expect(await call("bellwether-local-track-deployment", event)).toEqual({ ok: true, answer: "refused" });
    expect(await call("bellwether-local-track-deployment", { ...event, ...HERE })).toEqual({
      ok: true,
      answer: "unknown",
    });
  });

  test("an alarm of here that belongs to no deployment is told", async () => {
    const event = sample("synthetic-cloudwatch-alarm-state-change.lambda-version.json");
    const at = `${new Date(stack.world.now()).toISOString().slice(0, 23)}+0000`;
    const detail = event.detail as { state: object };
    const ours = { ...event, ...HERE, detail: { ...detail, state: { ...detail.state, timestamp: at } } };
    expect(await call("bellwether-local-route-alarm", ours)).toMatchObject({
      ok: true,
      answer: { deployments: [], told: true },
    });
    await stack.advance(120_000);
    expect(stack.account.sns.published.some((each) => each.message.includes("ALARM"))).toBe(true);
  });

  test("a hook called for a deployment CodeDeploy does not know answers Failed and does not hang", async () => {
    expect(
      await call("CodeDeployHook_bellwether-local-before", sample("codedeploy-lifecycle-hook.json")),
    ).toEqual({ ok: true, answer: "Failed" });
  });

  test("nothing was refused by the roles on the way", () => {
    expect(stack.account.iam.denied).toEqual([]);
  });
});
