/** The operations of S3 that the archive, the command line and the AWS CLI use. */
import { type Account, AwsError, type Caller, type Json, type Operation } from "../account.ts";
import { conditionsHold } from "../iam/conditions.ts";
import { matches } from "../wildcard.ts";
import { type Bucket, type Buckets, currentOf, type Version } from "./buckets.ts";
import { listObjects, listVersions } from "./listing.ts";
import { deleteObject, putObject, versionOf } from "./objects.ts";

const FORBIDDEN = 403;
const NO_CONTENT = 204;
const NOT_FOUND = 404;

type Asked = { account: Account; bucket: Bucket; key: string; input: Json; caller: Caller };

const listOf = (value: Json): Json[] => (Array.isArray(value) ? value : value === undefined ? [] : [value]);

/** A bucket's policy can take away what a role's own policies give; here it gives nothing by itself. */
const checkPolicy = (account: Account, bucket: Bucket, caller: Caller, action: string, key: string): void => {
  const resource = key === "" ? bucket.arn : `${bucket.arn}/${key}`;
  const context = {
    "aws:SecureTransport": "true",
    "aws:PrincipalArn": caller.principalArn,
    "aws:PrincipalAccount": account.id,
  };
  const denies = listOf(bucket.policy?.Statement).some(
    (statement) =>
      statement.Effect === "Deny" &&
      (statement.Principal === "*" ||
        listOf(statement.Principal?.AWS).some((one) => one === "*" || one === caller.principalArn)) &&
      listOf(statement.Action).some((one) => matches(String(one), action, "i")) &&
      listOf(statement.Resource).some((one) => matches(String(one), resource)) &&
      conditionsHold(statement.Condition, context),
  );
  if (denies)
    throw new AwsError(
      "AccessDenied",
      `User: ${caller.principalArn} is not authorized to perform: ${action} on resource: "${resource}" with an explicit deny in a resource-based policy`,
      FORBIDDEN,
    );
};

const headersOf = (bucket: Bucket, version: Version): Record<string, string> => ({
  etag: version.etag,
  "content-type": version.contentType,
  "last-modified": new Date(version.modifiedAt).toUTCString(),
  "accept-ranges": "bytes",
  "x-amz-server-side-encryption": "AES256",
  ...version.checksums,
  ...version.metadata,
  ...(bucket.isVersioned && { "x-amz-version-id": version.id }),
  ...(version.lock && {
    "x-amz-object-lock-mode": version.lock.mode,
    "x-amz-object-lock-retain-until-date": new Date(version.lock.untilAt).toISOString(),
  }),
});

const answer = (headers: Record<string, string>, status = 200, bytes: Buffer = Buffer.alloc(0)): Json => ({
  bytes,
  headers,
  status,
});

const read = ({ bucket, key, input }: Asked): Json => {
  const version = versionOf(bucket, key, input.versionId);
  return answer(headersOf(bucket, version), 200, version.body);
};

const put = ({ account, bucket, key, input }: Asked): Json => {
  const { "content-type": _, ...headers } = headersOf(bucket, putObject(account, bucket, key, input));
  return answer(headers);
};

const remove = ({ account, bucket, key, input, caller }: Asked): Json => {
  const wantsBypass = input.$headers["x-amz-bypass-governance-retention"] === "true";
  const bypass = { action: "s3:BypassGovernanceRetention", resource: `${bucket.arn}/${key}` };
  const mayBypass = wantsBypass && (caller.isRoot || account.iam.lets(caller, bypass, false));
  const { marker } = deleteObject(account, bucket, key, input.versionId, mayBypass);
  return answer(
    marker === undefined ? {} : { "x-amz-delete-marker": "true", "x-amz-version-id": marker.id },
    NO_CONTENT,
  );
};

const lockConfiguration = ({ bucket }: Asked): Json => {
  if (!bucket.hasLock)
    throw new AwsError(
      "ObjectLockConfigurationNotFoundError",
      "Object Lock configuration does not exist for this bucket",
      NOT_FOUND,
    );
  const rule = bucket.properties.ObjectLockConfiguration?.Rule;
  return { ObjectLockConfiguration: { ObjectLockEnabled: "Enabled", ...(rule && { Rule: rule }) } };
};

const retention = ({ bucket, key, input }: Asked): Json => {
  const { lock } = versionOf(bucket, key, input.versionId);
  if (lock === undefined)
    throw new AwsError(
      "NoSuchObjectLockConfiguration",
      "The specified object does not have a ObjectLock configuration",
      NOT_FOUND,
    );
  return {
    Retention: { Mode: lock.mode, RetainUntilDate: new Date(lock.untilAt).toISOString() },
  };
};

/** Readers that may not list a bucket are not told what is not in it: they are refused instead. */
const hidingMissing =
  (run: (asked: Asked) => Json) =>
  (asked: Asked): Json => {
    const { account, bucket, key, input, caller } = asked;
    const isMissing = input.versionId === undefined && currentOf(bucket, key) === undefined;
    if (isMissing && !caller.isRoot)
      account.iam.check(caller, { name: "s3", signingName: "s3", protocol: "rest-xml", operations: {} }, [
        { action: "s3:ListBucket", resource: bucket.arn, context: { "s3:prefix": key } },
      ]);
    return run(asked);
  };

export const s3Operations = (account: Account, buckets: Buckets): Record<string, Operation> => {
  const on = (name: string, action: string, run: (asked: Asked) => Json): Record<string, Operation> => ({
    [name]: {
      needs: ({ Bucket: bucket, Key: key = "", prefix }) => [
        {
          action,
          resource: key === "" ? `arn:aws:s3:::${bucket}` : `arn:aws:s3:::${bucket}/${key}`,
          ...(action === "s3:ListBucket" && { context: { "s3:prefix": String(prefix ?? "") } }),
        },
      ],
      run: (input, caller) => {
        const bucket = buckets.get(String(input.Bucket));
        const key = String(input.Key ?? "");
        checkPolicy(account, bucket, caller, action, key);
        return run({ account, bucket, key, input, caller });
      },
    },
  });

  return {
    ...on("PutObject", "s3:PutObject", put),
    ...on("GetObject", "s3:GetObject", hidingMissing(read)),
    ...on("HeadObject", "s3:GetObject", hidingMissing(read)),
    ...on("DeleteObject", "s3:DeleteObject", remove),
    ...on("DeleteObjectVersion", "s3:DeleteObjectVersion", remove),
    ...on("ListObjectsV2", "s3:ListBucket", ({ bucket, input }) => ({
      ListBucketResult: listObjects(bucket, input),
    })),
    ...on("ListObjectVersions", "s3:ListBucketVersions", ({ bucket, input }) => ({
      ListVersionsResult: listVersions(bucket, input),
    })),
    ...on("HeadBucket", "s3:ListBucket", () => answer({ "x-amz-bucket-region": account.region })),
    ...on("GetObjectLockConfiguration", "s3:GetBucketObjectLockConfiguration", lockConfiguration),
    ...on("GetObjectRetention", "s3:GetObjectRetention", retention),
    ...on("GetBucketVersioning", "s3:GetBucketVersioning", ({ bucket }) => ({
      VersioningConfiguration: bucket.isVersioned ? { Status: "Enabled" } : {},
    })),
    CreateBucket: {
      needs: ({ Bucket: bucket }) => [{ action: "s3:CreateBucket", resource: `arn:aws:s3:::${bucket}` }],
      run: (input) => {
        const name = String(input.Bucket);
        buckets.make(name, {
          ObjectLockEnabled: input.$headers["x-amz-bucket-object-lock-enabled"] ?? false,
        });
        return answer({ location: `/${name}` });
      },
    },
  };
};
