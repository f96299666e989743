import { describe, expect, it } from "vitest";
import { resourcesOf, templateOf } from "../../support/stack.ts";

const boundariesOf = async (stage: "local" | "dev") =>
  resourcesOf(await templateOf(stage), "AWS::IAM::Role").map(
    ({ Properties }) => Properties.PermissionsBoundary,
  );

describe("the stack's roles", () => {
  it("all bear the account's permission boundary, without which the deploy role could not make them", async () => {
    const boundaries = await boundariesOf("dev");
    expect(boundaries.length).toBeGreaterThan(0);
    for (const boundary of boundaries)
      expect(boundary).toEqual({
        "Fn::Sub": `arn:\${AWS::Partition}:iam::\${AWS::AccountId}:policy/bellwether-bootstrap-dev-boundary`,
      });
  });

  it("bear none on the local account, which nobody bootstraps", async () => {
    expect((await boundariesOf("local")).filter((boundary) => boundary !== undefined)).toEqual([]);
  });
});
