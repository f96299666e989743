/** Every five minutes: finds what EventBridge lost. */
import { allDone } from "../lib/app/all-done.ts";
import { reconcile } from "../lib/app/reconcile.ts";
import { scheduledAt } from "../lib/events/schedule.ts";
import { functionConfig } from "../lib/runtime/config.ts";
import { lambda } from "../lib/runtime/lambda.ts";
import { functionLog } from "../lib/runtime/log.ts";
import { wireRecording } from "../lib/runtime/wire.ts";

const ports = wireRecording(functionConfig(), functionLog);

export const handler = lambda(scheduledAt, async (now) => allDone(await reconcile(ports, now)));
