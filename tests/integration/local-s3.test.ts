/** Buckets on the wire: written once, listed, locked, and closed to those who may not. */
import {
  CreateBucketCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  ListObjectVersionsCommand,
  PutObjectCommand,
  S3Client,
} from "@aws-sdk/client-s3";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { Json, ResourceMaker } from "../../local/account.ts";
import { type ServedAccount, serveAccount } from "../support/served-account.ts";

const ROLE = "arn:aws:iam::000000000000:role/reader";
const Bucket = "archive";

let served: ServedAccount;
let s3: S3Client;
beforeEach(async () => {
  served = await serveAccount();
  s3 = new S3Client(served.settings);
});
afterEach(() => served.close());

const make = async (type: string, properties: Json, logicalId = "Thing"): Promise<string> => {
  const maker = served.services
    .map(({ resources }) => resources?.[type])
    .find((one) => one !== undefined) as ResourceMaker;
  return (await maker(properties, { logicalId, stackName: "stack" })).ref;
};
const lockedBucket = (Mode: string): Promise<string> =>
  make("AWS::S3::Bucket", {
    BucketName: Bucket,
    ObjectLockEnabled: true,
    ObjectLockConfiguration: { ObjectLockEnabled: "Enabled", Rule: { DefaultRetention: { Mode, Days: 2 } } },
  });
const put = (Key: string, Body: string, more: Json = {}) =>
  s3.send(new PutObjectCommand({ Bucket, Key, Body, ...more }));
const read = async (Key: string): Promise<string | undefined> =>
  (await s3.send(new GetObjectCommand({ Bucket, Key }))).Body?.transformToString();

test("what was put is read back, byte for byte, and what is not there is said not to be", async () => {
  await s3.send(new CreateBucketCommand({ Bucket }));
  await put("a/ü b+c.json", "ä\n");
  expect(await read("a/ü b+c.json")).toBe("ä\n");
  const head = await s3.send(new HeadObjectCommand({ Bucket, Key: "a/ü b+c.json" }));
  expect(head).toMatchObject({ ContentLength: 3, ETag: expect.stringMatching(/^"[0-9a-f]{32}"$/) });
  await expect(read("none")).rejects.toMatchObject({ name: "NoSuchKey" });
  await expect(s3.send(new HeadObjectCommand({ Bucket, Key: "none" }))).rejects.toMatchObject({
    name: "NotFound",
  });
  await expect(s3.send(new GetObjectCommand({ Bucket: "nobodys-bucket", Key: "k" }))).rejects.toMatchObject({
    name: "NoSuchBucket",
  });
});

test("a second writer that wants to be the first is refused", async () => {
  await lockedBucket("COMPLIANCE");
  await put("k", "first", { IfNoneMatch: "*" });
  await expect(put("k", "second", { IfNoneMatch: "*" })).rejects.toMatchObject({
    name: "PreconditionFailed",
  });
  expect(await read("k")).toBe("first");
});

test("keys are listed in order, a page at a time, from where one asks", async () => {
  await s3.send(new CreateBucketCommand({ Bucket }));
  for (const key of ["b/2", "a/1", "b/10", "b/1"]) await put(key, key);
  const list = (more: Json) => s3.send(new ListObjectsV2Command({ Bucket, ...more }));
  const first = await list({ Prefix: "b/", MaxKeys: 2 });
  expect(first.Contents?.map(({ Key }) => Key)).toEqual(["b/1", "b/10"]);
  const second = await list({ Prefix: "b/", MaxKeys: 2, ContinuationToken: first.NextContinuationToken });
  expect(second).toMatchObject({ IsTruncated: false, Contents: [{ Key: "b/2" }] });
  expect((await list({ StartAfter: "b/1" })).Contents?.map(({ Key }) => Key)).toEqual(["b/10", "b/2"]);
  expect((await list({ Delimiter: "/" })).CommonPrefixes).toEqual([{ Prefix: "a/" }, { Prefix: "b/" }]);
});

test("under COMPLIANCE no version is deleted before its time, by nobody; a marker only hides it", async () => {
  await lockedBucket("COMPLIANCE");
  const { VersionId } = await put("k", "kept");
  const destroy = (more: Json = {}) =>
    s3.send(new DeleteObjectCommand({ Bucket, Key: "k", VersionId, ...more }));
  await expect(destroy()).rejects.toMatchObject({ name: "AccessDenied" });
  await expect(destroy({ BypassGovernanceRetention: true })).rejects.toMatchObject({ name: "AccessDenied" });
  await s3.send(new DeleteObjectCommand({ Bucket, Key: "k" }));
  await expect(read("k")).rejects.toMatchObject({ name: "NoSuchKey" });
  const { Versions, DeleteMarkers } = await s3.send(new ListObjectVersionsCommand({ Bucket }));
  expect([Versions?.length, DeleteMarkers?.length]).toEqual([1, 1]);
  expect(Versions?.[0]?.VersionId).toBe(VersionId);
  await served.account.world.advanceTo(served.account.world.now() + 2 * 86_400_000);
  await destroy();
  expect((await s3.send(new ListObjectVersionsCommand({ Bucket }))).Versions).toBeUndefined();
});

test("under GOVERNANCE those who may bypass it delete, others do not", async () => {
  await lockedBucket("GOVERNANCE");
  const { VersionId } = await put("k", "kept");
  const destroy = (more: Json = {}) =>
    s3.send(new DeleteObjectCommand({ Bucket, Key: "k", VersionId, ...more }));
  await expect(destroy()).rejects.toMatchObject({ name: "AccessDenied" });
  await expect(destroy({ BypassGovernanceRetention: true })).resolves.toBeDefined();
});

test("a role does what its policies allow and the bucket's do not forbid", async () => {
  await lockedBucket("COMPLIANCE");
  await put("k", "kept");
  await make(
    "AWS::IAM::Role",
    {
      RoleName: "reader",
      AssumeRolePolicyDocument: {},
      Policies: [
        {
          PolicyName: "p",
          PolicyDocument: {
            Statement: [
              {
                Effect: "Allow",
                Action: ["s3:GetObject", "s3:PutObject"],
                Resource: `arn:aws:s3:::${Bucket}/*`,
              },
            ],
          },
        },
      ],
    },
    "Role",
  );
  const reader = new S3Client({
    ...served.settings,
    credentials: served.account.iam.credentialsFor(ROLE, "reader"),
  });
  await expect(reader.send(new GetObjectCommand({ Bucket, Key: "k" }))).resolves.toBeDefined();
  // Who may not list is not told what is missing.
  await expect(reader.send(new GetObjectCommand({ Bucket, Key: "none" }))).rejects.toMatchObject({
    name: "AccessDenied",
  });
  await expect(reader.send(new ListObjectsV2Command({ Bucket }))).rejects.toMatchObject({
    name: "AccessDenied",
  });
  await make("AWS::S3::BucketPolicy", {
    Bucket,
    PolicyDocument: {
      Statement: [
        {
          Effect: "Deny",
          Principal: "*",
          Action: "s3:PutObject",
          Resource: `arn:aws:s3:::${Bucket}/*`,
          Condition: { ArnNotEquals: { "aws:PrincipalArn": "arn:aws:iam::000000000000:role/archive" } },
        },
      ],
    },
  });
  await expect(reader.send(new PutObjectCommand({ Bucket, Key: "new", Body: "x" }))).rejects.toMatchObject({
    name: "AccessDenied",
  });
});
