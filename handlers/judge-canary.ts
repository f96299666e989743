/** Every minute, and whenever a person asked for something: judges, rolls back, watches what is baking. */
import { allDone } from "../lib/app/all-done.ts";
import { tick } from "../lib/app/tick.ts";
import { scheduledAt } from "../lib/events/schedule.ts";
import { arrivals, isStreamEvent } from "../lib/events/stream-record.ts";
import { functionConfig } from "../lib/runtime/config.ts";
import { lambda } from "../lib/runtime/lambda.ts";
import { functionLog } from "../lib/runtime/log.ts";
import { wireRound } from "../lib/runtime/wire.ts";

const config = functionConfig();
const ports = wireRound(config, functionLog);

export const handler = lambda(
  (raw) => (isStreamEvent(raw) && arrivals(raw).length > 0 ? ports.clock.now() : scheduledAt(raw)),
  async (now) => allDone(await tick(ports, now)),
);
