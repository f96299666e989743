/** The names CloudFormation gives to resources that have none of their own. */
import { createHash } from "node:crypto";

const SUFFIX_LENGTH = 12;

/** `stack-LogicalId-SUFFIX`; the suffix is the same for the same stack and logical id, so that an update finds its resource. */
export const physicalName = (context: { stackName: string; logicalId: string }, maxLength = 255): string => {
  const whole = `${context.stackName}-${context.logicalId}`;
  const digest = BigInt(`0x${createHash("sha256").update(whole).digest("hex")}`)
    .toString(36)
    .toUpperCase();
  return `${whole.slice(0, maxLength - SUFFIX_LENGTH - 1)}-${digest.slice(0, SUFFIX_LENGTH)}`;
};
