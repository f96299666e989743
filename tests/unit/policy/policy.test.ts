import { describe, expect, test } from "vitest";
import { InputError } from "../../../lib/kit/errors.ts";
import { parsePolicy, policyFaults, SHADOW_POLICY } from "../../../lib/policy/policy.ts";

const GOOD = { schema: 1, mode: "enforce", onInconclusive: "continue", bakeMinutes: 10 };
const OWN = { name: "declined", namespace: "Shop", bad: "Declined", versionDimension: "Version" };
const refusal = (change: object): string => policyFaults({ ...GOOD, ...change }).join("; ");

describe("a policy", () => {
  test("that says the least it must is good", () => {
    expect(parsePolicy(JSON.stringify(GOOD))).toEqual(GOOD);
    expect(policyFaults(SHADOW_POLICY)).toEqual([]);
  });

  test.each([
    ["a typo in a name", { bakeMinute: 5 }, /bakeMinute/],
    ["an unknown mode", { mode: "on" }, /mode/],
    ["no choice for inconclusive verdicts", { onInconclusive: undefined }, /onInconclusive/],
    ["a negative bake time", { bakeMinutes: -1 }, /bakeMinutes/],
    ["a budget of zero", { falseRollbackRate: 0 }, /falseRollbackRate/],
    ["no signals at all", { signals: [] }, /signals/],
    ["a signal nobody knows", { signals: ["latency"] }, /signals\.0 must be one of "errors", "slow-calls"/],
    ["a signal twice", { signals: ["errors", "errors"] }, /signals: a name stands twice/],
    [
      "a signal of its own without a metric",
      { signals: [{ ...OWN, bad: undefined }] },
      /signals\.0 bad must be string|signals\.0\.bad/,
    ],
    ["a namespace of AWS's kind", { signals: [{ ...OWN, namespace: ":Shop" }] }, /plain characters/],
    ["a metric that is blank", { signals: [{ ...OWN, bad: "  " }] }, /plain characters/],
    ["letters that CloudWatch refuses", { signals: [{ ...OWN, bad: "Größe" }] }, /plain characters/],
    [
      "one metric as bad and as total",
      { signals: [{ ...OWN, total: "Declined" }] },
      /same metric as bad and as total/,
    ],
    ["a version told twice", { signals: [{ ...OWN, dimensions: { Version: "7" } }] }, /tells them apart/],
    [
      "a signal called like one of Lambda's",
      { signals: [{ ...OWN, name: "errors" }] },
      /is the name of a signal of Lambda's/,
    ],
    ["a check without a name", { smoke: [{ name: "", payload: {} }] }, /smoke\.0\.name/],
    [
      "a check named twice",
      {
        smoke: [
          { name: "a", payload: 1 },
          { name: "a", payload: 2 },
        ],
      },
      /smoke: a name stands twice/,
    ],
    [
      "an alarm named twice",
      {
        alarms: [
          { name: "a", severity: "info" },
          { name: "a", severity: "info" },
        ],
      },
      /alarms: a name stands twice/,
    ],
    [
      "a rollback that could not happen",
      { mode: "shadow", onInconclusive: "roll-back" },
      /no effect in mode "shadow"/,
    ],
  ])("with %s is refused, and the place is named", (_what, change, expected) => {
    expect(refusal(change)).toMatch(expected);
  });

  test("may count a service's own metrics", () => {
    expect(
      policyFaults({
        ...GOOD,
        signals: ["errors", { ...OWN, total: "Payments", dimensions: { Shop: "za" } }],
      }),
    ).toEqual([]);
  });

  test("names every fault at once, in one line", () => {
    const faults = policyFaults({ schema: 2, mode: "on", bakeMinutes: 1.5 });
    expect(faults.length).toBeGreaterThanOrEqual(4);
    expect(() => parsePolicy('{"schema":2}')).toThrow(InputError);
  });

  test("that is not JSON says so", () => {
    expect(() => parsePolicy("{schema: 1}")).toThrow(/policy is not JSON/);
  });
});
