/** The same promises, kept by the archive and the signer in memory and by S3 and KMS. */
import { CreateKeyCommand, KMSClient } from "@aws-sdk/client-kms";
import { CreateBucketCommand, S3Client } from "@aws-sdk/client-s3";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Root } from "../../lib/archive/root.ts";
import { kmsSigner, kmsVerifyingKey } from "../../lib/aws/kms-signer.ts";
import { s3Archive } from "../../lib/aws/s3-archive.ts";
import type { Archive } from "../../lib/ports/archive.ts";
import type { Signer, VerifyingKey } from "../../lib/ports/signer.ts";
import { signedWith } from "../../lib/runtime/wire-audit.ts";
import { memoryArchive, memorySigner } from "../fakes/memory-archive.ts";
import { type ServedAccount, serveAccount } from "../support/served-account.ts";

type Kept = { archive: Archive; signer: Signer; verifyingKey: VerifyingKey };
let served: ServedAccount | undefined;

const MAKERS: Readonly<Record<string, () => Promise<Kept>>> = {
  "in memory": async () => ({ ...memoryArchive(), ...memorySigner() }),
  "in the account": async () => {
    served = await serveAccount();
    const s3 = new S3Client(served.settings);
    const kms = new KMSClient(served.settings);
    await s3.send(new CreateBucketCommand({ Bucket: "kept", ObjectLockEnabledForBucket: true }));
    const { KeyMetadata } = await kms.send(
      new CreateKeyCommand({ KeySpec: "ECC_NIST_P256", KeyUsage: "SIGN_VERIFY" }),
    );
    const keyId = KeyMetadata?.KeyId ?? "";
    return {
      archive: s3Archive(s3, "kept"),
      signer: kmsSigner(kms, keyId),
      verifyingKey: kmsVerifyingKey(kms, keyId),
    };
  },
};

describe.each(Object.keys(MAKERS))("an archive %s", (name) => {
  let kept: Kept;
  beforeAll(async () => {
    kept = await (MAKERS[name] as () => Promise<Kept>)();
  });
  afterAll(async () => {
    await served?.close();
    served = undefined;
  });

  test("keeps what was put first, and says so to whoever comes second", async () => {
    expect(await kept.archive.put("v1/a", "first ä\n")).toBe("stored");
    expect(await kept.archive.put("v1/a", "second")).toBe("exists");
    expect(await kept.archive.get("v1/a")).toBe("first ä\n");
    expect(await kept.archive.get("v1/none")).toBeUndefined();
  });

  test("lists keys under a prefix in order, those after one when asked", async () => {
    for (const key of ["v1/r/2", "v1/r/1", "v1/r/3", "v1/s/1"]) await kept.archive.put(key, key);
    expect(await kept.archive.list("v1/r/")).toEqual(["v1/r/1", "v1/r/2", "v1/r/3"]);
    expect(await kept.archive.list("v1/r/", "v1/r/1")).toEqual(["v1/r/2", "v1/r/3"]);
    expect(await kept.archive.list("v1/r/", "v1/r/3")).toEqual([]);
  });

  test("is signed with a key whose public half verifies that text and no other", async () => {
    const signature = await kept.signer.sign("the hash");
    const isSigned = signedWith([await kept.verifyingKey.read()]);
    const root = (hash: string): Root => ({ hash, signature }) as Root;
    expect(isSigned(root("the hash"))).toBe(true);
    expect(isSigned(root("the hasH"))).toBe(false);
    expect(isSigned({ ...root("the hash"), signature: { ...signature, value: "bm8=" } })).toBe(false);
  });
});
