/** `plan`: which deployment configuration can see what, from a function's own traffic or from given numbers. */
import type { Command } from "commander";
import { HISTORY_MS, SIGNALS_DEFAULT } from "../../lib/app/judge-shift.ts";
import { ALPHA_DEFAULT, MIN_HARM_DEFAULT } from "../../lib/judge/judge.ts";
import { InputError } from "../../lib/kit/errors.ts";
import { DAY_MS, HOUR_MS, MINUTE_MS, minuteOf } from "../../lib/kit/time.ts";
import type { DeploymentConfig } from "../../lib/traffic/config.ts";
import { type Usual, usualOf } from "../../lib/traffic/usual.ts";
import {
  type Circumstances,
  mustSeeOf,
  planFor,
  planOf,
  rateText,
  rowSentence,
} from "../../lib/views/plan.ts";
import { EXIT, ExitError } from "../exit-code.ts";
import { print, printJson } from "../io.ts";
import { printPlan } from "../plan-text.ts";
import { connect, ending, type Session } from "../session.ts";
import { budgetOption, callsOption, configOption, rateOption } from "../shift-options.ts";
import { wholeNumber } from "../whole-number.ts";

/** As long as CloudWatch keeps minutes, and two of every weekday. */
const LOOK_BACK_MS = 14 * DAY_MS;
const HISTORY_MINUTES = HISTORY_MS / MINUTE_MS;
const ALIAS_DEFAULT = "live";

type Options = {
  alias: string;
  rps?: number;
  baseline?: number;
  signals?: number;
  alpha?: number;
  minHarm?: number;
  mustSee?: number;
  historyMinutes: number;
  config?: DeploymentConfig;
  check?: boolean;
  json?: boolean;
};

/** What is planned for: an alias with its traffic, or numbers alone. */
type Case = { title: string; circumstances: Circumstances; inUse?: DeploymentConfig; usual?: Usual };

const budget = (
  options: Options,
  policed?: { alpha?: number | undefined; signals?: number | undefined },
): number =>
  (options.alpha ?? policed?.alpha ?? ALPHA_DEFAULT) /
  (options.signals ?? policed?.signals ?? SIGNALS_DEFAULT.length);

const given = (options: Options): Case => {
  const { rps, baseline, mustSee } = options;
  if (rps === undefined || baseline === undefined)
    throw new InputError("say a function, or --rps and --baseline");
  return {
    title: `${rps} calls/s, ${rateText(baseline)} bad`,
    circumstances: {
      callsPerSecond: rps,
      baselineRate: baseline,
      alpha: budget(options),
      minHarm: options.minHarm ?? MIN_HARM_DEFAULT,
      historyMinutes: options.historyMinutes,
      ...(mustSee !== undefined && { mustSeeRate: mustSee }),
    },
    ...(options.config && { inUse: options.config }),
  };
};

/** The group that shifts the alias is known from its last deployment; how it shifts is read from CodeDeploy as it is now. */
const configInUse = async (
  ports: Awaited<ReturnType<typeof connect>>,
  name: string,
  alias: string,
): Promise<DeploymentConfig | undefined> => {
  const records = await ports.store.history({ service: name, limit: 20 });
  const last = records.find((record) => record.kind !== "rollback" && record.function.alias === alias);
  return last && ports.usage.config(last.application, last.deploymentGroup);
};

const ofFunction = async (session: Session, name: string, options: Options): Promise<Case> => {
  if ((options.rps ?? options.baseline) !== undefined)
    throw new InputError("either a function, or --rps and --baseline: not both");
  const ports = await connect(session);
  const { alias } = options;
  const untilAt = minuteOf(ports.clock.now());
  const read = await ports.usage.hours({ name, alias, fromAt: untilAt - LOOK_BACK_MS, untilAt });
  if (read === "missing")
    throw new InputError(`there is no ${name}:${alias} in this account and region; say --alias`);
  if ("unreadable" in read)
    throw new ExitError(EXIT.noEvidence, `could not look at ${name}:${alias}: ${read.unreadable}`);
  const firstAt = read.hours[0]?.at ?? untilAt;
  const usual = usualOf(read.hours, Math.round((untilAt - firstAt) / HOUR_MS));
  if (usual === undefined)
    throw new ExitError(
      EXIT.noEvidence,
      `${name}:${alias} had no call in 14 days: no canary can be judged by calls that do not come`,
    );
  const found = await ports.policies.read(name);
  if (found !== "none" && "broken" in found)
    throw new InputError(`the policy of ${name} cannot be used: ${found.broken}`);
  const policy = found === "none" ? undefined : found.policy;
  const inUse = options.config ?? (await configInUse(ports, name, alias));
  const circumstances = {
    callsPerSecond: usual.callsPerSecond,
    baselineRate: usual.badRate,
    alpha: budget(options, { alpha: policy?.falseRollbackRate, signals: policy?.signals?.length }),
    minHarm: options.minHarm ?? policy?.minHarmRate ?? MIN_HARM_DEFAULT,
    historyMinutes: options.historyMinutes,
    ...(options.mustSee !== undefined && { mustSeeRate: options.mustSee }),
  };
  return { title: `${name}:${alias}`, circumstances, usual, ...(inUse && { inUse }) };
};

/** What the same configuration sees in a quiet hour; nothing to say where only numbers were given. */
const quietSentence = (
  config: DeploymentConfig,
  circumstances: Circumstances,
  usual: Usual | undefined,
): string | undefined => {
  if (usual === undefined) return undefined;
  if (usual.quietCallsPerSecond === 0) return "In a quiet hour nothing is called, and nothing can be seen.";
  const row = planFor(config, { ...circumstances, callsPerSecond: usual.quietCallsPerSecond });
  return `In a quiet hour: ${rowSentence(row, mustSeeOf(circumstances))}`;
};

/** One line, and 4 when the configuration in use cannot see what must be seen: a pipeline stops by it. */
const check = async (
  session: Session,
  { circumstances, inUse, title, usual }: Case,
  asJson: boolean,
): Promise<number> => {
  if (inUse === undefined)
    throw new InputError(
      usual === undefined
        ? "say with --config how traffic shifts"
        : `how ${title} is shifted is not known: it was not deployed yet, or its deployment group is gone; say --config`,
    );
  const row = planFor(inUse, circumstances);
  const mustSeeRate = mustSeeOf(circumstances);
  const quiet = quietSentence(inUse, circumstances, usual);
  const said = [rowSentence(row, mustSeeRate), ...(quiet === undefined ? [] : [quiet])].join(" ");
  await (asJson
    ? printJson(session.io, { ...row, mustSeeRate, why: said })
    : print(session.io, `${title}: ${said}`));
  return row.isEnough ? EXIT.done : EXIT.noEvidence;
};

const run = async (session: Session, name: string | undefined, options: Options): Promise<number> => {
  const asked = name === undefined ? given(options) : await ofFunction(session, name, options);
  if (mustSeeOf(asked.circumstances) <= asked.circumstances.baselineRate)
    throw new InputError(
      `--must-see ${rateText(mustSeeOf(asked.circumstances))} is no more than what is bad already: ${rateText(asked.circumstances.baselineRate)}`,
    );
  if (options.check) return check(session, asked, options.json === true);
  const plan = planOf(asked.circumstances, asked.inUse);
  const quiet = asked.inUse && quietSentence(asked.inUse, asked.circumstances, asked.usual);
  if (options.json)
    await printJson(session.io, {
      ...plan,
      ...(asked.usual && { usual: asked.usual }),
      ...(quiet && { quiet }),
    });
  else await printPlan(session.io, { ...asked, plan, ...(quiet && { quiet }) });
  return EXIT.done;
};

export const addPlan = (program: Command, session: Session): void => {
  program
    .command("plan")
    .description(
      "which deployment configuration can see what: from a function's last 14 days, or from given numbers",
    )
    .argument("[function]", "the function whose alias is shifted")
    .option("--alias <name>", "the alias that callers use", ALIAS_DEFAULT)
    .option("--rps <n>", "calls a second, instead of a function", callsOption)
    .option("--baseline <rate>", 'bad calls of the old version, like "0.1%"', rateOption)
    .option(
      "--config <name>",
      'how traffic shifts: a predefined name, "canary:10:5" or "linear:10:1"',
      configOption,
    )
    .option(
      "--signals <n>",
      "signals that share the budget (default: the policy's, or 2)",
      wholeNumber(1, 10),
    )
    .option("--alpha <rate>", "false-rollback budget (default: the policy's, or 5%)", budgetOption)
    .option("--min-harm <rate>", "least excess worth a rollback (default: the policy's, or 0.5%)", rateOption)
    .option(
      "--must-see <rate>",
      "bad rate that must be seen (default: 5 points above the baseline)",
      rateOption,
    )
    .option(
      "--history-minutes <n>",
      "minutes of the past that the judge knows",
      wholeNumber(0, 20_160),
      HISTORY_MINUTES,
    )
    .option("--check", "only say whether the configuration in use is enough: exits 4 when it is not")
    .option("--json", "print everything as JSON")
    .addHelpText(
      "after",
      "\nExits 0; with --check 4 when too little can be seen. 4 also when there are no calls to plan with.\n" +
        "\nExamples:\n  $ bellwether plan checkout --stage prod\n  $ bellwether plan --rps 12 --baseline 0.1%\n" +
        "  $ bellwether plan checkout --check --must-see 3% && npm run deploy",
    )
    .action(ending(session, (name: string | undefined, options: Options) => run(session, name, options)));
};
