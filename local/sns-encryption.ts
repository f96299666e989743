/**
 * Topics encrypted with a key: who publishes must be let by that key to make a data key and to open it
 * (SNS developer guide, "Configure AWS KMS permissions").
 */
import { type Account, AwsError } from "./account.ts";
import type { KeyUser } from "./kms/face.ts";

/** Its policy lets the account's callers publish, but no AWS service: nobody can change it. */
const MANAGED_KEY = /^(arn:aws:kms:[^:]+:[^:]+:)?alias\/aws\/sns$/;

const FORBIDDEN_STATUS = 400;

const refused = (code: string, message: string): AwsError => new AwsError(code, message, FORBIDDEN_STATUS);

/** Throws KMSAccessDenied or KMSNotFound as SNS does. `keyId`: the topic's KmsMasterKeyId; without one nobody is asked. */
export const checkPublisher = (
  account: Account,
  topic: { arn: string; keyId: string | undefined },
  publisher: KeyUser,
): void => {
  const { keyId } = topic;
  if (keyId === undefined || keyId === "") return;
  if (MANAGED_KEY.test(keyId)) {
    if ("principal" in publisher)
      throw refused("KMSAccessDenied", `${publisher.principal} may not use the key alias/aws/sns`);
    return;
  }
  const conditions = {
    "kms:ViaService": `sns.${account.region}.amazonaws.com`,
    "kms:EncryptionContext:aws:sns:topicArn": topic.arn,
  };
  try {
    account.kms.permit(keyId, publisher, [
      { action: "kms:GenerateDataKey", conditions },
      { action: "kms:Decrypt", conditions },
    ]);
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    throw refused(error.code === "NotFoundException" ? "KMSNotFound" : "KMSAccessDenied", error.message);
  }
};
