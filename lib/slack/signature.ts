/**
 * Proof that a request comes from Slack: HMAC-SHA256 over `v0:<timestamp>:<raw body>` with the signing secret
 * (docs.slack.dev "Verifying requests from Slack").
 */
import { createHash, createHmac, timingSafeEqual } from "node:crypto";
import { UnavailableError } from "../kit/errors.ts";
import { SECOND_MS } from "../kit/time.ts";

/** Both ways: a request from the future is as false as an old one. */
const AGE_MAX_SECONDS = 300;
/** Slack's secrets have 32 characters; anything shorter is a mistake that would let guesses in. */
const SECRET_CHARACTERS_MIN = 32;

export type SignedRequest = {
  timestamp: string | undefined;
  signature: string | undefined;
  /** As it came, before any parsing; decoded from base64 where the transport encoded it. */
  body: Uint8Array;
};

export type Proof =
  /** `marker` is unique to this request: seen a second time it is a replay. */
  { kind: "proven"; marker: string } | { kind: "refused"; why: string };

const refused = (why: string): Proof => ({ kind: "refused", why });

const signatureOf = (secret: string, timestamp: string, body: Uint8Array): Buffer =>
  Buffer.from(`v0=${createHmac("sha256", secret).update(`v0:${timestamp}:`).update(body).digest("hex")}`);

const isEqual = (left: Buffer, right: Buffer): boolean =>
  left.length === right.length && timingSafeEqual(left, right);

/**
 * Checks a request against every accepted secret (two while one is being replaced). Throws UnavailableError when there is
 * no usable secret: then nobody can be let in.
 */
export const verifySignature = (request: SignedRequest, secrets: readonly string[], now: number): Proof => {
  const usable = secrets.filter((secret) => secret.length >= SECRET_CHARACTERS_MIN);
  if (usable.length === 0)
    throw new UnavailableError(
      `no Slack signing secret of at least ${SECRET_CHARACTERS_MIN} characters is set up`,
    );
  const { timestamp, signature, body } = request;
  if (timestamp === undefined || !/^\d{1,11}$/.test(timestamp)) return refused("no timestamp");
  if (signature === undefined) return refused("no signature");
  if (Math.abs(now / SECOND_MS - Number(timestamp)) > AGE_MAX_SECONDS) return refused("not from now");
  const given = Buffer.from(signature);
  // All of them, whether or not one fits: the time it takes tells nothing.
  const fits = usable.map((secret) => isEqual(given, signatureOf(secret, timestamp, body)));
  if (!fits.includes(true)) return refused("wrong signature");
  return { kind: "proven", marker: createHash("sha256").update(given).digest("hex") };
};
