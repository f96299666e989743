/** `audit`: whether the trail is whole, and a deployment's lines for whoever keeps them elsewhere. */
import { readFile } from "node:fs/promises";
import type { Command } from "commander";
import { type Verified, verifyAudit } from "../../lib/app/verify-audit.ts";
import { segmentText } from "../../lib/archive/segment.ts";
import { InputError, messageOf } from "../../lib/kit/errors.ts";
import { DAY_MS, isoOf } from "../../lib/kit/time.ts";
import { EXIT } from "../exit-code.ts";
import { findRecord } from "../find-deployment.ts";
import { type Io, paint, print, printJson, tell, write } from "../io.ts";
import { connect, ending, type Session } from "../session.ts";
import { type Since, sinceOf } from "../since.ts";
import { stageOf } from "../stage.ts";

const SINCE_DAYS = 30;

type Options = { since?: Since; deployment?: string; publicKey?: string[]; json?: boolean };

const pemFrom = async (file: string): Promise<string> => {
  try {
    return await readFile(file, "utf8");
  } catch (error) {
    throw new InputError(`--public-key ${file} cannot be read: ${messageOf(error)}`);
  }
};

const printText = async (io: Io, since: number, verified: Verified): Promise<void> => {
  const { roots, deployments, lines, findings } = verified;
  for (const { where, what } of findings) await print(io, `${where}: ${what}`);
  const looked = `${deployments} deployments, ${lines} lines and ${roots} roots since ${isoOf(since)}`;
  await print(
    io,
    findings.length === 0
      ? `${paint(io, "green", "whole")}: ${looked}`
      : `${paint(io, "red", "broken")}: ${findings.length} findings in ${looked}; see docs/runbooks/audit-broken.md`,
  );
};

const verify = async (session: Session, options: Options): Promise<number> => {
  const { io, parts } = session;
  const stage = stageOf(session.common.stage, io.env);
  const ports = await parts.connectAudit(stage, io.env);
  const files = options.publicKey ?? [];
  const pems = files.length > 0 ? await Promise.all(files.map(pemFrom)) : [await ports.verifyingKey.read()];
  const now = ports.clock.now();
  const since = options.since?.(now) ?? now - SINCE_DAYS * DAY_MS;
  const verified = await verifyAudit(
    { ...ports, isSigned: ports.signedWith(pems) },
    {
      since,
      now,
      ...(options.deployment !== undefined && { deployment: options.deployment }),
      progress: (what) => {
        io.stderr.write(`${what}\n`);
      },
    },
  );
  const isWhole = verified.findings.length === 0;
  if (options.json) await printJson(io, { whole: isWhole, since: isoOf(since), ...verified });
  else await printText(io, since, verified);
  return isWhole ? EXIT.done : EXIT.failed;
};

const exportLines = async (session: Session, said: string): Promise<number> => {
  const ports = await connect(session);
  const { lines, record } = await findRecord(ports.store, said);
  await write(session.io.stdout, segmentText(lines));
  await tell(session.io, `${lines.length} lines of ${record.id}`);
  return EXIT.done;
};

const collect = (value: string, before: string[] = []): string[] => [...before, value];

export const addAudit = (program: Command, session: Session): void => {
  const audit = program.command("audit").description("the audit trail: verify it, export it");
  audit
    .command("verify")
    .description(
      "check that no audit line and no signed root was changed, moved or lost, and no deployment left out",
    )
    .option(
      "--since <time>",
      `from when on: "90d", "36h", "8w" or a date (default: the last ${SINCE_DAYS} days)`,
      sinceOf,
    )
    .option("--deployment <id>", "only this one, and the roots")
    .option("--public-key <file>", "PEM of the signing key, instead of asking KMS; may be repeated", collect)
    .option("--json", "print findings as JSON")
    .addHelpText(
      "after",
      "\nExits 0 when all is whole, 3 when something is broken, 4 when it could not be looked at.\n\nExamples:\n  $ bellwether audit verify --stage prod --since 2026-01-01\n  $ bellwether audit verify --stage prod --public-key audit-key.pem --json",
    )
    .action(ending(session, (options: Options) => verify(session, options)));
  audit
    .command("export")
    .description("print a deployment's audit lines, one JSON document a line, as they are archived")
    .argument("<id>", "deployment id, @latest, or a function's name for its latest deployment")
    .addHelpText(
      "after",
      "\nExamples:\n  $ bellwether audit export d-ABCDEFGHI --stage prod > d-ABCDEFGHI.ndjson",
    )
    .action(ending(session, (said: string) => exportLines(session, said)));
};
