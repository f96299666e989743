/** `judge --stream`: counts as NDJSON in, verdicts as NDJSON out. Pure: it reads nothing else. */
import type { Command } from "commander";
import { InputError } from "../../lib/kit/errors.ts";
import { EXIT } from "../exit-code.ts";
import { write } from "../io.ts";
import { LINE_CHARACTERS_MAX, type Line, lineBatches } from "../lines.ts";
import { ending, type Session } from "../session.ts";

const answerTo = (line: Line, judgeLine: (text: string) => string): string =>
  line.isCut
    ? JSON.stringify({ id: null, error: `the line is longer than ${LINE_CHARACTERS_MAX} characters` })
    : judgeLine(line.text);

const stream = async (session: Session): Promise<number> => {
  const { judgeLine } = await import("../../lib/judge/line.ts");
  const { io } = session;
  for await (const lines of lineBatches(io.stdin)) {
    await write(io.stdout, `${lines.map((line) => answerTo(line, judgeLine)).join("\n")}\n`);
    if (io.stop.aborted) break;
  }
  return EXIT.done;
};

export const addJudge = (program: Command, session: Session): void => {
  program
    .command("judge")
    .description("judge counts from stdin, one JSON line each, and answer each with one JSON line")
    .option("--stream", "read NDJSON from stdin until it ends")
    .addHelpText(
      "after",
      `
A line in:   {"id":"a1","signals":[{"name":"errors","minutes":[{"baseline":{"total":5400,"bad":3},"canary":{"total":600,"bad":9}},null]}]}
             optional: alpha, minHarm, and per signal history {total,bad}; a null minute was not read
A line out:  {"id":"a1","verdict":"fail","minute":2,"signal":"errors","evidence":812.4,"bar":20,"why":"..."}
A bad line gives {"id":...,"error":"..."} and the run goes on.

Examples:
  $ bellwether judge --stream < series.ndjson > verdicts.ndjson`,
    )
    .action(
      ending(session, (options: { stream?: boolean }) => {
        if (options.stream !== true) throw new InputError("judge reads from stdin: say judge --stream");
        return stream(session);
      }),
    );
};
