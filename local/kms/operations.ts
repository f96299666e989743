/** The operations of KMS. Binary fields travel as base64. */
import { type Account, AwsError, type Caller, type Json, type Operation } from "../account.ts";
import { checkUse } from "./access.ts";
import type { Key, Keys } from "./keys.ts";
import { isSigned, opened, publicKeyOf, randomBytesOf, sealed, signed } from "./material.ts";

/** Of a message that KMS hashes itself. */
const MAX_MESSAGE_BYTES = 4096;
const MAX_PLAIN_BYTES = 4096;
const SIGNING_ALGORITHM = "ECDSA_SHA_256";
const CIPHER_NAME = "SYMMETRIC_DEFAULT";
const ID_BYTES = 36;
const DATA_KEY_BYTES: Readonly<Record<string, number>> = { AES_256: 32, AES_128: 16 };

const bytesOf = (input: Json, field: string, most: number): Buffer => {
  const bytes = Buffer.from(String(input[field] ?? ""), "base64");
  if (bytes.length < 1 || bytes.length > most)
    throw new AwsError("ValidationException", `${field} must have between 1 and ${most} bytes`);
  return bytes;
};

const metadataOf = (account: Account, key: Key): Json => ({
  AWSAccountId: account.id,
  KeyId: key.id,
  Arn: key.arn,
  CreationDate: key.createdAt / 1000,
  Enabled: key.isEnabled,
  Description: key.description,
  KeyUsage: key.usage,
  KeyState: key.isEnabled ? "Enabled" : "Disabled",
  Origin: "AWS_KMS",
  KeyManager: "CUSTOMER",
  KeySpec: key.material.spec,
  CustomerMasterKeySpec: key.material.spec,
  MultiRegion: false,
  ...(key.material.spec === "SYMMETRIC_DEFAULT"
    ? { EncryptionAlgorithms: [CIPHER_NAME] }
    : { SigningAlgorithms: [SIGNING_ALGORITHM] }),
});

const wrongUsage = (key: Key): AwsError =>
  new AwsError("InvalidKeyUsageException", `${key.arn} key usage is ${key.usage} which is not valid here.`);

const privateKeyOf = (key: Key) => {
  if (key.material.spec !== "ECC_NIST_P256") throw wrongUsage(key);
  return key.material.privateKey;
};

const secretOf = (key: Key): Buffer => {
  if (key.material.spec !== "SYMMETRIC_DEFAULT") throw wrongUsage(key);
  return key.material.secret;
};

/** The context in one order, whatever order it was given in. */
const contextText = (input: Json): string =>
  JSON.stringify(Object.entries(input.EncryptionContext ?? {}).sort(([a], [b]) => (a < b ? -1 : 1)));

const messageOf = (key: Key, input: Json): Buffer => {
  privateKeyOf(key);
  if (input.SigningAlgorithm !== SIGNING_ALGORITHM)
    throw new AwsError(
      "InvalidKeyUsageException",
      `Algorithm ${input.SigningAlgorithm} is incompatible with key spec ${key.material.spec}.`,
    );
  if ((input.MessageType ?? "RAW") !== "RAW")
    throw new AwsError("UnsupportedOperationException", "Here only messages of type RAW are signed.");
  return bytesOf(input, "Message", MAX_MESSAGE_BYTES);
};

export const kmsOperations = (account: Account, keys: Keys): Record<string, Operation> => {
  const random = () => account.world.random("kms/blobs");
  const seal = (key: Key, plain: Buffer, input: Json): string =>
    Buffer.concat([Buffer.from(key.id), sealed(secretOf(key), plain, contextText(input), random())]).toString(
      "base64",
    );

  /** Key policies decide as much as roles do, so the key is asked, not the role alone. */
  const onKey = (name: string, run: (key: Key, input: Json) => Json): Record<string, Operation> => ({
    [name]: {
      needs: () => [],
      run: (input: Json, caller: Caller) => {
        const key = keys.get(String(input.KeyId ?? ""));
        checkUse(account, key, caller, { action: `kms:${name}` });
        if (!key.isEnabled && name !== "DescribeKey")
          throw new AwsError("DisabledException", `${key.arn} is disabled.`);
        return run(key, input);
      },
    },
  });

  return {
    CreateKey: {
      needs: () => [{ action: "kms:CreateKey", resource: "*" }],
      run: (input) => ({ KeyMetadata: metadataOf(account, keys.make(input, "kms/created")) }),
    },
    CreateAlias: {
      needs: () => [{ action: "kms:CreateAlias", resource: "*" }],
      run: (input) => {
        keys.name(String(input.AliasName), String(input.TargetKeyId));
        return {};
      },
    },
    ...onKey("DescribeKey", (key) => ({ KeyMetadata: metadataOf(account, key) })),
    ...onKey("GetKeyPolicy", (key) => ({ Policy: JSON.stringify(key.policy), PolicyName: "default" })),
    ...onKey("GetPublicKey", (key) => ({
      KeyId: key.arn,
      PublicKey: publicKeyOf(privateKeyOf(key)).toString("base64"),
      KeySpec: key.material.spec,
      KeyUsage: key.usage,
      SigningAlgorithms: [SIGNING_ALGORITHM],
    })),
    ...onKey("Sign", (key, input) => ({
      KeyId: key.arn,
      Signature: signed(privateKeyOf(key), messageOf(key, input)).toString("base64"),
      SigningAlgorithm: SIGNING_ALGORITHM,
    })),
    ...onKey("Verify", (key, input) => {
      const signature = Buffer.from(String(input.Signature), "base64");
      if (!isSigned(privateKeyOf(key), messageOf(key, input), signature))
        throw new AwsError("KMSInvalidSignatureException", "");
      return { KeyId: key.arn, SignatureValid: true, SigningAlgorithm: SIGNING_ALGORITHM };
    }),
    ...onKey("Encrypt", (key, input) => ({
      KeyId: key.arn,
      CiphertextBlob: seal(key, bytesOf(input, "Plaintext", MAX_PLAIN_BYTES), input),
      EncryptionAlgorithm: CIPHER_NAME,
    })),
    ...onKey("GenerateDataKey", (key, input) => {
      const plain = randomBytesOf(random(), DATA_KEY_BYTES[input.KeySpec] ?? Number(input.NumberOfBytes));
      return {
        KeyId: key.arn,
        Plaintext: plain.toString("base64"),
        CiphertextBlob: seal(key, plain, input),
      };
    }),
    Decrypt: {
      needs: () => [],
      run: (input, caller) => {
        const blob = Buffer.from(String(input.CiphertextBlob ?? ""), "base64");
        const key = keys.find(blob.subarray(0, ID_BYTES).toString());
        if (key === undefined) throw new AwsError("InvalidCiphertextException", "");
        checkUse(account, key, caller, { action: "kms:Decrypt" });
        if (input.KeyId !== undefined && keys.get(String(input.KeyId)) !== key)
          throw new AwsError("IncorrectKeyException", "The key ID in the request does not identify a CMK.");
        const plain = opened(secretOf(key), blob.subarray(ID_BYTES), contextText(input));
        return { KeyId: key.arn, Plaintext: plain.toString("base64"), EncryptionAlgorithm: CIPHER_NAME };
      },
    },
  };
};
