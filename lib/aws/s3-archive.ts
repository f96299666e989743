import { GetObjectCommand, ListObjectsV2Command, PutObjectCommand, type S3Client } from "@aws-sdk/client-s3";
import { UnavailableError } from "../kit/errors.ts";
import type { Archive } from "../ports/archive.ts";
import { reach, reachUnless } from "./failure.ts";

/** Pages of a thousand keys; seven years of hours are 62. */
const PAGES_MAX = 100;
const CONTENT_TYPE = "application/json";

/** The bucket's default retention locks what is put. */
export const s3Archive = (client: S3Client, bucket: string): Archive => ({
  put: (key, text) =>
    reachUnless(
      `archiving ${key}`,
      // A conflict is a writer at the same instant: it was first.
      ["PreconditionFailed", "ConditionalRequestConflict"],
      "exists" as const,
      async () => {
        await client.send(
          new PutObjectCommand({
            Bucket: bucket,
            Key: key,
            Body: text,
            ContentType: CONTENT_TYPE,
            IfNoneMatch: "*",
          }),
        );
        return "stored" as const;
      },
    ),

  get: (key) =>
    reachUnless(`reading ${key}`, ["NoSuchKey"], undefined, async () =>
      (await client.send(new GetObjectCommand({ Bucket: bucket, Key: key }))).Body?.transformToString(),
    ),

  list: async (prefix, after) => {
    const keys: string[] = [];
    let token: string | undefined;
    for (let page = 0; page < PAGES_MAX; page += 1) {
      const answer = await reach(`listing ${prefix}`, () =>
        client.send(
          new ListObjectsV2Command({
            Bucket: bucket,
            Prefix: prefix,
            ...(after !== undefined && { StartAfter: after }),
            ...(token !== undefined && { ContinuationToken: token }),
          }),
        ),
      );
      keys.push(...(answer.Contents ?? []).flatMap(({ Key }) => Key ?? []));
      token = answer.NextContinuationToken;
      if (token === undefined) return keys;
    }
    throw new UnavailableError(`more than ${PAGES_MAX} pages under ${prefix} in ${bucket}`);
  },
});
