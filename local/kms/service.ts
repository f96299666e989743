/** KMS: keys for signing and for encryption, each guarded by its own policy. JSON 1.1. */
import type { Account, Service } from "../account.ts";
import { physicalName } from "../physical-name.ts";
import { checkUse } from "./access.ts";
import type { Kms } from "./face.ts";
import { createKeys } from "./keys.ts";
import { kmsOperations } from "./operations.ts";

export const createKms = (account: Account): Kms & { service: Service } => {
  const keys = createKeys(account);
  return {
    has: (keyId) => keys.find(keyId) !== undefined,
    permit: (keyId, user, uses) => {
      const key = keys.get(keyId);
      for (const use of uses) checkUse(account, key, user, use);
    },
    service: {
      name: "kms",
      signingName: "kms",
      protocol: "json-1.1",
      targetPrefix: "TrentService",
      operations: kmsOperations(account, keys),
      resources: {
        "AWS::KMS::Key": (properties, context) => {
          const key = keys.make(properties, `kms/${physicalName(context)}`);
          return { ref: key.id, attributes: { KeyId: key.id, Arn: key.arn } };
        },
        "AWS::KMS::Alias": (properties) => {
          keys.name(String(properties.AliasName), String(properties.TargetKeyId));
          return { ref: properties.AliasName };
        },
      },
    },
  };
};
