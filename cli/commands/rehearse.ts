/** `rehearse`: how often a policy would come to each verdict, on a recorded deployment or on modelled callers. */
import { setImmediate } from "node:timers/promises";
import type { Command } from "commander";
import { HISTORY_MS, SIGNALS_DEFAULT } from "../../lib/app/judge-shift.ts";
import { lastLook } from "../../lib/deployment/known.ts";
import { unpackInput } from "../../lib/deployment/stored-judgement.ts";
import type { Random } from "../../lib/judge/chance.ts";
import { ALPHA_DEFAULT, judge, MIN_HARM_DEFAULT } from "../../lib/judge/judge.ts";
import type { JudgeInput, Verdict } from "../../lib/judge/judgement.ts";
import { type Chances, newRehearsal, redraw } from "../../lib/judge/rehearse.ts";
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

/** Between two looks at whether the person still wants to know. */
const MINUTES_AT_ONCE = 20_000;

/** Plays them all, a few at a time: a synchronous loop would hear no signal. */
const playAll = async (
  session: Session,
  draw: (random: Random) => JudgeInput,
  minutes: number,
  { runs, seed }: Options,
): Promise<Chances> => {
  const rehearsal = newRehearsal(draw, seed);
  const atOnce = Math.max(1, Math.floor(MINUTES_AT_ONCE / Math.max(1, minutes)));
  for (let played = 0; played < runs; played += atOnce) {
    if (session.io.stop.aborted) throw new ExitError(EXIT.interrupted, "stopped; nothing was changed");
    rehearsal.play(Math.min(atOnce, runs - played));
    await setImmediate();
  }
  return rehearsal.chances();
};

/** One row: who the canary is, and what becomes of it. */
type Role = { readonly name: string; readonly chances: Chances };

type Rehearsal = {
  readonly of: string;
  /** `alpha`: the whole budget, which `signals` share. */
  readonly policy: {
    alpha: number;
    signals: number;
    minHarm: number;
    onInconclusive?: Policy["onInconclusive"];
  };
  /** A recorded deployment judged once as it was. */
  readonly asItWas?: { verdict: Verdict; minute: number; why: string };
  readonly roles: readonly Role[];
};

const ofRecorded = async (
  session: Session,
  said: string,
  policy: Policy | undefined,
  options: Options,
): Promise<Rehearsal> => {
  const { store } = await connect(session);
  const { record, lines } = await findRecord(store, said);
  const look = lastLook(lines.map((line) => line.fact));
  if (look === undefined)
    throw new ExitError(EXIT.noEvidence, `${record.id} has no verdict that stored what it saw`);
  const input = underPolicy(unpackInput(look.input), policy);
  const { verdict, minute, why } = judge(input, { isShiftOver: look.isShiftOver });
  const minutes = input.signals[0]?.minutes.length ?? 0;
  const { name, from, to } = record.function;
  return {
    of: `${record.id}, ${name} ${from} -> ${to}, ${minutes} minutes`,
    policy: {
      alpha: input.alpha,
      signals: input.signals.length,
      minHarm: input.minHarm,
      ...(policy && { onInconclusive: policy.onInconclusive }),
    },
    asItWas: { verdict, minute, why },
    roles: [
      {
        name: "as bad as it was",
        chances: await playAll(session, redraw(input, "itself"), minutes, options),
      },
      {
        name: "no worse than the old one",
        chances: await playAll(session, redraw(input, "like-baseline"), minutes, options),
      },
    ],
  };
};

/** Each signal takes its share of the budget; the one that goes bad is played, with the share it has. */
const ofModel = async (
  session: Session,
  policy: Policy | undefined,
  options: Options,
): Promise<Rehearsal> => {
  const { rps, baseline, canary } = options;
  if (rps === undefined || baseline === undefined || canary === undefined)
    throw new InputError("say a deployment or function, or --rps, --baseline and --canary");
  const config = options.config ?? predefinedNamed(CONFIG_DEFAULT);
  const weights = config === undefined ? [] : weightsByMinute(config);
  if (config === undefined || weights.length === 0)
    throw new InputError(`${config?.name} shifts all calls at once: there is nothing to compare`);
  const signals = (policy?.signals ?? SIGNALS_DEFAULT).length;
  const whole = policy?.falseRollbackRate ?? ALPHA_DEFAULT;
  const alpha = whole / signals;
  const minHarm = policy?.minHarmRate ?? MIN_HARM_DEFAULT;
  const plan = {
    callsPerMinute: rps * 60,
    weights,
    baselineRate: baseline,
    alpha,
    minHarm,
    historyMinutes: options.historyMinutes,
  };
  const played = (rate: number): Promise<Chances> =>
    playAll(
      session,
      (random): JudgeInput => ({
        alpha,
        minHarm,
        signals: [{ name: "bad calls", ...drawSeries(random, plan, rate) }],
      }),
      weights.length,
      options,
    );
  return {
    of: `${rps} calls/s, ${config.name}, ${minutesOf(config)} minutes`,
    policy: { alpha: whole, signals, minHarm, ...(policy && { onInconclusive: policy.onInconclusive }) },
    roles: [
      { name: `${percent(canary)} bad calls`, chances: await played(canary) },
      { name: `no worse: ${percent(baseline)}`, chances: await played(baseline) },
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
    said === undefined
      ? await ofModel(session, policy, options)
      : await ofRecorded(session, said, policy, options);
  if (options.json) {
    await printJson(io, rehearsal);
    return EXIT.done;
  }
  const { asItWas, policy: held } = rehearsal;
  await print(
    io,
    `${rehearsal.of}; budget ${percent(held.alpha)} over ${held.signals === 1 ? "one signal" : `${held.signals} signals`}, least harm ${percent(held.minHarm)}`,
  );
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
