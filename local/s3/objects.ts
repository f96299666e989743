/** What may be done with objects: written once, read, locked, and not deleted before their time. */
import { type Account, AwsError, type Json } from "../account.ts";
import { addVersion, type Bucket, currentOf, type Lock, type Version } from "./buckets.ts";

const FORBIDDEN = 403;
const NOT_FOUND = 404;
const PRECONDITION_FAILED = 412;

const NO_BODY = { body: Buffer.alloc(0), contentType: "", checksums: {}, metadata: {} };

const given = (headers: Json, prefix: string): Record<string, string> =>
  Object.fromEntries(
    Object.entries(headers as Record<string, string>).filter(([name]) => name.startsWith(prefix)),
  );

const lockOf = (account: Account, bucket: Bucket, headers: Json): Lock | undefined => {
  const mode = headers["x-amz-object-lock-mode"];
  const until = headers["x-amz-object-lock-retain-until-date"];
  if (mode === undefined && until === undefined)
    return bucket.defaultLock === undefined
      ? undefined
      : {
          mode: bucket.defaultLock.mode,
          untilAt: account.world.now() + bucket.defaultLock.durationMs,
        };
  if (!bucket.hasLock) throw new AwsError("InvalidRequest", "Bucket is missing Object Lock Configuration");
  const untilAt = Date.parse(String(until));
  if ((mode !== "COMPLIANCE" && mode !== "GOVERNANCE") || !(untilAt > account.world.now()))
    throw new AwsError("InvalidArgument", "The retain until date must be in the future, and the mode known.");
  return { mode, untilAt };
};

/** What an upload under a lock must bring, so that what is locked is what was sent. */
const hasDigest = (headers: Json): boolean =>
  headers["content-md5"] !== undefined ||
  Object.keys(headers).some((name) => name.startsWith("x-amz-checksum-") || name === "x-amz-trailer");

export const putObject = (account: Account, bucket: Bucket, key: string, input: Json): Version => {
  const { $headers: headers, $bytes: body } = input as { $headers: Json; $bytes: Buffer };
  if (headers["if-none-match"] === "*" && currentOf(bucket, key) !== undefined)
    throw new AwsError(
      "PreconditionFailed",
      "At least one of the pre-conditions you specified did not hold",
      PRECONDITION_FAILED,
      { Condition: "If-None-Match" },
    );
  const lock = lockOf(account, bucket, headers);
  if (lock !== undefined && !hasDigest(headers))
    throw new AwsError(
      "InvalidRequest",
      "Content-MD5 OR x-amz-checksum- HTTP header is required for Put Object requests with Object Lock parameters",
    );
  return addVersion(account, bucket, key, {
    body,
    contentType: headers["content-type"] ?? "binary/octet-stream",
    checksums: given(headers, "x-amz-checksum-"),
    metadata: given(headers, "x-amz-meta-"),
    isDeleteMarker: false,
    ...(lock && { lock }),
  });
};

/** Throws NoSuchKey or NoSuchVersion. */
export const versionOf = (bucket: Bucket, key: string, versionId: string | undefined): Version => {
  if (versionId === undefined) {
    const current = currentOf(bucket, key);
    if (current !== undefined) return current;
    throw new AwsError("NoSuchKey", "The specified key does not exist.", NOT_FOUND, { Key: key });
  }
  const found = bucket.objects.get(key)?.find(({ id }) => id === versionId);
  if (found !== undefined) return found;
  throw new AwsError("NoSuchVersion", "The specified version does not exist.", NOT_FOUND, { Key: key });
};

const isLocked = (account: Account, { lock }: Version, mayBypass: boolean): boolean =>
  lock !== undefined && lock.untilAt > account.world.now() && !(lock.mode === "GOVERNANCE" && mayBypass);

/**
 * Without a version id a versioned bucket puts a delete marker on top, lock or no lock: the versions stay. A locked version
 * itself cannot be deleted, under COMPLIANCE by nobody at all.
 */
export const deleteObject = (
  account: Account,
  bucket: Bucket,
  key: string,
  versionId: string | undefined,
  mayBypass: boolean,
): { marker?: Version } => {
  if (versionId === undefined) {
    if (bucket.isVersioned)
      return { marker: addVersion(account, bucket, key, { ...NO_BODY, isDeleteMarker: true }) };
    bucket.objects.delete(key);
    return {};
  }
  const versions = bucket.objects.get(key) ?? [];
  const version = versions.find(({ id }) => id === versionId);
  if (version !== undefined && isLocked(account, version, mayBypass))
    throw new AwsError("AccessDenied", "Access Denied because object protected by object lock.", FORBIDDEN);
  const kept = versions.filter(({ id }) => id !== versionId);
  if (kept.length > 0) bucket.objects.set(key, kept);
  else bucket.objects.delete(key);
  return {};
};
