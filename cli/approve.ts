/** A change says what it will do, and may be stopped before it does it. */
import { InputError } from "../lib/kit/errors.ts";
import { EXIT, ExitError } from "./exit-code.ts";
import { type Io, paint, print, tell } from "./io.ts";

export type Wish = {
  stageName: string;
  isDryRun: boolean;
  isYes: boolean;
  reason: string | undefined;
  /** The reason is kept: without one there is no change. */
  needsReason?: boolean;
};

/** Refuses a change of prod that nobody at a terminal can be asked about. */
const assertWanted = (io: Io, wish: Wish): void => {
  if (wish.stageName !== "prod" || io.isTty) return;
  if (wish.isYes && wish.reason !== undefined) return;
  throw new ExitError(
    EXIT.notApproved,
    "prod is changed without a terminal only with --yes and --reason; nothing was changed",
  );
};

const isYesSaid = (said: string): boolean => /^y(es)?$/i.test(said.trim());

/**
 * Shows the plan and resolves with whether to carry it out: never in a dry run, where the plan is the result; at a
 * terminal when the person says yes. Throws ExitError when the change is not approved, InputError
 * when its reason is missing.
 */
export const approve = async (io: Io, plan: readonly string[], wish: Wish): Promise<boolean> => {
  if (wish.isDryRun) {
    for (const line of plan) await print(io, line);
    await tell(io, "dry run: nothing was changed");
    return false;
  }
  assertWanted(io, wish);
  if (wish.needsReason && (wish.reason ?? "").trim() === "")
    throw new InputError("say why with --reason; it is kept in the record");
  for (const line of plan) await tell(io, line);
  if (wish.isYes || !io.isTty) return true;
  if (isYesSaid(await io.ask(paint(io, "bold", `Go on in ${wish.stageName}? [y/N] `)))) return true;
  throw new ExitError(EXIT.notApproved, "not approved; nothing was changed");
};

/** Who is at the keys, as far as the environment tells. */
export const actorOf = (env: Io["env"]): string =>
  env.BELLWETHER_ACTOR ?? env.GITHUB_ACTOR ?? env.USER ?? env.LOGNAME ?? "someone at the command line";
