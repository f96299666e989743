/** CodeDeploy's BeforeAllowTraffic hook: smoke-checks the canary version before it gets a call. */
import { answerHook } from "../lib/app/answer-hook.ts";
import { smokeCanary } from "../lib/app/smoke-canary.ts";
import { hookCall } from "../lib/events/lifecycle-hook.ts";
import { functionConfig } from "../lib/runtime/config.ts";
import { answerBefore } from "../lib/runtime/deadline.ts";
import { lambda } from "../lib/runtime/lambda.ts";
import { functionLog } from "../lib/runtime/log.ts";
import { wireHook, wireInvoker } from "../lib/runtime/wire.ts";

const ports = { ...wireHook(functionConfig(), functionLog), ...wireInvoker() };

export const handler = lambda(hookCall, (call, context) =>
  answerHook(ports, { ...call, hook: "before" }, smokeCanary(ports), answerBefore(context)),
);
