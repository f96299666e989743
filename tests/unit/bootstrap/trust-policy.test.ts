import { describe, expect, it } from "vitest";
import { mayEnter, type Provider, type TrustPolicy } from "../../support/trust-policy.ts";

const provider: Provider = { arn: "arn:p", issuer: "https://forge.example", audiences: ["aws"] };
const policyWith = (Condition: Record<string, Record<string, string | string[]>>): TrustPolicy => ({
  Statement: [
    {
      Effect: "Allow",
      Principal: { Federated: "arn:p" },
      Action: "sts:AssumeRoleWithWebIdentity",
      Condition,
    },
  ],
});
const token = { iss: provider.issuer, aud: "aws", sub: "repo:a/b:ref:main", ref: "main" };

describe("the evaluator of trust policies", () => {
  it.each([
    ["an equal text", { StringEquals: { "forge.example:sub": token.sub } }, true],
    ["a key in another case", { StringEquals: { "Forge.Example:SUB": token.sub } }, true],
    ["a value in another case", { StringEquals: { "forge.example:sub": "REPO:a/b:ref:main" } }, false],
    ["one of several texts", { StringEquals: { "forge.example:sub": ["x", token.sub] } }, true],
    ["a star where equality is asked", { StringEquals: { "forge.example:sub": "repo:*" } }, false],
    ["a star where likeness is asked", { StringLike: { "forge.example:sub": "repo:a/*" } }, true],
    ["a dot, which is only a dot", { StringLike: { "forge.example:ref": "m.in" } }, false],
    ["a question mark, which is one character", { StringLike: { "forge.example:ref": "m?in" } }, true],
    ["a claim that the token lacks", { StringEquals: { "forge.example:environment": "prod" } }, false],
    ["IfExists on a lacking claim", { StringEqualsIfExists: { "forge.example:environment": "prod" } }, true],
    ["a negation of a lacking claim", { StringNotEquals: { "forge.example:environment": "dev" } }, true],
    [
      "ForAllValues on a lacking claim",
      { "ForAllValues:StringEquals": { "forge.example:environment": "prod" } },
      true,
    ],
    [
      "ForAnyValue on a lacking claim",
      { "ForAnyValue:StringEquals": { "forge.example:environment": "prod" } },
      false,
    ],
    ["Null true on a lacking claim", { Null: { "forge.example:environment": "true" } }, true],
    ["Null true on a claim that is there", { Null: { "forge.example:ref": "true" } }, false],
    [
      "two keys of which one fails",
      { StringEquals: { "forge.example:sub": token.sub, "forge.example:ref": "x" } },
      false,
    ],
    [
      "a claim that STS does not pass on",
      { StringEquals: { "forge.example:repository_owner_id": "1" } },
      false,
    ],
  ])("answers %s", (_what, condition, answer) => {
    const claims = { ...token, repository_owner_id: "1" };
    expect(mayEnter(policyWith(condition as Record<string, Record<string, string>>), provider, claims)).toBe(
      answer,
    );
  });

  it("refuses an operator it does not know, rather than skip it", () => {
    expect(() =>
      mayEnter(policyWith({ StringSortOf: { "forge.example:sub": "x" } }), provider, token),
    ).toThrow("does not know the condition operator StringSortOf");
  });

  it("lets a Deny win, and another principal's statement say nothing", () => {
    const allow = policyWith({ StringEquals: { "forge.example:sub": token.sub } });
    const [statement] = allow.Statement;
    if (statement === undefined) throw new Error("no statement");
    expect(mayEnter({ Statement: [statement, { ...statement, Effect: "Deny" }] }, provider, token)).toBe(
      false,
    );
    expect(
      mayEnter({ Statement: [{ ...statement, Principal: { Federated: "arn:q" } }] }, provider, token),
    ).toBe(false);
  });
});
