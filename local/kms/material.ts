/** Key material, drawn from the account's seed, and what can be done with it. ECDSA signatures differ each time, as on AWS. */
import {
  createCipheriv,
  createDecipheriv,
  createECDH,
  createPrivateKey,
  createPublicKey,
  type KeyObject,
  sign,
  verify,
} from "node:crypto";
import { AwsError } from "../account.ts";
import type { Random } from "../world.ts";

export type Material =
  | { spec: "SYMMETRIC_DEFAULT"; secret: Buffer }
  | { spec: "ECC_NIST_P256"; privateKey: KeyObject };

const CIPHER = "aes-256-gcm";
const KEY_BYTES = 32;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
/** An uncompressed point: one byte that says so, then x and y. */
const COORDINATE_BYTES = 32;

export const randomBytesOf = (random: Random, length: number): Buffer =>
  Buffer.from(Array.from({ length }, () => random.below(256)));

const p256 = (random: Random): KeyObject => {
  const curve = createECDH("prime256v1");
  const secret = randomBytesOf(random, KEY_BYTES);
  curve.setPrivateKey(secret);
  const point = curve.getPublicKey().subarray(1);
  const key = {
    kty: "EC",
    crv: "P-256",
    d: secret.toString("base64url"),
    x: point.subarray(0, COORDINATE_BYTES).toString("base64url"),
    y: point.subarray(COORDINATE_BYTES).toString("base64url"),
  };
  return createPrivateKey({ key, format: "jwk" });
};

/** Throws UnsupportedOperationException for key specs that the account has no material for. */
export const newMaterial = (spec: string, random: Random): Material => {
  switch (spec) {
    case "SYMMETRIC_DEFAULT":
      return { spec, secret: randomBytesOf(random, KEY_BYTES) };
    case "ECC_NIST_P256":
      return { spec, privateKey: p256(random) };
    default:
      throw new AwsError("UnsupportedOperationException", `The key spec ${spec} is not known here.`);
  }
};

/** DER-encoded, as KMS answers it. */
export const signed = (privateKey: KeyObject, message: Buffer): Buffer => sign("sha256", message, privateKey);

export const isSigned = (privateKey: KeyObject, message: Buffer, signature: Buffer): boolean =>
  verify("sha256", message, createPublicKey(privateKey), signature);

/** SubjectPublicKeyInfo in DER. */
export const publicKeyOf = (privateKey: KeyObject): Buffer =>
  createPublicKey(privateKey).export({ type: "spki", format: "der" });

/** What `opened` opens again, with the same key and context. */
export const sealed = (secret: Buffer, plain: Buffer, context: string, random: Random): Buffer => {
  const nonce = randomBytesOf(random, NONCE_BYTES);
  const cipher = createCipheriv(CIPHER, secret, nonce).setAAD(Buffer.from(context));
  const text = Buffer.concat([cipher.update(plain), cipher.final()]);
  return Buffer.concat([nonce, cipher.getAuthTag(), text]);
};

/** Throws InvalidCiphertextException when it was sealed otherwise. */
export const opened = (secret: Buffer, blob: Buffer, context: string): Buffer => {
  try {
    const cipher = createDecipheriv(CIPHER, secret, blob.subarray(0, NONCE_BYTES))
      .setAAD(Buffer.from(context))
      .setAuthTag(blob.subarray(NONCE_BYTES, NONCE_BYTES + TAG_BYTES));
    return Buffer.concat([cipher.update(blob.subarray(NONCE_BYTES + TAG_BYTES)), cipher.final()]);
  } catch {
    throw new AwsError("InvalidCiphertextException", "");
  }
};
