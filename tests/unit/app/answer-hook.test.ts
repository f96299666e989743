import { describe, expect, test } from "vitest";
import { answerHook, type HookCall } from "../../../lib/app/answer-hook.ts";
import { smokeCanary } from "../../../lib/app/smoke-canary.ts";
import { type Fault, faulty } from "../../fakes/faulty.ts";
import { ENFORCING, fakeWorld, type WorldOptions } from "../../fakes/world.ts";

const CALL: HookCall = { deploymentId: "d-STORY1", executionId: "execution-1", hook: "before" };
const SMOKE = {
  ...ENFORCING,
  smoke: [{ name: "a cart", payload: { items: [] }, expect: { statusCode: 200 } }],
};
const never = new AbortController().signal;

const answered = async (options: WorldOptions, deadline = never) => {
  const world = fakeWorld(options);
  world.told.clock.at += 2_000;
  const verdict = await answerHook(world.ports, CALL, smokeCanary(world.ports), deadline);
  const record = (await world.ports.store.load("d-STORY1"))?.record;
  return { verdict, answers: world.told.answers, record, world };
};

describe("a hook always answers", () => {
  test("a canary that answers as promised is let through", async () => {
    const { verdict, record } = await answered({ policy: SMOKE });
    expect(verdict).toBe("Succeeded");
    expect(record?.checks).toMatchObject([
      { hook: "before", verdict: "pass", findings: [{ name: "a cart", ok: true }] },
    ]);
  });

  test.each([
    ["answers with another status", { payload: '{"statusCode":500}' }, "status 500, expected 200"],
    ["throws", { ok: false, error: "TypeError: no items" }, "TypeError: no items"],
    ["is not the version asked for", { executedVersion: "1" }, "version 1 answered instead of 2"],
  ])("a canary that %s is kept from traffic, and told why", async (_what, answer, why) => {
    const { verdict, record } = await answered({ policy: SMOKE, answer });
    expect(verdict).toBe("Failed");
    expect(record?.checks[0]?.why).toContain(why);
  });

  test("without a policy nothing is asked, and that is said, not called a pass", async () => {
    const { verdict, record } = await answered({});
    expect(verdict).toBe("Succeeded");
    expect(record?.checks[0]).toMatchObject({ verdict: "skipped" });
  });

  test("a policy that cannot be used fails the check: its owner believes in it", async () => {
    const { verdict, record } = await answered({ policy: { broken: "policy is not JSON" } });
    expect(verdict).toBe("Failed");
    expect(record?.checks[0]?.why).toContain("policy is not JSON");
  });

  test("a check that never ends is answered with Failed at the deadline", async () => {
    const world = fakeWorld({ policy: SMOKE });
    const deadline = new AbortController();
    const hanging = answerHook(world.ports, CALL, () => new Promise(() => {}), deadline.signal);
    deadline.abort();
    expect(await hanging).toBe("Failed");
    expect(world.told.answers).toEqual([{ executionId: "execution-1", verdict: "Failed" }]);
  });

  test("a deployment CodeDeploy does not know is refused", async () => {
    const world = fakeWorld({});
    expect(
      await answerHook(world.ports, { ...CALL, deploymentId: "d-OTHER" }, smokeCanary(world.ports), never),
    ).toBe("Failed");
  });
});

/** Runs with a fault, then retries without as Lambda does; gives all that CodeDeploy accepted. */
const withFault = async (options: WorldOptions, fault: Fault) => {
  const world = fakeWorld(options);
  world.told.clock.at += 2_000;
  const broken = faulty(world.ports, fault);
  const attempt = async (ports: typeof world.ports): Promise<string> =>
    answerHook(ports, CALL, smokeCanary(ports), never).catch((error: Error) => error.name);
  const first = await attempt(broken.ports);
  const second = first === "UnavailableError" ? await attempt(world.ports) : first;
  return { accepted: world.told.answers, second, hits: broken.calls() };
};

const callsOf = async (options: WorldOptions): Promise<number> => {
  const world = fakeWorld(options);
  world.told.clock.at += 2_000;
  const counted = faulty(world.ports, undefined);
  await answerHook(counted.ports, CALL, smokeCanary(counted.ports), never);
  return counted.calls();
};

describe("a crash at every call", () => {
  test.each(["before", "after"] as const)(
    "one answer is accepted, and a bad canary is never let through, whichever call fails %s it took effect",
    async (when) => {
      for (const [options, mayPass] of [
        [{ policy: SMOKE }, true],
        [{ policy: SMOKE, answer: { ok: false, error: "broken" } }, false],
      ] as const) {
        const calls = await callsOf(options);
        expect(calls).toBeGreaterThan(8);
        for (let call = 1; call <= calls; call += 1) {
          const { accepted, hits } = await withFault(options, { call, when });
          expect(hits, `fault ${call} landed`).toBeGreaterThanOrEqual(call);
          expect(accepted, `answers with a fault at call ${call}`).toHaveLength(1);
          if (!mayPass) expect(accepted[0]?.verdict).toBe("Failed");
        }
      }
    },
  );

  test("a stored Failed never becomes Succeeded, though the canary has recovered", async () => {
    const world = fakeWorld({ policy: SMOKE, answer: { ok: false, error: "broken" } });
    const reportLost = {
      ...world.ports,
      deployer: { ...world.ports.deployer, answerHook: async () => Promise.reject(new Error("lost")) },
    };
    await expect(answerHook(reportLost, CALL, smokeCanary(reportLost), never)).rejects.toThrow();
    const recovered = {
      ...world.ports,
      invoker: {
        invoke: async () => ({
          ok: true,
          payload: '{"statusCode":200}',
          executedVersion: "2",
          durationMs: 1,
        }),
      },
    };
    expect(await answerHook(recovered, CALL, smokeCanary(recovered), never)).toBe("Failed");
  });
});
