/** One look of a checkup: what it sees through, and what becomes of a look that fails. */
import type { CheckupAction } from "../checkup/permissions.ts";
import type { CheckResult } from "../checkup/result.ts";
import { UnavailableError } from "../kit/errors.ts";
import type { AccountReader, SlackProbe } from "../ports/account-reader.ts";
import type { Deployer } from "../ports/deployer.ts";
import type { Policies } from "../ports/policies.ts";
import type { Router } from "../ports/router.ts";

export type ExaminePorts = {
  stage: { stage: string; account: string; region: string };
  reader: AccountReader;
  slack: SlackProbe;
  deployer: Pick<Deployer, "read">;
  router: Pick<Router, "read" | "version">;
  policies: Pick<Policies, "read">;
  clock: { now(): number };
};

const DENIED = /not authorized to perform:? ([a-z0-9-]+:\w+)/i;

export type Results = readonly CheckResult[];

/** One look and what follows from it. A look that fails is a result, whatever it was about. */
export const check = async <T>(
  id: string,
  subject: string,
  action: CheckupAction | "slack auth.test",
  see: () => Promise<T>,
  judge: (seen: T) => CheckResult | Results | Promise<Results>,
): Promise<Results> => {
  let seen: T;
  try {
    seen = await see();
  } catch (error) {
    if (!(error instanceof UnavailableError)) throw error;
    const denied = DENIED.exec(error.message)?.[1];
    return [{ kind: "could-not-look", id, subject, what: error.message, action: denied ?? action }];
  }
  return [await judge(seen)].flat();
};

export const all = async (...looks: readonly Promise<Results>[]): Promise<Results> =>
  (await Promise.all(looks)).flat();
