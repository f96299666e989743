/** What commands need from the rest of the house. Loaded when first used: `--help` must not wait for the AWS SDK. */
import type { ExaminePorts } from "../lib/app/checkup-look.ts";
import type { JudgePorts } from "../lib/app/judge-shift.ts";
import type { RaiseStackPorts } from "../lib/app/raise-stack.ts";
import type { RollBackPorts } from "../lib/app/roll-back.ts";
import type { VerifyPorts } from "../lib/app/verify-audit.ts";
import type { IsSigned } from "../lib/archive/check-roots.ts";
import { InputError } from "../lib/kit/errors.ts";
import type { Clock } from "../lib/ports/clock.ts";
import type { IdentityProviders } from "../lib/ports/identity-providers.ts";
import type { Log } from "../lib/ports/log.ts";
import type { VerifyingKey } from "../lib/ports/signer.ts";
import type { Usage } from "../lib/ports/usage.ts";
import { accountClock } from "./account-clock.ts";
import type { Io } from "./io.ts";
import { isLoopback } from "./stage.ts";

/** The ports of one stage of one account, as far as commands use them. */
export type CliPorts = RollBackPorts & JudgePorts & { usage: Usage };

/** What `audit verify` reads. */
export type AuditPorts = Omit<VerifyPorts, "isSigned"> & {
  verifyingKey: VerifyingKey;
  signedWith: (pems: readonly string[]) => IsSigned;
  clock: Pick<Clock, "now">;
};

/** One account and Region, before anything of Bellwether is in it. */
export type BootstrapPorts = RaiseStackPorts & {
  providers: IdentityProviders;
  /** Whose credentials these are. */
  account(): Promise<string>;
};

export type Parts = {
  /** Connects to a stage. Throws InputError when the environment lacks what it takes. */
  connect(stage: string, env: Io["env"], log: Log): Promise<CliPorts>;
  /** What a checkup looks through. */
  checkup(stage: string, env: Io["env"], log: Log): Promise<ExaminePorts>;
  /** The same, for the audit trail and its archive. */
  connectAudit(stage: string, env: Io["env"]): Promise<AuditPorts>;
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
  connectAudit: async (stage, env) => {
    const [{ signedWith, wireAudit }, { cliConfig }] = await Promise.all([
      import("../lib/runtime/wire-audit.ts"),
      import("../lib/runtime/config.ts"),
    ]);
    const environment = environmentFor(stage, env);
    const ports = { ...wireAudit(await cliConfig(stage, environment)), signedWith };
    if (stage !== "local" || environment.AWS_ENDPOINT_URL === undefined) return ports;
    return { ...ports, clock: await accountClock(environment.AWS_ENDPOINT_URL) };
  },

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
  checkup: async (stage, env, log) => {
    const [{ wireCheckup }, { cliConfig }] = await Promise.all([
      import("../lib/runtime/wire-checkup.ts"),
      import("../lib/runtime/config.ts"),
    ]);
    const environment = environmentFor(stage, env);
    const endpoint = environment.AWS_ENDPOINT_URL;
    if (stage !== "local" || endpoint === undefined)
      return wireCheckup(await cliConfig(stage, environment), log);
    // The local account plays Slack, too: its token must not leave this machine.
    const config = await cliConfig(stage, { ...environment, SLACK_API_URL: `${endpoint}/slack/api` });
    return { ...wireCheckup(config, log), clock: await accountClock(endpoint) };
  },
  connectBootstrap: async (region) => (await import("../lib/runtime/wire.ts")).wireBootstrap(region),
};
