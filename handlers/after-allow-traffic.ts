/** CodeDeploy's AfterAllowTraffic hook: the last look, at 100 %. */
import { answerHook } from "../lib/app/answer-hook.ts";
import { confirmShift } from "../lib/app/confirm-shift.ts";
import { hookCall } from "../lib/events/lifecycle-hook.ts";
import { functionConfig } from "../lib/runtime/config.ts";
import { answerBefore } from "../lib/runtime/deadline.ts";
import { lambda } from "../lib/runtime/lambda.ts";
import { functionLog } from "../lib/runtime/log.ts";
import { wireCounts, wireHook } from "../lib/runtime/wire.ts";

const ports = { ...wireHook(functionConfig(), functionLog), ...wireCounts() };

export const handler = lambda(hookCall, (call, context) =>
  answerHook(ports, { ...call, hook: "after" }, confirmShift(ports), answerBefore(context)),
);
