/** Which installation a command is about. */
import { InputError } from "../lib/kit/errors.ts";
import type { Io } from "./io.ts";

export const STAGES = ["dev", "sit", "prod", "local"] as const;
export type StageName = (typeof STAGES)[number];

const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/;

/** Whether an endpoint address can only be this machine. */
export const isLoopback = (address: string): boolean =>
  URL.canParse(address) && LOOPBACK.test(new URL(address).hostname);

const isStage = (name: string): name is StageName => STAGES.some((stage) => stage === name);

/** `--stage`, else BELLWETHER_STAGE, else `local` where AWS calls stay on this machine. Throws InputError, never guesses. */
export const stageOf = (given: string | undefined, env: Io["env"]): StageName => {
  const name = given ?? env.BELLWETHER_STAGE;
  const endpoint = env.AWS_ENDPOINT_URL;
  if (name === undefined || name === "") {
    if (endpoint !== undefined && isLoopback(endpoint)) return "local";
    throw new InputError(
      `no stage given: say --stage ${STAGES.join("|")}, or set BELLWETHER_STAGE (local is assumed when AWS_ENDPOINT_URL is a loopback address)`,
    );
  }
  const lower = name.toLowerCase();
  if (!isStage(lower)) throw new InputError(`unknown stage "${name}": the stages are ${STAGES.join(", ")}`);
  return lower;
};
