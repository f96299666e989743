/** Why deployments fail: error codes and texts as CodeDeploy gives them. */
import type { Problem } from "./state.ts";

/** Text as reported in aws/serverless-application-model issue 219. */
export const rolePermissions = (roleArn: string, service: "AWSLambda" | "AmazonCloudWatch"): Problem => ({
  code: "IAM_ROLE_PERMISSIONS",
  message: `The IAM role ${roleArn} does not give you permission to perform operations in the following AWS service: ${service}. Contact your AWS administrator if you need help. If you are an AWS administrator, you can grant permissions to your users or groups by creating IAM policies.`,
});

/** Text as reported in aws/serverless-application-model issue 291. */
export const ALIAS_MISMATCH: Problem = {
  code: "INVALID_LAMBDA_CONFIGURATION",
  message: "The Lambda function alias version does not match the current version in AppSpec file",
};

export const ALIAS_SPLIT: Problem = {
  code: "INVALID_LAMBDA_CONFIGURATION",
  message: "The Lambda function alias references two different versions of the function",
};

export const noFunction = (what: string): Problem => ({
  code: "INVALID_LAMBDA_FUNCTION",
  message: `The Lambda function is not valid: ${what} does not exist`,
});

/** The code is in the API's enumeration; that this is its case is not confirmed, nor is the text. */
export const hookFailed = (event: string): Problem => ({
  code: "HOOK_EXECUTION_FAILURE",
  message: `The ${event} lifecycle event hook reported a failure.`,
});

export const hookSilent = (event: string): Problem => ({
  code: "HOOK_EXECUTION_FAILURE",
  message: `The ${event} lifecycle event hook did not report a status within 3600 seconds.`,
});

/** Text as captured from a live deployment. */
export const alarmsActive = (names: readonly string[]): Problem => ({
  code: "ALARM_ACTIVE",
  message: `One or more alarms have been activated according to the Amazon CloudWatch metrics you selected, and the affected deployments have been stopped. Activated alarms: ${names.map((name) => `<${name}>`).join(" ")}`,
});

/** The documentation says that the deployment stops; with which code is not confirmed. */
export const alarmsUnknown = (names: readonly string[]): Problem => ({
  code: "ALARM_ACTIVE",
  message: `The status of one or more alarms could not be retrieved from Amazon CloudWatch, and the affected deployments have been stopped. Alarms: ${names.map((name) => `<${name}>`).join(" ")}`,
});

export const MANUAL_STOP: Problem = {
  code: "MANUAL_STOP",
  message: "The deployment was stopped by a StopDeployment request.",
};

export const moveFailed = (code: "THROTTLED" | "INTERNAL_ERROR", roleArn: string): Problem => ({
  code,
  message:
    code === "THROTTLED"
      ? `The IAM role ${roleArn} exceeded the request limit for AWSLambda.`
      : "There was an internal error.",
});
