import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { appSpecFor, parseAppSpec } from "../../../lib/aws/appspec.ts";

const SHIFT = { name: "checkout", alias: "live", from: "1", to: "2" };
const sample = readFileSync(join(import.meta.dirname, "../../fixtures/events/appspec-lambda.json"), "utf8");

describe("an AppSpec", () => {
  test("of AWS's own sample is read, hooks and all", () => {
    expect(parseAppSpec(sample)).toEqual({
      function: { name: "myLambdaFunction", alias: "myLambdaFunctionAlias", from: "1", to: "2" },
      hooks: {
        before: "LambdaFunctionToValidateBeforeTrafficShift",
        after: "LambdaFunctionToValidateAfterTrafficShift",
      },
    });
  });

  test("is read in lower case too, as the guide spells it, and with the function's ARN", () => {
    const name = "arn:aws:lambda:eu-west-1:000000000000:function:checkout";
    const content = JSON.stringify({
      version: "0.0",
      resources: [
        {
          f: {
            type: "AWS::Lambda::Function",
            properties: { name, alias: "live", currentversion: "1", targetversion: "2" },
          },
        },
      ],
    });
    expect(parseAppSpec(content)).toEqual({ function: SHIFT, hooks: {} });
  });

  test("that we write is one that we read", () => {
    expect(parseAppSpec(appSpecFor(SHIFT))).toEqual({ function: SHIFT, hooks: {} });
  });

  test.each([
    "version: 0.0\nResources: []",
    "[]",
    "null",
    '{"Resources":[]}',
    '{"Resources":[{"f":{"Properties":{"Name":"checkout","Alias":7}}}]}',
  ])("that names no function is not one: %s", (content) => expect(parseAppSpec(content)).toBeUndefined());
});
