/** Counts in, a verdict with reasons out. Pure: the same input gives the same bits on any machine, on any day. */
import { InputError } from "../kit/errors.ts";
import { findingOf } from "./finding.ts";
import type { JudgeInput, Judgement, SignalFinding } from "./judgement.ts";
import { sentenceOf, shortSentence } from "./sentence.ts";
import { volumeOf } from "./volume.ts";

/** The false-rollback budget of one deployment: at most one in twenty, however often one looks. */
export const ALPHA_DEFAULT = 0.05;

/** A difference below half a percentage point is not worth a rollback. */
export const MIN_HARM_DEFAULT = 0.005;

/** Odds ratio that a canary must be shown to stay below to be called healthy. */
export const MAX_TOLERATED_DEFAULT = 2;

/** alpha lies between 0 and 1, minHarm from 0 to 1, maxTolerated above 1. */
const assertSettings = ({ alpha, minHarm, maxTolerated = MAX_TOLERATED_DEFAULT }: JudgeInput): void => {
  if (!(alpha > 0 && alpha < 1)) throw new InputError(`alpha must be a number between 0 and 1, not ${alpha}`);
  if (!(minHarm >= 0 && minHarm <= 1))
    throw new InputError(`minHarm must be a number from 0 to 1, not ${minHarm}`);
  if (!(maxTolerated > 1 && maxTolerated < Number.POSITIVE_INFINITY))
    throw new InputError(`maxTolerated must be a number above 1, not ${maxTolerated}`);
};

/** The least of these speaks for the whole: a failure first, then what could not be seen, then the pass. */
const rankOf = ({ verdict, reason }: SignalFinding): number => {
  if (verdict === "fail") return 0;
  if (verdict === "pass") return 3;
  return reason === "could-not-look" ? 1 : 2;
};

/** The finding that decides: worst verdict, then earliest minute, then most evidence, then first named. */
const decisive = (findings: readonly SignalFinding[]): SignalFinding | undefined =>
  [...findings].sort(
    (one, other) =>
      rankOf(one) - rankOf(other) ||
      (one.verdict === "fail" ? one.minute - other.minute : 0) ||
      other.evidence - one.evidence,
  )[0];

/**
 * Judges the minutes read so far. Minute k is judged on minutes 1..k only, and a failure stands from its minute on.
 * While the shift is not over only `fail` is final: `inconclusive` then means "keep watching", and `pass` is never said.
 * Minutes that are null, missing from a shorter signal, or not counts at all make a pass impossible; history that is
 * not counts is no history. Throws InputError for settings out of range, and for nothing in the data.
 */
export const judge = (input: JudgeInput, { isShiftOver }: { isShiftOver: boolean }): Judgement => {
  assertSettings(input);
  const alpha = input.alpha / Math.max(1, input.signals.length);
  const minutes = Math.max(0, ...input.signals.map((series) => series.minutes.length));
  const terms = {
    alpha,
    minHarm: input.minHarm,
    maxTolerated: input.maxTolerated ?? MAX_TOLERATED_DEFAULT,
    minutes,
    isShiftOver,
  };
  const signals = input.signals.map((series) => findingOf(series, terms));
  const first = decisive(signals);
  if (first === undefined)
    return {
      verdict: "inconclusive",
      reason: "could-not-look",
      minute: 0,
      signal: "",
      evidence: 1,
      bar: 1 / alpha,
      why: "Could not look: no signal was given.",
      signals,
      evidenceByMinute: [],
    };
  const volume = input.routed && volumeOf(input.routed);
  // A canary that hardly gets any calls has not been looked at, however well it answered those.
  const isShort = volume?.isShort === true && first.verdict !== "fail";
  const reason = isShort ? "could-not-look" : first.reason;
  return {
    verdict: isShort ? "inconclusive" : first.verdict,
    ...(reason === undefined ? {} : { reason }),
    minute: first.minute,
    signal: first.name,
    evidence: first.evidence,
    bar: first.bar,
    why: isShort ? shortSentence(volume) : sentenceOf(first),
    signals,
    evidenceByMinute: first.evidenceByMinute,
    ...(first.needs === undefined ? {} : { needs: first.needs }),
    ...(volume === undefined ? {} : { volume }),
  };
};
