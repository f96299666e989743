/** The table's stream, and every two minutes what an outage left: tells people. */
import { type SendPorts, sendArrived, sendPending } from "../lib/app/send-notices.ts";
import { scheduledAt } from "../lib/events/schedule.ts";
import { type Arrival, arrivals, isStreamEvent } from "../lib/events/stream-record.ts";
import { functionConfig } from "../lib/runtime/config.ts";
import { lambda } from "../lib/runtime/lambda.ts";
import { functionLog } from "../lib/runtime/log.ts";
import { wireTelling } from "../lib/runtime/wire.ts";

const ports: SendPorts & { clock: { now(): number } } = wireTelling(functionConfig(), functionLog);
/** Notices sent in one round of catching up. */
const ROUND_MAX = 200;

type Work = { arrived: readonly Arrival[] } | { now: number };

export const handler = lambda(
  (raw): Work => (isStreamEvent(raw) ? { arrived: arrivals(raw) } : { now: scheduledAt(raw) }),
  async (work) =>
    "now" in work
      ? sendPending(ports, work.now, ROUND_MAX)
      : sendArrived(ports, work.arrived, ports.clock.now()),
);
