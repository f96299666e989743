/** What an event costs in calls to AWS, counted in a whole deployment: features cost latency and money, and both must not creep. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Grounds } from "../../demo/ground.ts";
import { openGrounds } from "../../demo/open-ground.ts";
import { playOne } from "../../demo/play.ts";
import { scenariosNamed } from "../../demo/scenarios.ts";
import type { Account } from "../../local/account.ts";

/** Mean calls per event that each function may make, over a healthy deployment and one that is rolled back. */
const CALLS_MAX: Readonly<Record<string, number>> = {
  "CodeDeployHook_bellwether-local-before": 22,
  "CodeDeployHook_bellwether-local-after": 24,
  "bellwether-local-track-deployment": 12,
  "bellwether-local-judge-canary": 9,
  "bellwether-local-reconcile": 8,
  "bellwether-local-send-notices": 5,
};

type Tally = { calls: number; events: number; operations: Map<string, number> };

/** Listens to every call and every invocation of our functions in an account. */
const listen = (account: Account, tallies: Map<string, Tally>): void => {
  const tallyOf = (name: string): Tally => {
    const tally = tallies.get(name) ?? { calls: 0, events: 0, operations: new Map<string, number>() };
    tallies.set(name, tally);
    return tally;
  };
  const { ofCall } = account.faults;
  const { record } = account.cloudwatch;
  Object.assign(account.faults, {
    ofCall: (call: Parameters<typeof ofCall>[0]) => {
      if (call.functionName !== undefined) {
        const tally = tallyOf(call.functionName);
        const operation = `${call.service}:${call.operation}`;
        tally.calls += 1;
        tally.operations.set(operation, (tally.operations.get(operation) ?? 0) + 1);
      }
      return ofCall(call);
    },
  });
  Object.assign(account.cloudwatch, {
    record: (...given: Parameters<typeof record>) => {
      const [{ name, dimensions }, , value] = given;
      const isPlain = Object.keys(dimensions).join() === "FunctionName";
      if (name === "Invocations" && isPlain && dimensions.FunctionName !== undefined)
        tallyOf(dimensions.FunctionName).events += value;
      return record(...given);
    },
  });
};

describe("calls to AWS per event", () => {
  let grounds: Grounds;
  const tallies = new Map<string, Tally>();

  beforeAll(async () => {
    grounds = await openGrounds();
    for (const name of ["healthy", "bad-errors"]) {
      const [scenario] = scenariosNamed(name);
      if (scenario === undefined) throw new Error(`no scenario ${name}`);
      const played = await playOne(scenario, async () => {
        const ground = await grounds.open(1);
        listen(ground.account, tallies);
        return ground;
      });
      expect(played.faults).toEqual([]);
    }
  });
  afterAll(() => grounds.close());

  test.each(Object.entries(CALLS_MAX))("%s makes no more than %d", (name, most) => {
    const tally = tallies.get(name);
    expect(tally?.events).toBeGreaterThan(0);
    const perEvent = (tally?.calls ?? 0) / (tally?.events ?? 1);
    const operations = [...(tally?.operations ?? [])].map(
      ([operation, count]) => `${operation} ${(count / (tally?.events ?? 1)).toFixed(1)}`,
    );
    process.stdout.write(
      `${name}: ${perEvent.toFixed(1)} calls an event (${tally?.events} events): ${operations.join(", ")}\n`,
    );
    expect(perEvent).toBeLessThanOrEqual(most);
  });
});
