/** Where the outcome of an asynchronous call goes: a queue, a topic, another function or the event bus, as the function's role. */
import { type Account, AwsError, type Json } from "../account.ts";
import { recordOne } from "./metrics.ts";

const ACTIONS: Readonly<Record<string, string>> = {
  sqs: "sqs:SendMessage",
  sns: "sns:Publish",
  lambda: "lambda:InvokeFunction",
  events: "events:PutEvents",
};

const serviceOf = (arn: string): string => arn.split(":")[2] ?? "";

const send = (account: Account, arn: string, record: Json): void => {
  switch (serviceOf(arn)) {
    case "sqs":
      account.sqs.send(arn, JSON.stringify(record));
      return;
    case "sns":
      account.sns.publish(arn, JSON.stringify(record));
      return;
    case "lambda":
      account.lambda.invokeAsync(arn, record);
      return;
    case "events":
      account.events.emit({
        source: "lambda",
        detailType: `Lambda Function Invocation Result - ${record.requestContext?.condition === "Success" ? "Success" : "Failure"}`,
        resources: [record.requestContext?.functionArn, arn],
        detail: record,
      });
      return;
    default:
      throw new AwsError("InvalidParameterValueException", `${arn} is no destination`);
  }
};

/** A role that may not, or a destination that is gone, loses the record; the function's metrics say so. */
export const deliverToDestination = (
  account: Account,
  roleArn: string,
  destinationArn: string,
  record: Json,
): void => {
  const action = ACTIONS[serviceOf(destinationArn)] ?? "";
  const functionName = String(record.requestContext?.functionArn ?? "").split(":")[6] ?? "";
  try {
    if (!account.iam.allows(roleArn, { action, resource: destinationArn }))
      throw new AwsError("AccessDeniedException", `${roleArn} may not ${action} on ${destinationArn}`);
    send(account, destinationArn, record);
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    recordOne(account, functionName, "DestinationDeliveryFailures");
  }
};

/** The older form: the event as it was, with the error in the message's attributes. */
export const deliverDeadLetter = (
  account: Account,
  roleArn: string,
  targetArn: string,
  event: Json,
  attributes: Readonly<Record<string, string>>,
): void => {
  const action = ACTIONS[serviceOf(targetArn)] ?? "";
  if (!account.iam.allows(roleArn, { action, resource: targetArn })) return;
  const body = JSON.stringify(event);
  try {
    if (serviceOf(targetArn) === "sqs") account.sqs.send(targetArn, body, { ...attributes });
    else account.sns.publish(targetArn, body, undefined, { ...attributes });
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
  }
};
