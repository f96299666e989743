/** A verdict and its inputs as the record keeps them: small enough for two days of minutes, exact enough to judge again. */
import type { Minute } from "../judge/counts.ts";
import type { JudgeInput, Judgement, SignalFinding } from "../judge/judgement.ts";

/** Baseline total and bad, canary total and bad; null for a minute that was not read. */
export type PackedMinute = readonly [number, number, number, number] | null;

export type PackedInput = Omit<JudgeInput, "signals"> & {
  signals: readonly (Omit<JudgeInput["signals"][number], "minutes"> & { minutes: readonly PackedMinute[] })[];
};

/** Without the evidence of every minute: each minute's verdict is a fact of its own, and the inputs give it again. */
export type StoredJudgement = Omit<Judgement, "evidenceByMinute" | "signals"> & {
  signals: readonly StoredFinding[];
};

export type StoredFinding = Omit<SignalFinding, "evidenceByMinute">;

const packed = (minute: Minute): PackedMinute =>
  minute && [minute.baseline.total, minute.baseline.bad, minute.canary.total, minute.canary.bad];

const unpacked = (minute: PackedMinute): Minute =>
  minute && { baseline: { total: minute[0], bad: minute[1] }, canary: { total: minute[2], bad: minute[3] } };

export const packInput = (input: JudgeInput): PackedInput => ({
  ...input,
  signals: input.signals.map((signal) => ({ ...signal, minutes: signal.minutes.map(packed) })),
});

/** The inputs as they were judged: judging them again gives the same bits. */
export const unpackInput = (input: PackedInput): JudgeInput => ({
  ...input,
  signals: input.signals.map((signal) => ({ ...signal, minutes: signal.minutes.map(unpacked) })),
});

const slimFinding = ({ evidenceByMinute: _, ...finding }: SignalFinding): StoredFinding => finding;

export const storedJudgement = ({
  evidenceByMinute: _,
  signals,
  ...judgement
}: Judgement): StoredJudgement => ({
  ...judgement,
  signals: signals.map(slimFinding),
});
