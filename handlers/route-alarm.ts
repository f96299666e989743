/** EventBridge: a CloudWatch alarm changed state. */
import { routeAlarm } from "../lib/app/route-alarm.ts";
import { alarmChange } from "../lib/events/alarm-state-change.ts";
import { functionConfig } from "../lib/runtime/config.ts";
import { lambda } from "../lib/runtime/lambda.ts";
import { functionLog } from "../lib/runtime/log.ts";
import { wireRound } from "../lib/runtime/wire.ts";

const config = functionConfig();
const ports = wireRound(config, functionLog);

export const handler = lambda(
  (raw) => alarmChange(raw, config),
  (change) => routeAlarm(ports, change, ports.clock.now()),
);
