/** Keys for the account's functions. The same role and function have the same keys: a run tells nothing of the machine it ran on. */
import { createHash } from "node:crypto";

export type Credentials = { accessKeyId: string; secretAccessKey: string; sessionToken: string };
export type Holder = { roleArn: string; functionName: string };

const BASE32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
const KEY_LENGTH = 16;
const SECRET_LENGTH = 40;

const digest = (text: string): Buffer => createHash("sha256").update(text).digest();

export const createCredentialBook = () => {
  const holders = new Map<string, Holder>();
  return {
    issue: (holder: Holder): Credentials => {
      const seed = `${holder.roleArn} ${holder.functionName}`;
      const letters = [...digest(`key ${seed}`)].map((byte) => BASE32.charAt(byte % BASE32.length));
      const accessKeyId = `ASIA${letters.join("").slice(0, KEY_LENGTH)}`;
      holders.set(accessKeyId, holder);
      return {
        accessKeyId,
        secretAccessKey: digest(`secret ${seed}`).toString("base64").slice(0, SECRET_LENGTH),
        sessionToken: digest(`token ${seed}`).toString("base64"),
      };
    },
    holderOf: (accessKeyId: string): Holder | undefined => holders.get(accessKeyId),
  };
};
