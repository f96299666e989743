/** A verdict and its inputs as the record keeps them: small enough for two days of minutes, exact enough to judge again. */
import type { Minute } from "../judge/counts.ts";
import type { JudgeInput, Judgement, SignalFinding } from "../judge/judgement.ts";
import type { Routed } from "../judge/volume.ts";

/** Baseline total and bad, canary total and bad; null for a minute that was not read. */
export type PackedMinute = readonly [number, number, number, number] | null;

/** The canary's least share 0-1, calls of both versions, calls of the canary; null where the share was not known. */
export type PackedRouting = readonly [number, number, number] | null;

export type PackedInput = Omit<JudgeInput, "signals" | "routed"> & {
  routed?: readonly PackedRouting[];
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

const packedRouting = (routed: Routed): PackedRouting => routed && [routed.share, routed.all, routed.canary];
const unpackedRouting = (routed: PackedRouting): Routed =>
  routed && { share: routed[0], all: routed[1], canary: routed[2] };

export const packInput = ({ routed, ...input }: JudgeInput): PackedInput => ({
  ...input,
  ...(routed && { routed: routed.map(packedRouting) }),
  signals: input.signals.map((signal) => ({ ...signal, minutes: signal.minutes.map(packed) })),
});

/** The inputs as they were judged: judging them again gives the same bits. */
export const unpackInput = ({ routed, ...input }: PackedInput): JudgeInput => ({
  ...input,
  ...(routed && { routed: routed.map(unpackedRouting) }),
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
