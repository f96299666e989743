/** The judge's answer: plain data that serialises, and from whose inputs the same bits can be computed again. */
import type { Arm, SignalNote, SignalSeries } from "./counts.ts";
import type { Needs } from "./needs.ts";
import type { Routed, Volume } from "./volume.ts";
import type { Witness } from "./weighing.ts";

export type Verdict = "pass" | "fail" | "inconclusive";

/** Why there is no answer: too little was seen, or it could not be looked at. */
export type Reason = "not-enough-evidence" | "could-not-look";

/** alpha: the false-rollback budget 0-1, shared by all signals. minHarm: absolute excess bad rate 0-1. */
export type JudgeInput = {
  readonly alpha: number;
  readonly minHarm: number;
  readonly maxTolerated?: number;
  readonly signals: readonly SignalSeries[];
  /** How calls were routed, by the minute: a canary that did not get its share cannot pass. */
  readonly routed?: readonly Routed[];
};

/** What one signal says. Rates are 0-1; evidence is odds against "no worse", health odds against "too much worse". */
export type SignalFinding = {
  readonly name: string;
  readonly verdict: Verdict;
  readonly reason?: Reason;
  /** 1-based minute of the conviction, else the last minute. */
  readonly minute: number;
  readonly baseline: Arm;
  readonly canary: Arm;
  /** The baseline's counts before the shift, when they were given. */
  readonly history?: Arm;
  readonly about?: SignalNote;
  /** Bad calls a like version would have had in the canary's place. */
  readonly expectedBad: number;
  /** Canary bad rate less baseline bad rate. */
  readonly excessRate: number;
  readonly evidence: number;
  readonly bar: number;
  /** `memory`: the evidence rests on the baseline's history, and holds only while the baseline is like it. */
  readonly witness: Witness;
  readonly evidenceByMinute: readonly number[];
  readonly health: number;
  /** The lowest canary bad rate this shift would have caught with 80 % chance; absent when none. */
  readonly seeableRate?: number;
  readonly minutesMissing: number;
  readonly needs?: Needs;
};

/** The whole verdict; `signal`, `evidence`, `bar` and `evidenceByMinute` are those of the signal that decided. */
export type Judgement = {
  readonly verdict: Verdict;
  readonly reason?: Reason;
  readonly minute: number;
  readonly signal: string;
  readonly evidence: number;
  readonly bar: number;
  readonly why: string;
  readonly signals: readonly SignalFinding[];
  readonly evidenceByMinute: readonly number[];
  readonly needs?: Needs;
  readonly volume?: Volume;
};
