/** What commands need from the rest of the house. Loaded when first used: `--help` must not wait for the AWS SDK. */
import type { JudgePorts } from "../lib/app/judge-shift.ts";
import type { RaiseStackPorts } from "../lib/app/raise-stack.ts";
import type { RollBackPorts } from "../lib/app/roll-back.ts";
import { InputError } from "../lib/kit/errors.ts";
import type { IdentityProviders } from "../lib/ports/identity-providers.ts";
import type { Log } from "../lib/ports/log.ts";
import { accountClock } from "./account-clock.ts";
import type { Io } from "./io.ts";
import { isLoopback } from "./stage.ts";

/** The ports of one stage of one account, as far as commands use them. */
export type CliPorts = RollBackPorts & JudgePorts;

/** One account and Region, before anything of Bellwether is in it. */
export type BootstrapPorts = RaiseStackPorts & {
  providers: IdentityProviders;
  /** Whose credentials these are. */
  account(): Promise<string>;
};

export type Parts = {
  /** Connects to a stage. Throws InputError when the environment lacks what it takes. */
  connect(stage: string, env: Io["env"], log: Log): Promise<CliPorts>;
  /** Connects to an account by the caller's own credentials. */
  connectBootstrap(region: string): Promise<BootstrapPorts>;
};

const LOCAL_ENDPOINT = "http://127.0.0.1:4566";

/** The local stage stays on this machine, whatever else is set: its made-up keys must never reach AWS. */
export const environmentFor = (stage: string, env: Io["env"]): Io["env"] => {
  if (stage !== "local") return env;
  const endpoint = env.AWS_ENDPOINT_URL ?? LOCAL_ENDPOINT;
  if (!isLoopback(endpoint))
    throw new InputError(`stage local is on this machine, but AWS_ENDPOINT_URL is ${endpoint}`);
  return { ...env, AWS_ENDPOINT_URL: endpoint };
};

export const realParts: Parts = {
  connect: async (stage, env, log) => {
    const [{ wireCli }, { cliConfig }] = await Promise.all([
      import("../lib/runtime/wire.ts"),
      import("../lib/runtime/config.ts"),
    ]);
    const environment = environmentFor(stage, env);
    const ports = wireCli(await cliConfig(stage, environment), log);
    if (stage !== "local" || environment.AWS_ENDPOINT_URL === undefined) return ports;
    return { ...ports, clock: await accountClock(environment.AWS_ENDPOINT_URL) };
  },
  connectBootstrap: async (region) => (await import("../lib/runtime/wire.ts")).wireBootstrap(region),
};
