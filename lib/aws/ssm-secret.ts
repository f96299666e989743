import { GetParameterCommand, type SSMClient } from "@aws-sdk/client-ssm";
import { MINUTE_MS } from "../kit/time.ts";
import { reachUnless } from "./failure.ts";

const KEEP_MS = 5 * MINUTE_MS;

/** A SecureString, kept for five minutes; undefined when there is none. */
export const ssmSecret = (
  client: SSMClient,
  name: string,
  now: () => number,
): (() => Promise<string | undefined>) => {
  let kept: { value: string | undefined; at: number } | undefined;
  return async () => {
    if (kept !== undefined && now() - kept.at < KEEP_MS) return kept.value;
    const answer = await reachUnless("reading a secret", ["ParameterNotFound"], undefined, () =>
      client.send(new GetParameterCommand({ Name: name, WithDecryption: true })),
    );
    kept = { value: answer?.Parameter?.Value, at: now() };
    return kept.value;
  };
};
