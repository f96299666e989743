/** Catches what the code writes, line by line, as Lambda's runtime does: console methods get time, request id and level. */
import { format } from "node:util";
import type { Clock } from "./clock.ts";
import type { Line } from "./messages.ts";

/** Lambda cuts a line at 1 MiB. */
const MAX_LINE_CHARACTERS = 1_048_576;
const LEVELS = { debug: "DEBUG", info: "INFO", log: "INFO", warn: "WARN", error: "ERROR", trace: "TRACE" };

export type Output = {
  /** The lines since the last time, and forgets them. */
  take(): readonly Line[];
  setRequest(requestId: string): void;
};

/** `hideFolder` turns the real place of the code into the one it has on AWS. */
export const captureOutput = (clock: Clock, isJson: boolean, hideFolder: (text: string) => string): Output => {
  let lines: Line[] = [];
  let rest = "";
  let requestId = "";

  const add = (text: string): void => {
    lines.push({ at: clock.now(), text: hideFolder(text).slice(0, MAX_LINE_CHARACTERS) });
  };
  const write = (chunk: unknown, encoding?: unknown, done?: unknown): boolean => {
    const parts = (rest + (typeof chunk === "string" ? chunk : Buffer.from(chunk as Uint8Array).toString())).split(
      "\n",
    );
    rest = parts.pop() ?? "";
    for (const part of parts) add(part);
    const callback = typeof encoding === "function" ? encoding : done;
    if (typeof callback === "function") process.nextTick(callback);
    return true;
  };
  process.stdout.write = write;
  process.stderr.write = write;

  const asJson = (level: string, values: readonly unknown[]): string => {
    const [first] = values;
    const message = values.length === 1 && typeof first === "object" ? first : format(...values);
    return JSON.stringify({ timestamp: new Date(clock.now()).toISOString(), level, requestId, message });
  };
  const asText = (level: string, values: readonly unknown[]): string =>
    `${new Date(clock.now()).toISOString()}\t${requestId}\t${level}\t${format(...values)}`.replaceAll("\n", "\r");
  for (const [method, level] of Object.entries(LEVELS)) {
    Object.assign(console, {
      [method]: (...values: unknown[]) => add((isJson ? asJson : asText)(level, values)),
    });
  }

  return {
    take: () => {
      const taken = lines;
      lines = [];
      return taken;
    },
    setRequest: (id) => {
      requestId = id;
    },
  };
};
