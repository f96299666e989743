/** Judges the canary of one deployment from settled minutes and records the verdict with its inputs. */
import { type Fact, fact, type Via } from "../deployment/fact.ts";
import { lastLook } from "../deployment/known.ts";
import { packInput, storedJudgement } from "../deployment/stored-judgement.ts";
import { ALPHA_DEFAULT, judge, MIN_HARM_DEFAULT } from "../judge/judge.ts";
import type { JudgeInput, Judgement } from "../judge/judgement.ts";
import type { Routed } from "../judge/volume.ts";
import { DAY_MS, MINUTE_MS } from "../kit/time.ts";
import { type Signal, signalName } from "../policy/policy.ts";
import type { Counts, History } from "../ports/counts.ts";
import type { Log } from "../ports/log.ts";
import type { Router } from "../ports/router.ts";
import { type Recorded, type RecordingPorts, recordFacts } from "./recording.ts";
import { weigh } from "./weigh.ts";

export type JudgePorts = RecordingPorts & { counts: Counts; router: Router; log: Log };

export type Window = { fromAt: number; untilAt: number; isShiftOver: boolean };

/** How far before the shift the baseline's own past is read. */
export const HISTORY_MS = DAY_MS;
/** Up to this many minutes every verdict is kept; of longer shifts, one in this many, and each that changes something. */
const KEEP_ALL_MINUTES = 60;
const KEEP_EVERY_MINUTES = 15;
/** Minutes of all signals together whose counts fit, with the verdict, into one item of the table. */
const INPUT_MINUTES_MAX = 8_640;

/** What is compared where no policy says otherwise. */
export const SIGNALS_DEFAULT = ["errors", "slow-calls"] as const;

/** What the last look read of the past: it does not change while a shift goes on, and is not asked for again. */
const knownHistory = ({ known }: Recorded, signals: readonly Signal[]): History | undefined => {
  const series = lastLook(known.judged)?.input.signals ?? [];
  const slowerThanMs = series.find(({ about }) => about?.slowerThanMs !== undefined)?.about?.slowerThanMs;
  const isWhole =
    (slowerThanMs !== undefined || !signals.includes("slow-calls")) &&
    signals.every((signal) =>
      series.some(({ name, history }) => name === signalName(signal) && history !== undefined),
    );
  if (!isWhole) return undefined;
  return {
    ...(slowerThanMs !== undefined && { slowerThanMs }),
    past: Object.fromEntries(series.flatMap(({ name, history }) => (history ? [[name, history]] : []))),
  };
};

/**
 * How calls were routed in each minute. While a shift goes on the canary's weight only rises, so what the alias said
 * before a minute began is the least it had in all of it.
 */
const routedIn = (
  { known }: Recorded,
  calls: readonly ({ baseline: number; canary: number } | null)[],
  fromAt: number,
): Routed[] =>
  calls.map((minute, index) => {
    const startAt = fromAt + index * MINUTE_MS;
    const weight = known.weighed.findLast(({ at }) => at <= startAt)?.canaryPercent;
    if (minute === null || weight === undefined) return null;
    return { share: weight / 100, all: minute.baseline + minute.canary, canary: minute.canary };
  });

/** Reads counts and judges them. Nothing is recorded. */
export const judgement = async (
  counts: Counts,
  current: Recorded,
  window: Window,
): Promise<{ judgement: Judgement; input: JudgeInput }> => {
  const { function: shift } = current.record;
  const policy = current.known.policed?.policy ?? null;
  const signals = policy?.signals ?? SIGNALS_DEFAULT;
  const { timeoutsMs } = current.known.described;
  const query = { function: shift, signals, ...(timeoutsMs && { timeoutsMs }) };
  const { slowerThanMs, past } =
    knownHistory(current, signals) ??
    (await counts.history({ ...query, fromAt: window.fromAt - HISTORY_MS, untilAt: window.fromAt }));
  const { series, calls } = await counts.read({
    ...query,
    fromAt: window.fromAt,
    untilAt: window.untilAt,
    ...(slowerThanMs !== undefined && { slowerThanMs }),
  });
  const input: JudgeInput = {
    alpha: policy?.falseRollbackRate ?? ALPHA_DEFAULT,
    minHarm: policy?.minHarmRate ?? MIN_HARM_DEFAULT,
    signals: series.map((each) => {
      const before = past[each.name];
      return before === undefined ? each : { ...each, history: before };
    }),
    routed: routedIn(current, calls, window.fromAt),
  };
  return { judgement: judge(input, { isShiftOver: window.isShiftOver }), input };
};

/** What is kept of this look: its verdict where it says something, its inputs where they are few or where it decides. */
const judgedFact = (
  current: Recorded,
  judged: Judgement,
  input: JudgeInput,
  window: Window,
  at: number,
): Fact[] => {
  const minutes = (window.untilAt - window.fromAt) / MINUTE_MS;
  const isShort = minutes <= KEEP_ALL_MINUTES;
  const decides = window.isShiftOver || judged.verdict !== current.known.judged.at(-1)?.judgement.verdict;
  if (!isShort && !decides && minutes % KEEP_EVERY_MINUTES !== 0) return [];
  const { isShiftOver } = window;
  const isSmall = minutes * input.signals.length <= INPUT_MINUTES_MAX;
  const inputs = isSmall && (isShort || decides) ? { input: packInput(input) } : {};
  return [fact(at, { kind: "judged", judgement: storedJudgement(judged), ...inputs, isShiftOver })];
};

/** One look at the canary, recorded: weight, exposure and verdict. */
export const judgeShift = async (
  ports: JudgePorts,
  current: Recorded,
  window: Window,
  when: { at: number; via: Via },
): Promise<{ current: Recorded; judgement: Judgement }> => {
  const { record } = current;
  const { judgement: judged, input } = await judgement(ports.counts, current, window);
  ports.log.count("VerdictGiven");
  if (judged.reason === "could-not-look") ports.log.count("JudgeBlind");
  const weighed = await weigh(ports.router, current, when.at);
  const exposure = await ports.counts.exposure({
    function: record.function,
    version: record.function.to,
    fromAt: window.fromAt,
    untilAt: when.at,
  });
  const facts = [
    ...weighed,
    ...(exposure === "unreadable" ? [] : [fact(when.at, { kind: "exposed", ...exposure, isFinal: false })]),
    ...judgedFact(current, judged, input, window, when.at),
  ];
  return { current: await recordFacts(ports, record.id, facts, when), judgement: judged };
};
