/** Brings a matched event to a target, or to its dead-letter queue when the target may not be reached. */
import { type Account, AwsError, type Json } from "../account.ts";
import { inputFor } from "./target-input.ts";

export const PRINCIPAL = "events.amazonaws.com";

export type RuleIdentity = { name: string; arn: string };

type Refusal = { code: string; message: string };

const toLambda = (account: Account, rule: RuleIdentity, target: Json, body: string): Refusal | undefined => {
  if (!account.lambda.permits(target.Arn, PRINCIPAL, rule.arn))
    return {
      code: "NO_PERMISSIONS",
      message: `${PRINCIPAL} is not authorized to perform: lambda:InvokeFunction on resource: ${target.Arn}`,
    };
  account.lambda.invokeAsync(target.Arn, JSON.parse(body));
  return undefined;
};

const toTarget = (account: Account, rule: RuleIdentity, target: Json, body: string): Refusal | undefined => {
  const actor = { principal: PRINCIPAL, sourceArn: rule.arn };
  const [, , service] = String(target.Arn).split(":");
  switch (service) {
    case "lambda":
      return toLambda(account, rule, target, body);
    case "sns":
      account.sns.publish(target.Arn, body, undefined, {}, actor);
      return undefined;
    case "sqs":
      account.sqs.send(target.Arn, body, {}, actor);
      return undefined;
    default:
      return { code: "NO_RESOURCE", message: `Targets of service ${service} are not supported.` };
  }
};

const refusalOf = (error: unknown): Refusal => {
  if (error instanceof AwsError) {
    const isMissing = /NotFound|NonExistent|DoesNotExist/.test(error.code);
    return { code: isMissing ? "NO_RESOURCE" : "NO_PERMISSIONS", message: error.message };
  }
  if (error instanceof SyntaxError) return { code: "INVALID_JSON", message: error.message };
  throw error;
};

const attempt = (account: Account, rule: RuleIdentity, target: Json, body: string): Refusal | undefined => {
  try {
    return toTarget(account, rule, target, body);
  } catch (error) {
    return refusalOf(error);
  }
};

/** Permission and missing-target errors are not retried: they go straight to the dead-letter queue, if there is one that admits them. */
export const deliver = (account: Account, rule: RuleIdentity, target: Json, event: Json): void => {
  const facts = { ruleArn: rule.arn, ruleName: rule.name, ingestedAt: account.world.now() };
  const refusal = attempt(account, rule, target, inputFor(target, event, facts));
  const queue = target.DeadLetterConfig?.Arn;
  if (refusal === undefined || queue === undefined) return;
  const attributes = {
    RULE_ARN: rule.arn,
    TARGET_ARN: String(target.Arn),
    ERROR_CODE: refusal.code,
    ERROR_MESSAGE: refusal.message,
    RETRY_ATTEMPTS: "0",
  };
  try {
    account.sqs.send(queue, JSON.stringify(event), attributes, { principal: PRINCIPAL, sourceArn: rule.arn });
  } catch (error) {
    // A queue that is gone or does not admit EventBridge loses the event, as on AWS.
    if (!(error instanceof AwsError)) throw error;
  }
};
