/** The second argument of a handler. */
import type { Clock } from "./clock.ts";
import type { Setup } from "./messages.ts";

export const contextOf = (
  setup: Setup,
  clock: Clock,
  call: { requestId: string; functionArn: string; deadlineAt: number },
) => ({
  callbackWaitsForEmptyEventLoop: true,
  functionName: setup.functionName,
  functionVersion: setup.version,
  invokedFunctionArn: call.functionArn,
  memoryLimitInMB: String(setup.memoryMb),
  awsRequestId: call.requestId,
  logGroupName: setup.logGroup,
  logStreamName: setup.logStream,
  getRemainingTimeInMillis: () => Math.max(0, call.deadlineAt - clock.now()),
});
