import { describe, expect, test } from "vitest";
import { InputError } from "../../../lib/kit/errors.ts";
import { customConfig, minutesOf, PREDEFINED, predefinedNamed } from "../../../lib/traffic/config.ts";

describe("the predefined configurations", () => {
  test("are the nine that CodeDeploy documents for Lambda", () =>
    expect(PREDEFINED.map(({ name }) => name).toSorted()).toEqual([
      "CodeDeployDefault.LambdaAllAtOnce",
      "CodeDeployDefault.LambdaCanary10Percent10Minutes",
      "CodeDeployDefault.LambdaCanary10Percent15Minutes",
      "CodeDeployDefault.LambdaCanary10Percent30Minutes",
      "CodeDeployDefault.LambdaCanary10Percent5Minutes",
      "CodeDeployDefault.LambdaLinear10PercentEvery10Minutes",
      "CodeDeployDefault.LambdaLinear10PercentEvery1Minute",
      "CodeDeployDefault.LambdaLinear10PercentEvery2Minutes",
      "CodeDeployDefault.LambdaLinear10PercentEvery3Minutes",
    ]));

  test("are listed from the quickest to the slowest", () =>
    expect(PREDEFINED.map(minutesOf)).toEqual(PREDEFINED.map(minutesOf).toSorted((a, b) => a - b)));

  test("are found by their full and their short name, and nothing else is", () => {
    expect(predefinedNamed("LambdaCanary10Percent5Minutes")?.kind).toBe("canary");
    expect(predefinedNamed("CodeDeployDefault.LambdaLinear10PercentEvery1Minute")?.kind).toBe("linear");
    expect(predefinedNamed("LambdaLinear10PercentEvery1Minutes")).toBeUndefined();
  });
});

describe("a custom configuration", () => {
  test("says what it does in its name", () => {
    expect(customConfig("canary", 5, 15).name).toBe("LambdaCanary5Percent15Minutes");
    expect(customConfig("linear", 20, 1).name).toBe("LambdaLinear20PercentEvery1Minute");
  });

  test.each([
    ["canary", 0, 10],
    ["canary", 100, 10],
    ["canary", 10, 0],
    ["canary", 10, 2_881],
    ["canary", 10.5, 10],
    ["linear", 1, 60],
  ] as const)("%s %s %% every %s minutes is refused, as by CodeDeploy", (kind, percent, minutes) =>
    expect(() => customConfig(kind, percent, minutes)).toThrow(InputError),
  );

  test("may take two days and no more", () =>
    expect(minutesOf(customConfig("canary", 10, 2_880))).toBe(2_880));
});
