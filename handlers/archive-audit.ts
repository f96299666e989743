/** Every hour: the audit trail goes where nobody can change it, under a signed root. */
import { allDone } from "../lib/app/all-done.ts";
import { archiveAudit } from "../lib/app/archive-audit.ts";
import { scheduledAt } from "../lib/events/schedule.ts";
import { functionConfig } from "../lib/runtime/config.ts";
import { lambda } from "../lib/runtime/lambda.ts";
import { functionLog } from "../lib/runtime/log.ts";
import { wireArchive } from "../lib/runtime/wire-audit.ts";

const ports = wireArchive(functionConfig(), functionLog);

export const handler = lambda(scheduledAt, async (now) => allDone(await archiveAudit(ports, now)));
