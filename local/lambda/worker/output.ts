/** What a function writes: console and process output become log lines, in the format its configuration asks for. */
import { format } from "node:util";
import type { Line } from "./messages.ts";

type Level = "TRACE" | "DEBUG" | "INFO" | "WARN" | "ERROR";

const LEVELS: Readonly<Record<string, Level>> = {
  trace: "TRACE",
  debug: "DEBUG",
  log: "INFO",
  info: "INFO",
  warn: "WARN",
  error: "ERROR",
};

export type Output = {
  /** The request that lines belong to from now on. */
  belongTo(requestId: string | undefined): void;
  write(level: Level, ...values: readonly unknown[]): void;
  /** Hands over what was written since the last time. */
  take(): Line[];
};

type Options = { format: "Text" | "JSON"; now: () => number; onLine: () => void };

const errorFields = (error: Error): Record<string, unknown> => ({
  errorType: error.name,
  errorMessage: error.message,
  stackTrace: String(error.stack ?? "").split("\n"),
});

/** JSON lines keep a single object as it is and give an error's parts names. */
const jsonMessage = (values: readonly unknown[]): Record<string, unknown> => {
  const [first] = values;
  const error = values.find((value) => value instanceof Error);
  const isLoneObject =
    values.length === 1 && typeof first === "object" && first !== null && error === undefined;
  return {
    message: isLoneObject ? first : format(...values),
    ...(error !== undefined && errorFields(error)),
  };
};

export const createOutput = ({ format: kind, now, onLine }: Options): Output => {
  let lines: Line[] = [];
  let requestId: string | undefined;

  const add = (message: string): void => {
    lines.push({ at: now(), message });
    onLine();
  };

  const write: Output["write"] = (level, ...values) => {
    const timestamp = new Date(now()).toISOString();
    if (kind === "Text") add(`${timestamp}\t${requestId ?? "undefined"}\t${level}\t${format(...values)}`);
    else add(JSON.stringify({ timestamp, level, requestId, ...jsonMessage(values) }));
  };

  for (const [method, level] of Object.entries(LEVELS))
    Object.assign(console, { [method]: (...values: unknown[]) => write(level, ...values) });

  type Written = (chunk: unknown, encoding?: unknown, done?: unknown) => boolean;
  const raw: Written = (chunk, encoding, done) => {
    const text = typeof chunk === "string" ? chunk : Buffer.from(chunk as Uint8Array).toString("utf8");
    if (text !== "") add(text.replace(/\n$/, ""));
    const finish = typeof encoding === "function" ? encoding : done;
    if (typeof finish === "function") process.nextTick(finish as () => void);
    return true;
  };
  process.stdout.write = raw as typeof process.stdout.write;
  process.stderr.write = raw as typeof process.stderr.write;

  return {
    belongTo: (next) => {
      requestId = next;
    },
    write,
    take: () => {
      const taken = lines;
      lines = [];
      return taken;
    },
  };
};
