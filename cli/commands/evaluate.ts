/** `evaluate`: the verdict now, from CloudWatch. Nothing is recorded, nothing is changed. */
import type { Command } from "commander";
import { judgement } from "../../lib/app/judge-shift.ts";
import type { Recorded } from "../../lib/app/recording.ts";
import { hasMovedTraffic, isRollback } from "../../lib/deployment/known.ts";
import { type JudgeWindow, judgeWindow } from "../../lib/deployment/next-step.ts";
import type { Judgement } from "../../lib/judge/judgement.ts";
import { InputError } from "../../lib/kit/errors.ts";
import { isoOf, MINUTE_MS } from "../../lib/kit/time.ts";
import { EXIT, ExitError } from "../exit-code.ts";
import { findDeployment, isDeploymentId, LATEST } from "../find-deployment.ts";
import { type Io, paint, print, printJson, type Style } from "../io.ts";
import { look } from "../look.ts";
import { readPolicy } from "../policy-file.ts";
import { printReplay, replaySince } from "../replay.ts";
import { connect, ending, type Session } from "../session.ts";
import { type Since, sinceOf } from "../since.ts";
import { tableText } from "../table.ts";

/** The window that the judge itself would look at. Throws ExitError 4 when there is none yet. */
export const settledWindow = ({ record, known }: Recorded, now: number): JudgeWindow => {
  const window = judgeWindow(known, now);
  if (window !== undefined) return window;
  throw new ExitError(
    EXIT.noEvidence,
    hasMovedTraffic(known)
      ? `no minute of ${record.id} has settled yet; ask again in a minute`
      : `${record.id} is ${record.status}: version ${record.function.to} has had no traffic`,
  );
};

const CODES = { pass: EXIT.done, fail: EXIT.failed, inconclusive: EXIT.noEvidence } as const;
const STYLES: Readonly<Record<Judgement["verdict"], Style>> = {
  pass: "green",
  fail: "red",
  inconclusive: "yellow",
};

const document = ({ record }: Recorded, window: JudgeWindow, judged: Judgement): object => ({
  deployment: record.id,
  service: record.service,
  function: record.function,
  status: record.status,
  from: isoOf(window.fromAt),
  until: isoOf(window.untilAt),
  isShiftOver: window.isShiftOver,
  ...judged,
});

const share = (bad: number, total: number): string =>
  total === 0 ? "-" : `${((100 * bad) / total).toFixed(2)} %`;

const printText = async (
  io: Io,
  { record }: Recorded,
  window: JudgeWindow,
  judged: Judgement,
): Promise<void> => {
  const { name, alias, from, to } = record.function;
  const minutes = (window.untilAt - window.fromAt) / MINUTE_MS;
  await print(
    io,
    `${name}:${alias}  version ${from} -> ${to}  ${record.id}  ${record.status}  ${minutes} minutes`,
  );
  const said = judged.verdict === "inconclusive" && !window.isShiftOver ? "no verdict yet" : judged.verdict;
  await print(io, `${paint(io, STYLES[judged.verdict], said)}: ${judged.why}`);
  const rows = judged.signals.map((each) => [
    each.name,
    `${each.baseline.bad}/${each.baseline.total}`,
    share(each.baseline.bad, each.baseline.total),
    `${each.canary.bad}/${each.canary.total}`,
    share(each.canary.bad, each.canary.total),
    `${each.evidence.toPrecision(3)}:1`,
    each.verdict,
  ]);
  await print(
    io,
    tableText(io, ["signal", `version ${from}`, "", `version ${to}`, "", "evidence", "verdict"], rows),
  );
};

type Options = { since?: Since; policy?: string; json?: boolean };

const evaluateSince = async (
  session: Session,
  service: string | undefined,
  since: Since,
  options: Options,
): Promise<number> => {
  const { io } = session;
  if (service === LATEST || (service !== undefined && isDeploymentId(service)))
    throw new InputError(`--since goes with a function's name, or none; ${service} is one deployment`);
  const policy = options.policy === undefined ? undefined : (await readPolicy(io, options.policy)).policy;
  const ports = await connect(session);
  const replay = await replaySince(io, ports.store, {
    sinceAt: since(ports.clock.now()),
    ...(service !== undefined && { service }),
    ...(policy && { policy }),
  });
  await printReplay(io, replay, options.json === true);
  return EXIT.done;
};

const evaluate = async (session: Session, said: string | undefined, options: Options): Promise<number> => {
  if (said === undefined) throw new InputError("say which deployment or function, or --since for past ones");
  if (options.policy !== undefined) throw new InputError("--policy goes with --since");
  const ports = await connect(session);
  const current = await look(ports, await findDeployment(ports.store, said));
  if (isRollback(current.known))
    throw new InputError(`${current.record.id} is itself a rollback; there is nothing to judge`);
  const window = settledWindow(current, ports.clock.now());
  const { judgement: judged } = await judgement(ports.counts, current, window);
  if (options.json) await printJson(session.io, document(current, window, judged));
  else await printText(session.io, current, window, judged);
  return CODES[judged.verdict];
};

export const addEvaluate = (program: Command, session: Session): void => {
  program
    .command("evaluate")
    .description(
      "judge a deployment now, from CloudWatch, or past ones again from what was stored; nothing is recorded or changed",
    )
    .argument(
      "[deployment|function]",
      "deployment id, @latest, or a function's name for its latest deployment; with --since, only that function's",
    )
    .option("--since <time>", 'judge again every deployment since: "90d", "36h", "8w" or a date', sinceOf)
    .option("--policy <file>", "with --since: as if this policy had held")
    .option("--json", "print the whole judgement as JSON")
    .addHelpText(
      "after",
      "\nExits 0 on pass, 3 on fail, 4 when there is not enough evidence or CloudWatch could not be read; with --since 0.\n" +
        "\nExamples:\n  $ bellwether evaluate checkout --stage prod\n  $ bellwether evaluate d-ABCDEFGHI --json\n" +
        "  $ bellwether evaluate --since 90d --policy stricter.json",
    )
    .action(
      ending(session, (said: string | undefined, options: Options) =>
        options.since === undefined
          ? evaluate(session, said, options)
          : evaluateSince(session, said, options.since, options),
      ),
    );
};
