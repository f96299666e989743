import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { redact } from "../../../lib/kit/redact.ts";

// Assembled here so that no scanner takes them for real ones.
const SECRETS = [
  ["xoxb", "1234567890", "abcdefghij"].join("-"),
  `https://hooks.slack.com/${"services/T0/B0/abcdefgh"}`,
  `AKIA${"ABCDEFGHIJKLMNOP"}`,
  `eyJ${"hbGciOiJIUzI1NiJ9"}.e30.abc`,
];

describe("log fields", () => {
  test.each([
    "authorization",
    "slackToken",
    "signingSecret",
    "x-slack-signature",
    "response_url",
    "Password",
  ])("named %s are hidden", (name) => {
    expect(redact({ [name]: "anything" })).toEqual({ [name]: "[hidden]" });
  });

  test("that look like secrets are hidden wherever they stand", () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...SECRETS),
        fc.string(),
        fc.string(),
        fc.array(fc.constantFrom("a", "list", "deep"), { maxLength: 5 }),
        (secret, before, after, path) => {
          const leaf: unknown = `${before} ${secret} ${after}`;
          const fields = path.reduce<unknown>(
            (inner, name) => (name === "list" ? [inner] : { [name]: inner }),
            leaf,
          );
          expect(JSON.stringify(redact({ fields }))).not.toContain(secret);
        },
      ),
      { numRuns: 10_000 },
    );
  });

  test("that are neither stay as they are", () => {
    expect(redact({ deploymentId: "d-1", count: 3, ok: true, nothing: null })).toEqual({
      deploymentId: "d-1",
      count: 3,
      ok: true,
      nothing: null,
    });
  });
});
