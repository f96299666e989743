/** The whole command line as commander sees it, and what becomes of its end. */
import { Command } from "commander";
import packageJson from "../package.json" with { type: "json" };
import { addAudit } from "./commands/audit.ts";
import { addBootstrap } from "./commands/bootstrap.ts";
import { addDemo } from "./commands/demo.ts";
import { addDoctor } from "./commands/doctor.ts";
import { addEvaluate } from "./commands/evaluate.ts";
import { addExplain } from "./commands/explain.ts";
import { addHistory } from "./commands/history.ts";
import { addJudge } from "./commands/judge.ts";
import { addLocal } from "./commands/local.ts";
import { addPlan } from "./commands/plan.ts";
import { addPolicy } from "./commands/policy.ts";
import { addReconcile } from "./commands/reconcile.ts";
import { addRehearse } from "./commands/rehearse.ts";
import { addRollback } from "./commands/rollback.ts";
import { addShow } from "./commands/show.ts";
import { addStatus } from "./commands/status.ts";
import { exitCodeOf, lineOf } from "./exit-code.ts";
import { type Io, paint, tell } from "./io.ts";
import { type Parts, realParts } from "./parts.ts";
import { closeAll, interruption, newSession, type Session } from "./session.ts";
import { STAGES } from "./stage.ts";

const EXIT_CODES = `
Exit codes: 0 done or pass · 1 internal error · 2 usage · 3 verdict fail or rolled back · 4 not enough evidence or
could not look · 5 still running · 6 approval missing · 7 frozen or on hold · 8 nothing to roll back to
`;

const EXAMPLES = `
Examples:
  $ bellwether demo --scenario bad-errors        see a bad version taken back, on this machine
  $ bellwether status --stage prod               what is being deployed now
  $ bellwether explain @latest --stage prod      why the last deployment ended as it did
  $ bellwether evaluate checkout --stage prod    the verdict now, from CloudWatch
`;

const ADDERS = [
  addStatus,
  addHistory,
  addShow,
  addExplain,
  addEvaluate,
  addPlan,
  addRehearse,
  addRollback,
  addReconcile,
  addDoctor,
  addAudit,
  addPolicy,
  addJudge,
  addLocal,
  addDemo,
  addBootstrap,
] as const;

const isDefined = (entry: readonly [string, unknown]): boolean => entry[1] !== undefined;

/** Builds the command line. Nothing runs until it is parsed. */
export const buildProgram = (session: Session): Command => {
  const { io } = session;
  const program = new Command("bellwether")
    .description(
      "Safe AWS Lambda deployments: judges canaries, takes worse ones back, keeps the record and says why",
    )
    .version(packageJson.version, "-v, --version", "print the version")
    .option("--stage <stage>", `which installation: ${STAGES.join(", ")} (default: BELLWETHER_STAGE)`)
    .option("--debug", "print the stack of an error")
    .addHelpText("after", `${EXAMPLES}${EXIT_CODES}`)
    .exitOverride()
    .configureHelp({ showGlobalOptions: true, helpWidth: io.columns })
    .configureOutput({
      writeOut: (text) => io.stdout.write(text),
      writeErr: (text) => io.stderr.write(text),
      getOutHasColors: () => io.colour,
      getErrHasColors: () => io.colour,
      getOutHelpWidth: () => io.columns,
      getErrHelpWidth: () => io.columns,
    });
  program.hook("preAction", () => {
    session.common = Object.fromEntries(Object.entries(program.opts()).filter(isDefined));
  });
  for (const add of ADDERS) add(program, session);
  return program;
};

const complain = async (session: Session, thrown: unknown): Promise<void> => {
  const { io } = session;
  const line = lineOf(thrown);
  if (line !== undefined) await tell(io, `${paint(io, "red", "bellwether:")} ${line}`);
  if (session.common.debug && thrown instanceof Error) await tell(io, thrown.stack ?? "");
};

/** Runs one command line to its end and resolves with the exit code. Never rejects. */
export const runCli = async (args: readonly string[], io: Io, parts: Parts = realParts): Promise<number> => {
  const session = newSession(io, parts);
  const program = buildProgram(session);
  try {
    await Promise.race([program.parseAsync(args, { from: "user" }), interruption(session)]);
    return session.code;
  } catch (thrown) {
    await complain(session, thrown);
    return exitCodeOf(thrown);
  } finally {
    await closeAll(session);
  }
};
