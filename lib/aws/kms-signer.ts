import { GetPublicKeyCommand, type KMSClient, SignCommand } from "@aws-sdk/client-kms";
import { UnavailableError } from "../kit/errors.ts";
import type { Signer, VerifyingKey } from "../ports/signer.ts";
import { reach } from "./failure.ts";

/** ECDSA on P-256: a small signature that every tool verifies. */
export const ALGORITHM = "ECDSA_SHA_256";

const PEM_COLUMNS = /.{1,64}/g;

export const kmsSigner = (client: KMSClient, keyId: string): Signer => ({
  sign: async (text) => {
    const { Signature: bytes, KeyId: arn } = await reach("signing a root", () =>
      client.send(
        new SignCommand({
          KeyId: keyId,
          Message: Buffer.from(text),
          MessageType: "RAW",
          SigningAlgorithm: ALGORITHM,
        }),
      ),
    );
    if (bytes === undefined) throw new UnavailableError("KMS gave no signature");
    return { algorithm: ALGORITHM, keyId: arn ?? keyId, value: Buffer.from(bytes).toString("base64") };
  },
});

export const kmsVerifyingKey = (client: KMSClient, keyId: string): VerifyingKey => ({
  read: async () => {
    const { PublicKey } = await reach(`reading the public key ${keyId}`, () =>
      client.send(new GetPublicKeyCommand({ KeyId: keyId })),
    );
    if (PublicKey === undefined) throw new UnavailableError(`KMS gave no public key for ${keyId}`);
    const lines = Buffer.from(PublicKey).toString("base64").match(PEM_COLUMNS) ?? [];
    return ["-----BEGIN PUBLIC KEY-----", ...lines, "-----END PUBLIC KEY-----", ""].join("\n");
  },
});
