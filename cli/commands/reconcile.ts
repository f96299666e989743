/** `reconcile`: asks CodeDeploy about every recent and open deployment and mends what events lost. */
import type { Command } from "commander";
import { type Reconciled, reconcile } from "../../lib/app/reconcile.ts";
import { EXIT } from "../exit-code.ts";
import { type Io, print, printJson, tell } from "../io.ts";
import { connect, ending, type Session } from "../session.ts";

const printText = async (io: Io, { looked, mended, failed }: Reconciled): Promise<void> => {
  await print(io, `looked at ${looked} deployments, mended ${mended.length}`);
  for (const { id, facts } of mended) await print(io, `  ${id}  ${facts.join(", ")}`);
  for (const { id, why } of failed) await tell(io, `  ${id} could not be looked at: ${why}`);
};

const run = async (session: Session, asJson: boolean): Promise<number> => {
  const ports = await connect(session);
  session.goesOn = "stopped; what was mended stays mended, and running it again does the rest";
  const done = await reconcile(ports, ports.clock.now());
  if (asJson) await printJson(session.io, done);
  else await printText(session.io, done);
  return done.failed.length > 0 ? EXIT.noEvidence : EXIT.done;
};

export const addReconcile = (program: Command, session: Session): void => {
  program
    .command("reconcile")
    .description("find what EventBridge lost: ask CodeDeploy and mend the records; safe to repeat")
    .option("--json", "print what was mended as JSON")
    .addHelpText(
      "after",
      "\nExits 4 when a deployment could not be looked at.\n\nExamples:\n  $ bellwether reconcile --stage prod",
    )
    .action(ending(session, (options: { json?: boolean }) => run(session, options.json === true)));
};
