/** `doctor`: whether the account would take a bad version back, looked at from outside. Reads only. */
import type { Command } from "commander";
import { examine } from "../../lib/app/examine.ts";
import { checkupPolicy } from "../../lib/checkup/permissions.ts";
import type { CheckResult, Finding } from "../../lib/checkup/result.ts";
import { InputError } from "../../lib/kit/errors.ts";
import { EXIT } from "../exit-code.ts";
import { type Io, paint, print, printJson, tell } from "../io.ts";
import { cliLog } from "../log.ts";
import { ending, type Session } from "../session.ts";
import { stageOf } from "../stage.ts";

type Options = { json?: boolean; all?: boolean; printPolicy?: boolean };

const ORDER = ["broken", "risk", "note"] as const;
const COLOURS = { broken: "red", risk: "yellow", note: "cyan" } as const;

/** Broken wins over not having been able to look: one is known, the other may be. */
const codeOf = (results: readonly CheckResult[]): number => {
  if (results.some(({ kind }) => kind === "broken")) return EXIT.failed;
  return results.some(({ kind }) => kind === "could-not-look") ? EXIT.noEvidence : EXIT.done;
};

const printFinding = async (io: Io, { kind, subject, what, why, mend }: Finding): Promise<void> => {
  await print(io, `${paint(io, COLOURS[kind], kind)}  ${subject}: ${what}`);
  await print(io, `  why   ${why}`);
  await print(io, `  mend  ${mend}`);
};

const printText = async (io: Io, results: readonly CheckResult[], isAll: boolean): Promise<void> => {
  for (const kind of ORDER)
    for (const result of results) if (result.kind === kind) await printFinding(io, result as Finding);
  for (const result of results)
    if (result.kind === "could-not-look")
      await print(io, `could not look  ${result.subject}: needs ${result.action} (${result.what})`);
  const good = results.filter(({ kind }) => kind === "fine");
  if (isAll) for (const { subject, what } of good) await print(io, `fine  ${subject}: ${what}`);
  await print(io, `${good.length} of ${results.length} checks are fine${isAll ? "" : "; --all lists them"}`);
};

const assertSomeMatched = (results: readonly CheckResult[], wanted: readonly string[]): void => {
  const isGroup = ({ id }: CheckResult): boolean => ["rollback-events", "group", "groups"].includes(id);
  const missing = wanted.filter(
    (name) =>
      !results.some(
        (result) => isGroup(result) && result.subject.split("/").concat(result.subject).includes(name),
      ),
  );
  if (missing.length > 0 && !results.some(({ id }) => id === "groups"))
    throw new InputError(`no Lambda deployment group of CodeDeploy is named ${missing.join(", ")}`);
};

const doctor = async (session: Session, wanted: readonly string[], options: Options): Promise<number> => {
  const { io, parts } = session;
  const stage = stageOf(session.common.stage, io.env);
  if (options.printPolicy === true) {
    await printJson(io, checkupPolicy(stage));
    return EXIT.done;
  }
  const ports = await parts.checkup(stage, io.env, cliLog(io, session.common.debug === true));
  const telling: Promise<void>[] = [];
  const results = await examine(ports, wanted, (what) => telling.push(tell(io, `looking at ${what}`)));
  await Promise.all(telling);
  assertSomeMatched(results, wanted);
  if (options.json === true) await printJson(io, { stage, results });
  else await printText(io, results, options.all === true);
  return codeOf(results);
};

export const addDoctor = (program: Command, session: Session): void => {
  program
    .command("doctor")
    .description(
      "check that the account would take a bad version back, and say what to mend; changes nothing",
    )
    .argument(
      "[group...]",
      "CodeDeploy application, group or application/group; all Lambda ones of the account when none is named",
    )
    .option("--all", "list what is fine, too")
    .option("--json", "print every result as JSON")
    .option("--print-policy", "print the IAM policy that running this takes, and look at nothing")
    .addHelpText(
      "after",
      "\nExits 0 when nothing is broken, 3 when something is, 4 when a check could not look.\n" +
        "\nExamples:\n  $ bellwether doctor --stage prod\n  $ bellwether doctor checkout --stage sit --json\n" +
        "  $ bellwether doctor --stage prod --print-policy > doctor.json",
    )
    .action(
      ending(session, (wanted: readonly string[], options: Options) => doctor(session, wanted, options)),
    );
};
