/** Keys on the wire: what they sign and seal, and whom their policies let. */
import { createPublicKey, verify } from "node:crypto";
import {
  DecryptCommand,
  EncryptCommand,
  GenerateDataKeyCommand,
  GetPublicKeyCommand,
  KMSClient,
  SignCommand,
  VerifyCommand,
} from "@aws-sdk/client-kms";
import { PublishCommand, SNSClient } from "@aws-sdk/client-sns";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { Json, ResourceMaker } from "../../local/account.ts";
import { type ServedAccount, serveAccount } from "../support/served-account.ts";

const ROLE = "arn:aws:iam::000000000000:role/signer";
const ROOT = "arn:aws:iam::000000000000:root";
const MESSAGE = Buffer.from("the root of an hour");

let served: ServedAccount;
beforeEach(async () => {
  served = await serveAccount();
});
afterEach(() => served.close());

const make = async (type: string, properties: Json, logicalId = "Thing"): Promise<string> => {
  const maker = served.services
    .map(({ resources }) => resources?.[type])
    .find((one) => one !== undefined) as ResourceMaker;
  return (await maker(properties, { logicalId, stackName: "stack" })).ref;
};
const allow = (AWS: Json, Action: Json, more: Json = {}): Json => ({
  Effect: "Allow",
  Principal: { AWS },
  Action,
  Resource: "*",
  ...more,
});
const policyOf = (...Statement: Json[]): Json => ({ Version: "2012-10-17", Statement });
const signingKey = (...statements: Json[]): Promise<string> =>
  make("AWS::KMS::Key", {
    KeySpec: "ECC_NIST_P256",
    KeyUsage: "SIGN_VERIFY",
    ...(statements.length > 0 && { KeyPolicy: policyOf(...statements) }),
  });
const owner = (): KMSClient => new KMSClient(served.settings);
const asRole = async (...statements: Json[]) => {
  await make(
    "AWS::IAM::Role",
    {
      RoleName: "signer",
      AssumeRolePolicyDocument: policyOf({}),
      Policies: statements.length === 0 ? [] : [{ PolicyName: "p", PolicyDocument: policyOf(...statements) }],
    },
    "Signer",
  );
  return { ...served.settings, credentials: served.account.iam.credentialsFor(ROLE, "archive") };
};
const sign = (client: KMSClient, KeyId: string) =>
  client.send(new SignCommand({ KeyId, Message: MESSAGE, SigningAlgorithm: "ECDSA_SHA_256" }));

test("what a key signed, its public key verifies anywhere, and nothing else", async () => {
  const KeyId = await signingKey();
  const { Signature } = await sign(owner(), KeyId);
  const { PublicKey } = await owner().send(new GetPublicKeyCommand({ KeyId }));
  const key = createPublicKey({ key: Buffer.from(PublicKey ?? []), format: "der", type: "spki" });
  expect(verify("sha256", MESSAGE, key, Buffer.from(Signature ?? []))).toBe(true);
  expect(verify("sha256", Buffer.from("another"), key, Buffer.from(Signature ?? []))).toBe(false);
  const check = { KeyId, Signature, SigningAlgorithm: "ECDSA_SHA_256" } as const;
  expect(await owner().send(new VerifyCommand({ ...check, Message: MESSAGE }))).toMatchObject({
    SignatureValid: true,
  });
  await expect(
    owner().send(new VerifyCommand({ ...check, Message: Buffer.from("another") })),
  ).rejects.toMatchObject({ name: "KMSInvalidSignatureException" });
});

test("the same seed makes the same key", async () => {
  const first = await owner().send(new GetPublicKeyCommand({ KeyId: await signingKey() }));
  await served.close();
  served = await serveAccount();
  const second = await owner().send(new GetPublicKeyCommand({ KeyId: await signingKey() }));
  expect(second.PublicKey).toEqual(first.PublicKey);
  expect(second.KeyId).toBe(first.KeyId);
});

test("a sealed text is opened with the same context only, and a data key is sealed likewise", async () => {
  const KeyId = await make("AWS::KMS::Key", {});
  const EncryptionContext = { b: "2", a: "1" };
  const { CiphertextBlob } = await owner().send(
    new EncryptCommand({ KeyId, Plaintext: MESSAGE, EncryptionContext }),
  );
  const plain = await owner().send(
    new DecryptCommand({ CiphertextBlob, EncryptionContext: { a: "1", b: "2" } }),
  );
  expect(Buffer.from(plain.Plaintext ?? [])).toEqual(MESSAGE);
  await expect(owner().send(new DecryptCommand({ CiphertextBlob }))).rejects.toMatchObject({
    name: "InvalidCiphertextException",
  });
  const data = await owner().send(new GenerateDataKeyCommand({ KeyId, KeySpec: "AES_256" }));
  expect(data.Plaintext).toHaveLength(32);
  expect((await owner().send(new DecryptCommand({ CiphertextBlob: data.CiphertextBlob }))).Plaintext).toEqual(
    data.Plaintext,
  );
  await expect(sign(owner(), KeyId)).rejects.toMatchObject({ name: "InvalidKeyUsageException" });
});

test("a key that leaves it to the account lets the roles whose own policies do", async () => {
  const KeyId = await signingKey(allow(ROOT, "kms:*"));
  const settings = await asRole({ Effect: "Allow", Action: "kms:Sign", Resource: "*" });
  await expect(sign(new KMSClient(settings), KeyId)).resolves.toHaveProperty("Signature");
  await expect(new KMSClient(settings).send(new GetPublicKeyCommand({ KeyId }))).rejects.toMatchObject({
    name: "AccessDeniedException",
  });
});

test("a role's own policy is nothing to a key whose policy does not know the account", async () => {
  const KeyId = await signingKey(allow("arn:aws:iam::000000000000:role/another", "kms:*"));
  const settings = await asRole({ Effect: "Allow", Action: "kms:*", Resource: "*" });
  await expect(sign(new KMSClient(settings), KeyId)).rejects.toMatchObject({ name: "AccessDeniedException" });
  await expect(sign(owner(), KeyId)).rejects.toMatchObject({ name: "AccessDeniedException" });
});

test("a key that names a role needs no more, but a Deny on either side wins", async () => {
  const KeyId = await signingKey(allow(ROLE, "kms:Sign"));
  await expect(sign(new KMSClient(await asRole()), KeyId)).resolves.toHaveProperty("Signature");
  const denied = await asRole({ Effect: "Deny", Action: "kms:Sign", Resource: "*" });
  await expect(sign(new KMSClient(denied), KeyId)).rejects.toMatchObject({ name: "AccessDeniedException" });
  const closed = await make(
    "AWS::KMS::Key",
    {
      KeySpec: "ECC_NIST_P256",
      KeyUsage: "SIGN_VERIFY",
      KeyPolicy: policyOf(allow(ROLE, "kms:*"), { ...allow("*", "kms:Sign"), Effect: "Deny" }),
    },
    "Closed",
  );
  const settings = await asRole({ Effect: "Allow", Action: "kms:*", Resource: "*" });
  await expect(sign(new KMSClient(settings), closed)).rejects.toMatchObject({
    name: "AccessDeniedException",
  });
});

const CLOUDWATCH = {
  principal: "cloudwatch.amazonaws.com",
  sourceArn: "arn:aws:cloudwatch:eu-west-1:0:alarm:a",
};
const encryptedTopic = async (...statements: Json[]): Promise<string> => {
  const KmsMasterKeyId = await make("AWS::KMS::Key", { KeyPolicy: policyOf(...statements) });
  return make("AWS::SNS::Topic", { TopicName: "told", KmsMasterKeyId }, "Topic");
};
const SERVICE = (...Action: string[]): Json => ({
  Effect: "Allow",
  Principal: { Service: "cloudwatch.amazonaws.com" },
  Action,
  Resource: "*",
});

test("an alarm's message to an encrypted topic arrives only if the key lets CloudWatch seal and open", async () => {
  const topic = await encryptedTopic(allow(ROOT, "kms:*"), SERVICE("kms:GenerateDataKey*"));
  const publish = (): void => served.account.sns.publish(topic, "red", undefined, {}, CLOUDWATCH);
  expect(publish).toThrow(expect.objectContaining({ code: "KMSAccessDenied" }));
  const key = await make(
    "AWS::KMS::Key",
    { KeyPolicy: policyOf(SERVICE("kms:GenerateDataKey*", "kms:Decrypt")) },
    "Open",
  );
  await make("AWS::SNS::Topic", { TopicName: "told", KmsMasterKeyId: key }, "Topic");
  publish();
  expect(served.account.sns.published).toHaveLength(1);
});

test("no AWS service reaches a topic under the key that AWS manages, and a key that is not there stops everybody", async () => {
  const topic = await make("AWS::SNS::Topic", { TopicName: "told", KmsMasterKeyId: "alias/aws/sns" });
  expect(() => served.account.sns.publish(topic, "red", undefined, {}, CLOUDWATCH)).toThrow(
    expect.objectContaining({ code: "KMSAccessDenied" }),
  );
  const sns = new SNSClient(served.settings);
  await expect(sns.send(new PublishCommand({ TopicArn: topic, Message: "m" }))).resolves.toHaveProperty(
    "MessageId",
  );
  const lost = await make("AWS::SNS::Topic", { TopicName: "lost", KmsMasterKeyId: "alias/none" });
  await expect(sns.send(new PublishCommand({ TopicArn: lost, Message: "m" }))).rejects.toMatchObject({
    name: "KMSNotFoundException",
  });
});

test("a role publishes to an encrypted topic if it may publish and use the key", async () => {
  const topic = await encryptedTopic(allow(ROOT, "kms:*"));
  const publish = async (...actions: string[]) => {
    const settings = await asRole({ Effect: "Allow", Action: actions, Resource: "*" });
    return new SNSClient(settings).send(new PublishCommand({ TopicArn: topic, Message: "m" }));
  };
  await expect(publish("sns:Publish")).rejects.toMatchObject({ name: "KMSAccessDeniedException" });
  await expect(publish("sns:Publish", "kms:GenerateDataKey")).rejects.toMatchObject({
    name: "KMSAccessDeniedException",
  });
  await expect(publish("sns:Publish", "kms:GenerateDataKey", "kms:Decrypt")).resolves.toHaveProperty(
    "MessageId",
  );
});
