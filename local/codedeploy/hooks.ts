/** Starts lifecycle hooks: Lambda functions called asynchronously, which report by themselves. */
import type { Account } from "../account.ts";
import { randomText } from "../random-id.ts";
import { noFunction, rolePermissions } from "./problems.ts";
import type { Deployment, LifecycleName, Problem } from "./state.ts";

/** "The deployment is considered to have failed if CodeDeploy is not notified … within one hour." */
export const HOOK_TIMEOUT_MS = 3_600_000;

const BASE64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

export const functionArn = (account: Account, name: string): string =>
  name.startsWith("arn:") ? name : `arn:aws:lambda:${account.region}:${account.id}:function:${name}`;

/** Opaque, long and base64, as the real ones are. */
const newExecutionId = (account: Account): string => {
  const random = account.world.random("hook-executions");
  const fields = {
    encryptedData: `${randomText(random, BASE64, 86)}==`,
    ivParameterSpec: randomText(random, BASE64, 16),
    materialSetSerial: 1,
  };
  return Buffer.from(JSON.stringify(fields)).toString("base64");
};

/** Calls the hook; the problem is why it could not be called. The call's own outcome is of no interest to CodeDeploy. */
export const startHook = (
  account: Account,
  deployment: Deployment,
  event: LifecycleName,
  hook: string,
): Problem | undefined => {
  const arn = functionArn(account, hook);
  const role = deployment.group.settings.serviceRoleArn;
  if (!account.iam.allows(role, { action: "lambda:InvokeFunction", resource: arn }))
    return rolePermissions(role, "AWSLambda");
  const name = arn.split(":function:")[1]?.split(":")[0] ?? "";
  if (!account.lambda.has(name, "$LATEST")) return noFunction(`hook ${name}`);
  const executionId = newExecutionId(account);
  deployment.hooks.set(executionId, event);
  account.lambda.invokeAsync(arn, {
    DeploymentId: deployment.id,
    LifecycleEventHookExecutionId: executionId,
  });
  return undefined;
};
