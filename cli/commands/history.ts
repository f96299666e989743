/** `history`: what was deployed, newest first. */
import type { Command } from "commander";
import type { DeploymentRecord } from "../../lib/deployment/record.ts";
import { HISTORY_HEADS, historyCells, historyRows } from "../../lib/views/history.ts";
import { EXIT } from "../exit-code.ts";
import { type Io, print, printJson, tell } from "../io.ts";
import { statusText } from "../record-text.ts";
import { connect, ending, type Session } from "../session.ts";
import { tableText } from "../table.ts";
import { wholeNumber } from "../whole-number.ts";

const LIMIT_DEFAULT = 20;
const LIMIT_MAX = 500;

const STATUS_COLUMN = HISTORY_HEADS.indexOf("status");

const printTable = async (io: Io, records: readonly DeploymentRecord[]): Promise<void> => {
  const rows = historyRows(records).map((row) =>
    historyCells(row).map((cell, column) => (column === STATUS_COLUMN ? statusText(io, row) : cell)),
  );
  if (rows.length === 0) await tell(io, "nothing is on record yet");
  else await print(io, tableText(io, HISTORY_HEADS, rows));
};

const history = async (
  session: Session,
  service: string | undefined,
  options: { limit: number; json?: boolean },
): Promise<number> => {
  const ports = await connect(session);
  const records = await ports.store.history({
    ...(service !== undefined && { service }),
    limit: options.limit,
  });
  if (options.json) await printJson(session.io, { deployments: records });
  else await printTable(session.io, records);
  return EXIT.done;
};

export const addHistory = (program: Command, session: Session): void => {
  program
    .command("history")
    .description("list deployments, newest first")
    .argument("[service]", "only those of this function")
    .option("--limit <n>", `how many, up to ${LIMIT_MAX}`, wholeNumber(1, LIMIT_MAX), LIMIT_DEFAULT)
    .option("--json", "print the records as JSON")
    .addHelpText(
      "after",
      "\nExamples:\n  $ bellwether history --stage prod\n  $ bellwether history checkout --limit 5 --json",
    )
    .action(
      ending(session, (service: string | undefined, options: { limit: number; json?: boolean }) =>
        history(session, service, options),
      ),
    );
};
