/** `explain`: why a deployment ended as it did, or why it is not promoted yet, in sentences. */
import type { Command } from "commander";
import { explain, explanationLines } from "../../lib/views/explain.ts";
import { EXIT } from "../exit-code.ts";
import { findRecord } from "../find-deployment.ts";
import { paint, print, printJson } from "../io.ts";
import { connect, ending, type Session } from "../session.ts";

const run = async (session: Session, said: string, asJson: boolean): Promise<number> => {
  const { io } = session;
  const ports = await connect(session);
  const { record, lines } = await findRecord(ports.store, said);
  const explanation = explain(record, lines);
  if (asJson) await printJson(io, { id: record.id, status: record.status, ...explanation });
  else {
    const [headline = "", ...rest] = explanationLines(explanation);
    await print(io, [paint(io, "bold", headline), ...rest].join("\n"));
  }
  return EXIT.done;
};

export const addExplain = (program: Command, session: Session): void => {
  program
    .command("explain")
    .description("why a deployment ended as it did, with the numbers; or why it is not promoted yet")
    .argument("<id>", "deployment id, @latest, or a function's name for its latest deployment")
    .option("--json", "print headline, sentences and commands as JSON")
    .addHelpText(
      "after",
      "\nExamples:\n  $ bellwether explain @latest --stage prod\n  $ bellwether explain d-ABCDEFGHI",
    )
    .action(
      ending(session, (said: string, options: { json?: boolean }) =>
        run(session, said, options.json === true),
      ),
    );
};
