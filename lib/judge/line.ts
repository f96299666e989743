/** One line of `judge --stream`: NDJSON in, NDJSON out, strict and pure. */
import { InputError, messageOf } from "../kit/errors.ts";
import { type Arm, isArm, MINUTES_MAX, type Minute, SIGNALS_MAX, type SignalSeries } from "./counts.ts";
import { ALPHA_DEFAULT, judge, MIN_HARM_DEFAULT } from "./judge.ts";
import type { JudgeInput } from "./judgement.ts";

type Fields = Readonly<Record<string, unknown>>;

/** `value` as an object whose keys are all among `known`. */
const objectOf = (value: unknown, where: string, known: readonly string[]): Fields => {
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw new InputError(`${where} must be an object`);
  const unknownKey = Object.keys(value).find((key) => !known.includes(key));
  if (unknownKey !== undefined) throw new InputError(`${where} has an unknown key "${unknownKey}"`);
  return Object.fromEntries(Object.entries(value));
};

const listOf = (value: unknown, where: string, most: number): readonly unknown[] => {
  if (!Array.isArray(value)) throw new InputError(`${where} must be a list`);
  if (value.length > most)
    throw new InputError(`${where} holds ${value.length} entries, the most is ${most}`);
  return value;
};

const textOf = (value: unknown, where: string): string => {
  if (typeof value !== "string" || value === "") throw new InputError(`${where} must be a non-empty string`);
  return value;
};

const numberOf = (value: unknown, where: string): number => {
  if (typeof value !== "number") throw new InputError(`${where} must be a number`);
  return value;
};

const armOf = (value: unknown, where: string): Arm => {
  const { total, bad } = objectOf(value, where, ["total", "bad"]);
  const arm = { total, bad };
  if (typeof arm.total !== "number" || typeof arm.bad !== "number")
    throw new InputError(`${where} needs the numbers "total" and "bad"`);
  const counts = { total: arm.total, bad: arm.bad };
  if (!isArm(counts)) throw new InputError(`${where} must hold whole numbers with 0 <= bad <= total`);
  return counts;
};

const minuteOf = (value: unknown, where: string): Minute => {
  if (value === null) return null;
  const { baseline, canary } = objectOf(value, where, ["baseline", "canary"]);
  return { baseline: armOf(baseline, `${where}.baseline`), canary: armOf(canary, `${where}.canary`) };
};

const seriesOf = (value: unknown, where: string): SignalSeries => {
  const fields = objectOf(value, where, ["name", "minutes", "history"]);
  return {
    name: textOf(fields.name, `${where}.name`),
    minutes: listOf(fields.minutes, `${where}.minutes`, MINUTES_MAX).map((minute, at) =>
      minuteOf(minute, `${where}.minutes[${at}]`),
    ),
    ...("history" in fields ? { history: armOf(fields.history, `${where}.history`) } : {}),
  };
};

/** Ranges are the judge's to check. */
const inputOf = (fields: Fields): JudgeInput => {
  const { alpha = ALPHA_DEFAULT, minHarm = MIN_HARM_DEFAULT, maxTolerated } = fields;
  const signals = listOf(fields.signals, "signals", SIGNALS_MAX).map((signal, at) =>
    seriesOf(signal, `signals[${at}]`),
  );
  if (signals.length === 0) throw new InputError("signals must not be empty");
  if (new Set(signals.map(({ name }) => name)).size < signals.length)
    throw new InputError("signals must have different names");
  return {
    alpha: numberOf(alpha, "alpha"),
    minHarm: numberOf(minHarm, "minHarm"),
    ...(maxTolerated === undefined ? {} : { maxTolerated: numberOf(maxTolerated, "maxTolerated") }),
    signals,
  };
};

const idOf = (raw: unknown): string | number | null => {
  if (typeof raw !== "object" || raw === null || !("id" in raw)) return null;
  return typeof raw.id === "string" || typeof raw.id === "number" ? raw.id : null;
};

const answer = (raw: unknown): string => {
  const fields = objectOf(raw, "line", ["id", "alpha", "minHarm", "maxTolerated", "signals"]);
  const id = idOf(raw);
  if (id === null) throw new InputError("id must be a string or a number");
  const { verdict, reason, minute, signal, evidence, bar, why } = judge(inputOf(fields), {
    isShiftOver: true,
  });
  return JSON.stringify({ id, verdict, reason, minute, signal, evidence, bar, why });
};

/**
 * Answers one input line with one output line (no line end). The series is judged as a finished shift.
 * A malformed line gives `{"id":…,"error":"…"}`, with `id` null when it has none. Never throws.
 */
export const judgeLine = (line: string): string => {
  let raw: unknown = null;
  try {
    raw = JSON.parse(line);
    return answer(raw);
  } catch (error) {
    return JSON.stringify({ id: idOf(raw), error: messageOf(error) });
  }
};
