/** `status`: what is being deployed now, and how each service's last deployment ended. */
import type { Command } from "commander";
import type { DeploymentRecord } from "../../lib/deployment/record.ts";
import { isEnd } from "../../lib/deployment/record.ts";
import type { DeploymentStore } from "../../lib/ports/deployment-store.ts";
import { EXIT } from "../exit-code.ts";
import { type Io, paint, print, printJson, tell } from "../io.ts";
import {
  exposureText,
  statusText,
  timeText,
  tookText,
  verdictText,
  versionsText,
  weightText,
} from "../record-text.ts";
import { connect, ending, type Session } from "../session.ts";
import { tableText } from "../table.ts";

/** Deployments looked through for the last one of each service. */
const LOOK_THROUGH = 200;

type Standing = { open: readonly DeploymentRecord[]; last: readonly DeploymentRecord[] };

const openRecords = async (store: DeploymentStore): Promise<DeploymentRecord[]> => {
  const records: DeploymentRecord[] = [];
  for (const id of await store.openIds()) {
    const record = (await store.load(id))?.record;
    if (record !== undefined && !isEnd(record.status)) records.push(record);
  }
  return records;
};

/** The newest ended deployment of each service; a rollback shows in the deployment that it took back. */
const lastOfEach = (records: readonly DeploymentRecord[]): DeploymentRecord[] => {
  const last = new Map<string, DeploymentRecord>();
  for (const record of records)
    if (isEnd(record.status) && record.kind !== "rollback" && !last.has(record.service))
      last.set(record.service, record);
  return [...last.values()].sort((left, right) => (left.service < right.service ? -1 : 1));
};

const standing = async (store: DeploymentStore, service: string | undefined): Promise<Standing> => {
  const open = await openRecords(store);
  const history = await store.history({ ...(service !== undefined && { service }), limit: LOOK_THROUGH });
  return {
    open: open.filter((record) => service === undefined || record.service === service),
    last: lastOfEach(history),
  };
};

const printOpen = async (io: Io, open: readonly DeploymentRecord[], now: number): Promise<void> => {
  await print(io, paint(io, "bold", open.length === 0 ? "Nothing is being deployed." : "Being deployed"));
  if (open.length === 0) return;
  const rows = open.map((record) => [
    record.service,
    record.id,
    versionsText(record),
    statusText(io, record),
    weightText(record),
    verdictText(record),
    exposureText(record),
    tookText(record, now),
  ]);
  await print(
    io,
    tableText(
      io,
      ["service", "deployment", "version", "status", "traffic", "verdict", "bad calls", "for"],
      rows,
    ),
  );
};

const printLast = async (io: Io, last: readonly DeploymentRecord[]): Promise<void> => {
  if (last.length === 0) return tell(io, "no deployment has ended yet");
  await print(io, `\n${paint(io, "bold", "Last of each service")}`);
  const rows = last.map((record) => [
    record.service,
    record.id,
    versionsText(record),
    statusText(io, record),
    verdictText(record),
    timeText(record.times.requested),
  ]);
  await print(
    io,
    tableText(io, ["service", "deployment", "version", "status", "verdict", "requested"], rows),
  );
};

const status = async (session: Session, service: string | undefined, asJson: boolean): Promise<number> => {
  const ports = await connect(session);
  const { open, last } = await standing(ports.store, service);
  if (asJson) await printJson(session.io, { stage: ports.stageName, open, last });
  else {
    await printOpen(session.io, open, ports.clock.now());
    await printLast(session.io, last);
  }
  return EXIT.done;
};

export const addStatus = (program: Command, session: Session): void => {
  program
    .command("status")
    .description("what is being deployed now, and each service's last deployment")
    .argument("[service]", "only this function")
    .option("--json", "print both as JSON")
    .addHelpText(
      "after",
      "\nExamples:\n  $ bellwether status --stage prod\n  $ bellwether status checkout --json",
    )
    .action(
      ending(session, (service: string | undefined, options: { json?: boolean }) =>
        status(session, service, options.json === true),
      ),
    );
};
