/** CodeDeploy's call of a lifecycle hook: two ids and nothing else. */
import * as z from "zod/mini";
import { parse } from "./refuse.ts";

const HookEvent = z.object({
  DeploymentId: z.string().check(z.minLength(1), z.maxLength(100)),
  LifecycleEventHookExecutionId: z.string().check(z.minLength(1), z.maxLength(2_000)),
});

export const hookCall = (raw: unknown): { deploymentId: string; executionId: string } => {
  const event = parse(HookEvent, raw, "a CodeDeploy lifecycle hook event");
  return { deploymentId: event.DeploymentId, executionId: event.LifecycleEventHookExecutionId };
};
