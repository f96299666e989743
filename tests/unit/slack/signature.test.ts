import { createHmac } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { UnavailableError } from "../../../lib/kit/errors.ts";
import { type SignedRequest, verifySignature } from "../../../lib/slack/signature.ts";

/** The example of docs.slack.dev "Verifying requests from Slack". */
const SECRET = "8f742231b10e8888abcd99yyyzzz85a5";
const BODY =
  "token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V&channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text=&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c";
const KNOWN: SignedRequest = {
  timestamp: "1531420618",
  signature: "v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503",
  body: Buffer.from(BODY),
};
const NOW = 1_531_420_618_000;

const verdict = (request: SignedRequest, now = NOW, secrets: readonly string[] = [SECRET]): string =>
  verifySignature(request, secrets, now).kind;

describe("a request that says it comes from Slack", () => {
  it("is proven by Slack's own published example", () => {
    expect(verdict(KNOWN)).toBe("proven");
  });

  it("is refused when any single bit of it is another", () => {
    fc.assert(
      fc.property(fc.nat(BODY.length - 1), fc.integer({ min: 0, max: 7 }), (at, bit) => {
        const body = Buffer.from(BODY);
        body[at] = (body[at] ?? 0) ^ (1 << bit);
        expect(verdict({ ...KNOWN, body })).toBe("refused");
      }),
    );
    const { signature = "" } = KNOWN;
    for (let at = 0; at < signature.length; at += 1) {
      const other = signature[at] === "0" ? "1" : "0";
      expect(verdict({ ...KNOWN, signature: signature.slice(0, at) + other + signature.slice(at + 1) })).toBe(
        "refused",
      );
    }
  });

  it.each([
    ["another time", { timestamp: "1531420619" }],
    ["no time", { timestamp: undefined }],
    ["an empty time", { timestamp: "" }],
    ["a time with a sign", { timestamp: "+1531420618" }],
    ["a time with a fraction", { timestamp: "1531420618.0" }],
    ["no signature", { signature: undefined }],
    ["an empty signature", { signature: "" }],
    ["a shorter signature", { signature: KNOWN.signature?.slice(0, -1) }],
    ["a signature in capitals", { signature: KNOWN.signature?.toUpperCase() }],
    ["no body", { body: new Uint8Array() }],
  ])("is refused with %s", (_what, change) => {
    expect(verdict({ ...KNOWN, ...change } as SignedRequest)).toBe("refused");
  });

  it.each([
    [-301, "refused"],
    [-300, "proven"],
    [300, "proven"],
    [301, "refused"],
  ])("%i seconds from now is %s", (seconds, kind) => {
    expect(verdict(KNOWN, NOW + seconds * 1_000)).toBe(kind);
  });

  it("is proven by either secret while one replaces the other, and by no third", () => {
    const other = "x".repeat(32);
    expect(verdict(KNOWN, NOW, [other, SECRET])).toBe("proven");
    expect(verdict(KNOWN, NOW, [SECRET, other])).toBe("proven");
    expect(verdict(KNOWN, NOW, [other])).toBe("refused");
  });

  it("lets nobody in while the secret is missing, empty or short", () => {
    const empty = `v0=${createHmac("sha256", "").update(`v0:${KNOWN.timestamp}:`).update(BODY).digest("hex")}`;
    for (const secrets of [[], [""], ["short"], ["x".repeat(31)]])
      expect(() => verifySignature({ ...KNOWN, signature: empty }, secrets, NOW)).toThrow(UnavailableError);
  });

  it("is told apart from its replay by a marker that another request never has", () => {
    const markerOf = (body: string): string => {
      const signature = `v0=${createHmac("sha256", SECRET).update(`v0:${KNOWN.timestamp}:${body}`).digest("hex")}`;
      const proof = verifySignature({ ...KNOWN, signature, body: Buffer.from(body) }, [SECRET], NOW);
      return proof.kind === "proven" ? proof.marker : "";
    };
    expect(markerOf("a")).toMatch(/^[0-9a-f]{64}$/);
    expect(markerOf("a")).toBe(markerOf("a"));
    expect(markerOf("a")).not.toBe(markerOf("b"));
  });
});
