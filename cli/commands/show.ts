/** `show`: one deployment as it is on record. */
import type { Command } from "commander";
import { cardOf } from "../../lib/views/card.ts";
import { timelineLines, timelineOf } from "../../lib/views/timeline.ts";
import { EXIT } from "../exit-code.ts";
import { findRecord } from "../find-deployment.ts";
import { paint, print, printJson } from "../io.ts";
import { connect, ending, type Session } from "../session.ts";

type Options = { json?: boolean; timeline?: boolean };

const show = async (session: Session, said: string, options: Options): Promise<number> => {
  const { io } = session;
  const ports = await connect(session);
  const { record, lines } = await findRecord(ports.store, said);
  if (options.json) {
    await printJson(io, record);
    return EXIT.done;
  }
  const [title = "", ...rest] = cardOf(record, lines).lines;
  await print(io, [paint(io, "bold", title), ...rest].join("\n"));
  if (options.timeline) await print(io, ["", ...timelineLines(timelineOf(lines))].join("\n"));
  return EXIT.done;
};

export const addShow = (program: Command, session: Session): void => {
  program
    .command("show")
    .description("one deployment's record: where it stands, what was counted, what was decided")
    .argument("<id>", "deployment id, @latest, or a function's name for its latest deployment")
    .option("--timeline", "add everything that happened, in order")
    .option("--json", "print the record as JSON")
    .addHelpText(
      "after",
      "\nExamples:\n  $ bellwether show d-ABCDEFGHI --timeline\n  $ bellwether show checkout --stage prod --json",
    )
    .action(ending(session, (said: string, options: Options) => show(session, said, options)));
};
