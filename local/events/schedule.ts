/** Schedule expressions: rate(…) and the usual forms of cron(…), in UTC. */
import { AwsError } from "../account.ts";

export type Schedule =
  | { kind: "rate"; everyMs: number }
  | { kind: "cron"; fields: readonly ReadonlySet<number>[]; daysBy: "month" | "week" };

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
const UNITS: Readonly<Record<string, number>> = { minute: MINUTE_MS, hour: 60 * MINUTE_MS, day: DAY_MS };
/** How far ahead a cron expression is searched. */
const HORIZON_DAYS = 1_500;

const MONTHS = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"];
/** 1 is Sunday. */
const WEEKDAYS = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"];

/** Minutes, hours, day of month, month, day of week, year: least, most, names from `least` on. */
const FIELDS: readonly { least: number; most: number; names?: readonly string[] }[] = [
  { least: 0, most: 59 },
  { least: 0, most: 23 },
  { least: 1, most: 31 },
  { least: 1, most: 12, names: MONTHS },
  { least: 1, most: 7, names: WEEKDAYS },
  { least: 1970, most: 2199 },
];

const invalid = (text: string, why = ""): AwsError =>
  new AwsError("ValidationException", `Parameter ScheduleExpression is not valid.${why} (${text})`);

const parseRate = (text: string): Schedule | undefined => {
  const match = /^rate\((\d+) (minute|hour|day)(s?)\)$/.exec(text);
  if (match === null) return undefined;
  const count = Number(match[1]);
  if (count < 1 || (count === 1) !== (match[3] === "")) throw invalid(text);
  return { kind: "rate", everyMs: count * (UNITS[match[2] ?? ""] ?? 0) };
};

const numberOf = (text: string, field: (typeof FIELDS)[number]): number => {
  const named = field.names?.indexOf(text.toUpperCase()) ?? -1;
  const value = named >= 0 ? named + field.least : Number(text);
  if (!/^[A-Za-z\d]+$/.test(text) || !Number.isInteger(value) || value < field.least || value > field.most)
    throw invalid(text);
  return value;
};

const valuesOf = (text: string, field: (typeof FIELDS)[number]): Set<number> => {
  const values = new Set<number>();
  for (const part of text.split(",")) {
    const [range = "", step = "1"] = part.split("/");
    const [from = "", to] =
      range === "*" || range === "?" ? [String(field.least), String(field.most)] : range.split("-");
    const least = numberOf(from, field);
    const most = to === undefined ? (part.includes("/") ? field.most : least) : numberOf(to, field);
    if (!/^[1-9]\d*$/.test(step)) throw invalid(text);
    for (let value = least; value <= most; value += Number(step)) values.add(value);
  }
  return values;
};

const parseCron = (text: string): Schedule => {
  const inner = /^cron\((.+)\)$/.exec(text)?.[1];
  const parts = inner?.trim().split(/\s+/) ?? [];
  if (parts.length !== FIELDS.length) throw invalid(text);
  if (parts.some((part) => /[LW#]/.test(part.replace(/JUL|WED/gi, ""))))
    throw invalid(text, " The signs L, W and # are not supported here.");
  const [, , dayOfMonth, , dayOfWeek] = parts;
  if ((dayOfMonth === "?") === (dayOfWeek === "?")) throw invalid(text);
  return {
    kind: "cron",
    fields: FIELDS.map((field, index) => valuesOf(parts[index] ?? "", field)),
    daysBy: dayOfWeek === "?" ? "month" : "week",
  };
};

/** Throws ValidationException for anything that is neither. */
export const parseSchedule = (text: string): Schedule => parseRate(text) ?? parseCron(text);

const isDay = (schedule: Schedule & { kind: "cron" }, at: number): boolean => {
  const [, , days, months, weekdays, years] = schedule.fields;
  const day = new Date(at);
  const isWanted =
    schedule.daysBy === "month" ? days?.has(day.getUTCDate()) : weekdays?.has(day.getUTCDay() + 1);
  return Boolean(isWanted && months?.has(day.getUTCMonth() + 1) && years?.has(day.getUTCFullYear()));
};

const nextInDay = (
  schedule: Schedule & { kind: "cron" },
  dayAt: number,
  after: number,
): number | undefined => {
  const [minutes = new Set<number>(), hours = new Set<number>()] = schedule.fields;
  for (const hour of [...hours].sort((a, b) => a - b)) {
    for (const minute of [...minutes].sort((a, b) => a - b)) {
      const at = dayAt + (hour * 60 + minute) * MINUTE_MS;
      if (at > after) return at;
    }
  }
  return undefined;
};

/** The first instant after `after`; a rate counts from `after` itself. Undefined when a cron never comes again. */
export const nextFiring = (schedule: Schedule, after: number): number | undefined => {
  if (schedule.kind === "rate") return after + schedule.everyMs;
  const firstDay = Math.floor(after / DAY_MS) * DAY_MS;
  for (let day = 0; day < HORIZON_DAYS; day += 1) {
    const dayAt = firstDay + day * DAY_MS;
    const at = isDay(schedule, dayAt) ? nextInDay(schedule, dayAt, after) : undefined;
    if (at !== undefined) return at;
  }
  return undefined;
};
