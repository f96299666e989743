/** S3: buckets with versions and Object Lock. REST with XML. */
import type { Account, Service } from "../account.ts";
import { physicalName } from "../physical-name.ts";
import { createBuckets, etagOf } from "./buckets.ts";
import type { S3 } from "./face.ts";
import { s3Operations } from "./operations.ts";

const MAX_NAME_LENGTH = 63;

export const createS3 = (account: Account): S3 & { service: Service } => {
  const buckets = createBuckets();
  return {
    keys: (bucket) => [...buckets.get(bucket).objects.keys()].sort(),
    lose: (bucket, key) => {
      buckets.get(bucket).objects.delete(key);
    },
    corrupt: (bucket, key, text) => {
      const last = buckets.get(bucket).objects.get(key)?.at(-1);
      if (last === undefined) throw new Error(`there is no ${key} in ${bucket}`);
      const body = Buffer.from(text);
      Object.assign(last, { body, etag: etagOf(body), checksums: {} });
    },
    service: {
      name: "s3",
      signingName: "s3",
      protocol: "rest-xml",
      operations: s3Operations(account, buckets),
      resources: {
        "AWS::S3::Bucket": (properties, context) => {
          const name = String(properties.BucketName ?? physicalName(context, MAX_NAME_LENGTH).toLowerCase());
          buckets.make(name, properties);
          const attributes = {
            Arn: `arn:aws:s3:::${name}`,
            DomainName: `${name}.s3.amazonaws.com`,
            RegionalDomainName: `${name}.s3.${account.region}.amazonaws.com`,
          };
          return { ref: name, attributes };
        },
        "AWS::S3::BucketPolicy": (properties, context) => {
          buckets.get(String(properties.Bucket)).policy = properties.PolicyDocument;
          return { ref: physicalName(context) };
        },
      },
    },
  };
};
