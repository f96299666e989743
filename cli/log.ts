/** What use cases log, at a terminal: nothing, unless asked for. */
import type { Log } from "../lib/ports/log.ts";
import type { Io } from "./io.ts";

export const cliLog = (io: Pick<Io, "stderr">, isDebug: boolean): Log => {
  const line =
    (level: string) =>
    (message: string, fields: Readonly<Record<string, unknown>> = {}): void => {
      if (isDebug) io.stderr.write(`${level} ${message} ${JSON.stringify(fields)}\n`);
    };
  return { info: line("info"), warn: line("warn"), error: line("error"), count: () => undefined };
};
