/** Buckets: their objects' versions, oldest first, and what protects them. */
import { createHash } from "node:crypto";
import { type Account, AwsError, type Json } from "../account.ts";
import { randomText } from "../random-id.ts";

export type LockMode = "COMPLIANCE" | "GOVERNANCE";
export type Lock = { mode: LockMode; untilAt: number };

export type Version = {
  id: string;
  body: Buffer;
  etag: string;
  contentType: string;
  modifiedAt: number;
  isDeleteMarker: boolean;
  checksums: Readonly<Record<string, string>>;
  metadata: Readonly<Record<string, string>>;
  lock?: Lock;
};

export type Bucket = {
  name: string;
  arn: string;
  isVersioned: boolean;
  hasLock: boolean;
  /** What a new object's lock is, when its request says nothing. */
  defaultLock?: { mode: LockMode; durationMs: number };
  properties: Json;
  policy?: Json;
  objects: Map<string, Version[]>;
};

export type Buckets = {
  make(name: string, properties: Json): Bucket;
  /** Throws NoSuchBucket. */
  get(name: string): Bucket;
};

const NOT_FOUND = 404;
const DAY_MS = 86_400_000;
const YEAR_DAYS = 365;
const ID_LENGTH = 32;
const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._";

const defaultLockOf = (properties: Json): Bucket["defaultLock"] => {
  const rule = properties.ObjectLockConfiguration?.Rule?.DefaultRetention;
  if (rule === undefined) return undefined;
  if (rule.Mode !== "COMPLIANCE" && rule.Mode !== "GOVERNANCE")
    throw new AwsError("MalformedXML", `The retention mode ${rule.Mode} is not known.`);
  const days = Number(rule.Days ?? 0) + Number(rule.Years ?? 0) * YEAR_DAYS;
  if (!(days >= 1))
    throw new AwsError("InvalidRequest", "Default retention period must be a positive integer.");
  return { mode: rule.Mode, durationMs: days * DAY_MS };
};

export const createBuckets = (): Buckets => {
  const buckets = new Map<string, Bucket>();
  return {
    get: (name) => {
      const bucket = buckets.get(name);
      if (bucket === undefined)
        throw new AwsError("NoSuchBucket", "The specified bucket does not exist", NOT_FOUND);
      return bucket;
    },
    make: (name, properties) => {
      if (!/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(name))
        throw new AwsError("InvalidBucketName", "The specified bucket is not valid.");
      const hasLock = String(properties.ObjectLockEnabled ?? false) === "true";
      const defaultLock = defaultLockOf(properties);
      if (defaultLock !== undefined && !hasLock)
        throw new AwsError(
          "InvalidBucketState",
          "Object Lock configuration cannot be enabled on existing buckets",
        );
      const known = buckets.get(name);
      const bucket: Bucket = {
        name,
        arn: `arn:aws:s3:::${name}`,
        // Object Lock turns versioning on, and nobody can turn it off again.
        isVersioned: hasLock || properties.VersioningConfiguration?.Status === "Enabled",
        hasLock,
        ...(defaultLock && { defaultLock }),
        properties,
        ...(known?.policy && { policy: known.policy }),
        objects: known?.objects ?? new Map(),
      };
      buckets.set(name, bucket);
      return bucket;
    },
  };
};

/** The version that readers without a version id get; undefined when there is none, or a delete marker stands before it. */
export const currentOf = (bucket: Bucket, key: string): Version | undefined => {
  const last = bucket.objects.get(key)?.at(-1);
  return last === undefined || last.isDeleteMarker ? undefined : last;
};

export const etagOf = (body: Buffer): string => `"${createHash("md5").update(body).digest("hex")}"`;

/** Puts a version on top; without versioning it takes the place of what was there. */
export const addVersion = (
  account: Account,
  bucket: Bucket,
  key: string,
  given: Omit<Version, "id" | "modifiedAt" | "etag">,
): Version => {
  const version: Version = {
    ...given,
    id: bucket.isVersioned ? randomText(account.world.random("s3/versions"), ALPHABET, ID_LENGTH) : "null",
    etag: etagOf(given.body),
    modifiedAt: account.world.now(),
  };
  const before = bucket.isVersioned ? (bucket.objects.get(key) ?? []) : [];
  bucket.objects.set(key, [...before, version]);
  return version;
};
