/** ListObjectsV2: keys in the order of their bytes, a page at a time. */
import type { Json } from "../account.ts";
import { type Bucket, currentOf } from "./buckets.ts";

const PAGE_MAX = 1_000;

const byBytes = (left: string, right: string): number =>
  Buffer.compare(Buffer.from(left), Buffer.from(right));

/** Everything up to the delimiter is one common prefix. */
const foldedTo = (key: string, prefix: string, delimiter: string): string | undefined => {
  if (delimiter === "") return undefined;
  const at = key.indexOf(delimiter, prefix.length);
  return at < 0 ? undefined : key.slice(0, at + delimiter.length);
};

export const listObjects = (bucket: Bucket, input: Json): Json => {
  const prefix = String(input.prefix ?? "");
  const delimiter = String(input.delimiter ?? "");
  const token = input["continuation-token"];
  const after =
    token === undefined ? String(input["start-after"] ?? "") : Buffer.from(token, "base64").toString();
  const most = Math.min(Number(input["max-keys"] ?? PAGE_MAX), PAGE_MAX);
  const named = [...bucket.objects.keys()]
    .filter((key) => key.startsWith(prefix) && currentOf(bucket, key) !== undefined)
    .map((key) => foldedTo(key, prefix, delimiter) ?? key);
  const all = [...new Set(named)].filter((name) => byBytes(name, after) > 0).sort(byBytes);
  const page = all.slice(0, most);
  const isTruncated = all.length > page.length;
  const keys = page.filter(
    (name) => delimiter === "" || !name.endsWith(delimiter) || bucket.objects.has(name),
  );
  return {
    Name: bucket.name,
    Prefix: prefix,
    KeyCount: page.length,
    MaxKeys: most,
    ...(delimiter !== "" && { Delimiter: delimiter }),
    IsTruncated: isTruncated,
    ...(isTruncated && { NextContinuationToken: Buffer.from(page.at(-1) ?? "").toString("base64") }),
    Contents: keys.map((key) => {
      const version = currentOf(bucket, key);
      return {
        Key: key,
        LastModified: new Date(version?.modifiedAt ?? 0).toISOString(),
        ETag: version?.etag,
        Size: version?.body.length ?? 0,
        StorageClass: "STANDARD",
      };
    }),
    CommonPrefixes: page.filter((name) => !keys.includes(name)).map((Prefix) => ({ Prefix })),
  };
};

/** ListObjectVersions, all on one page: newest first, as S3 does. */
export const listVersions = (bucket: Bucket, input: Json): Json => {
  const prefix = String(input.prefix ?? "");
  const rows = [...bucket.objects]
    .filter(([key]) => key.startsWith(prefix))
    .sort(([left], [right]) => byBytes(left, right))
    .flatMap(([key, versions]) =>
      [...versions].reverse().map((version, index) => ({
        isMarker: version.isDeleteMarker,
        row: {
          Key: key,
          VersionId: version.id,
          IsLatest: index === 0,
          LastModified: new Date(version.modifiedAt).toISOString(),
          ...(!version.isDeleteMarker && {
            ETag: version.etag,
            Size: version.body.length,
            StorageClass: "STANDARD",
          }),
        },
      })),
    );
  return {
    Name: bucket.name,
    Prefix: prefix,
    IsTruncated: false,
    Version: rows.filter(({ isMarker }) => !isMarker).map(({ row }) => row),
    DeleteMarker: rows.filter(({ isMarker }) => isMarker).map(({ row }) => row),
  };
};
