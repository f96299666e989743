/** `rollback`: all traffic back on the old version, verified on the alias. */
import type { Command } from "commander";
import type { Recorded } from "../../lib/app/recording.ts";
import { pursueRollback, refusalOf, rollBack } from "../../lib/app/roll-back.ts";
import { isRollingBack } from "../../lib/deployment/known.ts";
import { durationText, SECOND_MS } from "../../lib/kit/time.ts";
import { actorOf, approve } from "../approve.ts";
import { EXIT, ExitError } from "../exit-code.ts";
import { findDeployment } from "../find-deployment.ts";
import { paint, print, printJson, tell } from "../io.ts";
import { look } from "../look.ts";
import type { CliPorts } from "../parts.ts";
import { changing, connect, ending, type Session } from "../session.ts";
import { wholeNumber } from "../whole-number.ts";

const TIMEOUT_SECONDS_DEFAULT = 180;

type Options = { reason?: string; dryRun?: boolean; yes?: boolean; json?: boolean; timeout: number };

/** Why there is no way back, if there is none: what the alias serves now is asked, not assumed. */
const obstacle = async (ports: CliPorts, current: Recorded): Promise<string | undefined> => {
  const refusal = refusalOf(current, "operator");
  if (refusal !== undefined) return refusal;
  const { name, alias, from, to } = current.record.function;
  const routing = await ports.router.read(name, alias);
  if (routing === "unknown") return `alias ${alias} of ${name} does not exist`;
  if (routing.version !== from && routing.version !== to && routing.split?.version !== to)
    return `${name}:${alias} serves version ${routing.version}, which a later deployment put there; roll that one back`;
  if ((await ports.router.version(name, from)) === undefined)
    return `version ${from} of ${name} does not exist any more`;
  return undefined;
};

const planOf = (current: Recorded, stageName: string, reason: string | undefined): string[] => {
  const { record, known } = current;
  const { name, alias, from, to } = record.function;
  const way =
    known.ended === undefined
      ? `stop ${record.id}; CodeDeploy then sends all traffic back at once`
      : `deploy version ${from} with all traffic at once, past any alarm`;
  return [
    `rollback of ${record.id} in ${stageName}`,
    `  what   ${name}:${alias} from version ${to} back to version ${from}`,
    `  now    ${record.status}`,
    `  how    ${way}`,
    `  then   the alias is read until it shows 100 % version ${from}`,
    `  why    ${reason ?? "(say --reason)"}`,
  ];
};

/** Goes on until the alias shows it or time is up. */
const carryThrough = async (
  ports: CliPorts,
  id: string,
  reason: string,
  who: string,
  timeoutMs: number,
): Promise<Recorded> => {
  const startedAt = ports.clock.now();
  const when = { at: startedAt, via: "cli" } as const;
  const answer = await rollBack(ports, id, { by: "operator", who, why: reason, ...when });
  if (answer.kind === "refused") throw new ExitError(EXIT.noWayBack, answer.why);
  let { current } = answer;
  while (isRollingBack(current.known) && ports.clock.now() - startedAt < timeoutMs)
    current = await pursueRollback(ports, current, when);
  return current;
};

const sayHowItEnded = async (
  session: Session,
  { record }: Recorded,
  tookMs: number,
  asJson: boolean,
): Promise<number> => {
  const { io } = session;
  const isBack = record.status === "ROLLED_BACK";
  if (asJson) await printJson(io, record);
  const { name, alias, from } = record.function;
  if (isBack && !asJson)
    await print(
      io,
      `${paint(io, "green", "rolled back")}: ${name}:${alias} serves 100 % version ${from}, read after ${durationText(tookMs)}`,
    );
  if (!isBack)
    await tell(
      io,
      `still ${record.status} after ${durationText(tookMs)}; Bellwether goes on. Look with: bellwether show ${record.id}`,
    );
  return isBack ? EXIT.done : EXIT.stillRunning;
};

const rollback = async (session: Session, said: string, options: Options): Promise<number> => {
  const { io } = session;
  const ports = await connect(session);
  const current = await look(ports, await findDeployment(ports.store, said));
  const { id } = current.record;
  const why = await obstacle(ports, current);
  if (why !== undefined) throw new ExitError(EXIT.noWayBack, `nothing to roll back: ${why}`);
  const { stageName } = ports;
  const { reason } = options;
  const wish = {
    stageName,
    isDryRun: options.dryRun === true,
    isYes: options.yes === true,
    reason,
    needsReason: true,
  };
  if (!(await approve(io, planOf(current, stageName, reason), wish))) return EXIT.done;
  session.goesOn = `the rollback of ${id} goes on; look with: bellwether show ${id} --stage ${stageName}`;
  const startedAt = ports.clock.now();
  const ended = await changing(() =>
    carryThrough(ports, id, reason ?? "", actorOf(io.env), options.timeout * SECOND_MS),
  );
  return sayHowItEnded(session, ended, ports.clock.now() - startedAt, options.json === true);
};

export const addRollback = (program: Command, session: Session): void => {
  program
    .command("rollback")
    .description("send all traffic back to the old version, and see that it arrived")
    .argument(
      "<deployment|function>",
      "deployment id, @latest, or a function's name for its latest deployment",
    )
    .option("--reason <text>", "why; kept in the record and told to the channel")
    .option("--dry-run", "print the plan and change nothing")
    .option("--yes", "do not ask")
    .option(
      "--timeout <seconds>",
      "how long to wait for the alias",
      wholeNumber(1, 3_600),
      TIMEOUT_SECONDS_DEFAULT,
    )
    .option("--json", "print the record as JSON when it is over")
    .addHelpText(
      "after",
      "\nExits 0 when the alias was read and shows the old version, 5 when that is still under way, 8 when there is nothing\n" +
        "to roll back to, 6 when it was not approved. On prod without a terminal both --yes and --reason are needed.\n" +
        '\nExamples:\n  $ bellwether rollback checkout --stage sit --dry-run\n  $ bellwether rollback d-ABCDEFGHI --stage prod --reason "wrong prices" --yes',
    )
    .action(ending(session, (said: string, options: Options) => rollback(session, said, options)));
};
