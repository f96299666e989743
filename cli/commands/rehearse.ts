/** `rehearse`: how often a policy would come to each verdict, on a recorded deployment or on modelled callers. */
import type { Command } from "commander";
import { HISTORY_MS, SIGNALS_DEFAULT } from "../../lib/app/judge-shift.ts";
import { unpackInput } from "../../lib/deployment/stored-judgement.ts";
import { ALPHA_DEFAULT, judge, MIN_HARM_DEFAULT } from "../../lib/judge/judge.ts";
import type { JudgeInput, Verdict } from "../../lib/judge/judgement.ts";
import { type Chances, redraw, rehearse } from "../../lib/judge/rehearse.ts";
import { drawSeries } from "../../lib/judge/sight.ts";
import { InputError } from "../../lib/kit/errors.ts";
import { MINUTE_MS } from "../../lib/kit/time.ts";
import type { Policy } from "../../lib/policy/policy.ts";
import { type DeploymentConfig, minutesOf, predefinedNamed } from "../../lib/traffic/config.ts";
import { weightsByMinute } from "../../lib/traffic/shift.ts";
import { underPolicy } from "../../lib/views/replay.ts";
import { EXIT, ExitError } from "../exit-code.ts";
import { findRecord } from "../find-deployment.ts";
import { print, printJson } from "../io.ts";
import { readPolicy } from "../policy-file.ts";
import { connect, ending, type Session } from "../session.ts";
import { callsOption, configOption, rateOption } from "../shift-options.ts";
import { tableText } from "../table.ts";
import { wholeNumber } from "../whole-number.ts";

const RUNS_DEFAULT = 1_000;
const RUNS_MOST = 20_000;
const HISTORY_MINUTES_DEFAULT = HISTORY_MS / MINUTE_MS;
const CONFIG_DEFAULT = "LambdaCanary10Percent5Minutes";
const SEED_MOST = 2 ** 31 - 1;

type Options = {
  rps?: number;
  baseline?: number;
  canary?: number;
  config?: DeploymentConfig;
  historyMinutes: number;
  policy?: string;
  runs: number;
  seed: number;
  json?: boolean;
};

/** One row: who the canary is, and what becomes of it. */
type Role = { readonly name: string; readonly chances: Chances };

type Rehearsal = {
  readonly of: string;
  readonly policy: { alpha: number; minHarm: number; onInconclusive?: Policy["onInconclusive"] };
  /** A recorded deployment judged once as it was. */
  readonly asItWas?: { verdict: Verdict; minute: number; why: string };
  readonly roles: readonly Role[];
};

const ofRecorded = async (
  session: Session,
  said: string,
  policy: Policy | undefined,
  { runs, seed }: Options,
): Promise<Rehearsal> => {
  const { store } = await connect(session);
  const { record, lines } = await findRecord(store, said);
  const look = lines
    .map(({ fact }) => fact)
    .findLast((fact) => fact.kind === "judged" && fact.input !== undefined);
  if (look?.kind !== "judged" || look.input === undefined)
    throw new ExitError(EXIT.noEvidence, `${record.id} has no verdict that stored what it saw`);
  const input = underPolicy(unpackInput(look.input), policy);
  if (input.signals.length === 0) throw new InputError("the policy names no signal that was counted then");
  const { verdict, minute, why } = judge(input, { isShiftOver: true });
  const { name, from, to } = record.function;
  return {
    of: `${record.id}, ${name} ${from} -> ${to}, ${input.signals[0]?.minutes.length ?? 0} minutes`,
    policy: {
      alpha: input.alpha,
      minHarm: input.minHarm,
      ...(policy && { onInconclusive: policy.onInconclusive }),
    },
    asItWas: { verdict, minute, why },
    roles: [
      { name: "as bad as it was", chances: rehearse(redraw(input, "itself"), runs, seed) },
      { name: "no worse than the old one", chances: rehearse(redraw(input, "like-baseline"), runs, seed) },
    ],
  };
};

/** Each signal takes its share of the budget; the one that goes bad is played, with the share it has. */
const ofModel = (policy: Policy | undefined, options: Options): Rehearsal => {
  const { rps, baseline, canary, runs, seed } = options;
  if (rps === undefined || baseline === undefined || canary === undefined)
    throw new InputError("say a deployment or function, or --rps, --baseline and --canary");
  const config = options.config ?? predefinedNamed(CONFIG_DEFAULT);
  const weights = config === undefined ? [] : weightsByMinute(config);
  if (config === undefined || weights.length === 0)
    throw new InputError(`${config?.name} shifts all calls at once: there is nothing to compare`);
  const alpha = (policy?.falseRollbackRate ?? ALPHA_DEFAULT) / (policy?.signals ?? SIGNALS_DEFAULT).length;
  const minHarm = policy?.minHarmRate ?? MIN_HARM_DEFAULT;
  const plan = {
    callsPerMinute: rps * 60,
    weights,
    baselineRate: baseline,
    alpha,
    minHarm,
    historyMinutes: options.historyMinutes,
  };
  const played = (rate: number): Chances =>
    rehearse(
      (random): JudgeInput => ({
        alpha,
        minHarm,
        signals: [{ name: "bad calls", ...drawSeries(random, plan, rate) }],
      }),
      runs,
      seed,
    );
  return {
    of: `${rps} calls/s, ${config.name}, ${minutesOf(config)} minutes`,
    policy: { alpha, minHarm, ...(policy && { onInconclusive: policy.onInconclusive }) },
    roles: [
      { name: `${percent(canary)} bad calls`, chances: played(canary) },
      { name: `no worse: ${percent(baseline)}`, chances: played(baseline) },
    ],
  };
};

const percent = (rate: number): string => `${Number((100 * rate).toPrecision(3))} %`;

const HEADS = [
  "the new version",
  "fail",
  "pass",
  "inconclusive",
  "decided in minute",
  "bad calls met",
] as const;

const rowOf = ({ name, chances }: Role): string[] => {
  const { shares, minute, badCalls } = chances;
  return [
    name,
    percent(shares.fail),
    percent(shares.pass),
    percent(shares.inconclusive),
    shares.fail === 0 ? "-" : minute.toFixed(1),
    shares.fail === 0 ? "-" : badCalls.toFixed(0),
  ];
};

const run = async (session: Session, said: string | undefined, options: Options): Promise<number> => {
  const { io } = session;
  const policy = options.policy === undefined ? undefined : (await readPolicy(io, options.policy)).policy;
  if (
    said !== undefined &&
    (options.rps ?? options.baseline ?? options.canary ?? options.config) !== undefined
  )
    throw new InputError(
      "either a recorded deployment, or --rps, --baseline, --canary and --config: not both",
    );
  const rehearsal =
    said === undefined ? ofModel(policy, options) : await ofRecorded(session, said, policy, options);
  if (options.json) {
    await printJson(io, rehearsal);
    return EXIT.done;
  }
  const { asItWas, policy: held } = rehearsal;
  await print(io, `${rehearsal.of}; budget ${percent(held.alpha)}, least harm ${percent(held.minHarm)}`);
  if (asItWas) await print(io, `as it was: ${asItWas.verdict} at minute ${asItWas.minute}. ${asItWas.why}`);
  await print(io, `played ${options.runs} times, seed ${options.seed}:`);
  await print(io, tableText(io, HEADS, rehearsal.roles.map(rowOf)));
  if (held.onInconclusive !== undefined) await print(io, `inconclusive means: ${held.onInconclusive}`);
  return EXIT.done;
};

export const addRehearse = (program: Command, session: Session): void => {
  program
    .command("rehearse")
    .description(
      "play a policy many times on a recorded deployment or on modelled callers: the chance of each verdict",
    )
    .argument("[deployment|function]", "a recorded deployment: its calls, its bad ones drawn anew")
    .option("--rps <n>", "modelled: calls a second", callsOption)
    .option("--baseline <rate>", 'modelled: bad calls of the old version, like "0.1%"', rateOption)
    .option("--canary <rate>", "modelled: bad calls of the new version", rateOption)
    .option("--config <name>", `modelled: how traffic shifts (default: ${CONFIG_DEFAULT})`, configOption)
    .option(
      "--history-minutes <n>",
      "modelled: minutes of the old version's past that the judge knows",
      wholeNumber(0, 20_160),
      HISTORY_MINUTES_DEFAULT,
    )
    .option("--policy <file>", "the policy to play; the defaults, or what was judged by, unless given")
    .option("--runs <n>", "how many times", wholeNumber(1, RUNS_MOST), RUNS_DEFAULT)
    .option("--seed <n>", "the same seed gives the same answer", wholeNumber(0, SEED_MOST), 1)
    .option("--json", "print everything as JSON")
    .addHelpText(
      "after",
      "\nExamples:\n  $ bellwether rehearse checkout --stage prod --policy stricter.json\n" +
        "  $ bellwether rehearse --rps 12 --baseline 0.1% --canary 3% --config canary:10:10",
    )
    .action(ending(session, (said: string | undefined, options: Options) => run(session, said, options)));
};
