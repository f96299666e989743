/** Topics, their subscriptions, and how a message reaches them. */
import { type Account, AwsError, type Json } from "./account.ts";
import type { ActingService } from "./acting-service.ts";
import { randomUuid } from "./random-id.ts";
import { policyAllows } from "./resource-policy.ts";

export const MAX_MESSAGE_BYTES = 262_144;
export const MAX_SUBJECT_LENGTH = 99;

export type Subscription = {
  arn: string;
  topicArn: string;
  protocol: string;
  endpoint: string;
  attributes: Record<string, string>;
};

export type Topic = {
  arn: string;
  attributes: Record<string, string>;
  subscriptions: Map<string, Subscription>;
};

export type Message = {
  id: string;
  topicArn: string;
  subject?: string;
  message: string;
  attributes: Readonly<Record<string, string>>;
  at: number;
};

const PRINCIPAL = "sns.amazonaws.com";

const invalid = (message: string): AwsError =>
  new AwsError("InvalidParameter", `Invalid parameter: ${message}`);

/** Throws InvalidParameter beyond SNS's limits. */
export const checkMessage = (message: string, subject: string | undefined): void => {
  if (message === "") throw invalid("Empty message");
  if (Buffer.byteLength(message) > MAX_MESSAGE_BYTES) throw invalid("Message too long");
  if (subject === undefined) return;
  const hasControls = [...subject].some((character) => character < " " || character === "\u007f");
  if (subject === "" || subject.length > MAX_SUBJECT_LENGTH || hasControls) throw invalid("Subject");
  if (!/^[!-~]/.test(subject)) throw invalid("Subject");
};

/**
 * Without a policy of its own a topic admits the account's services such as CloudWatch, but not EventBridge, which needs
 * a statement that names it.
 */
export const admits = (topic: Topic, actor: ActingService, accountId: string): boolean => {
  if (topic.attributes.Policy === undefined) return actor.principal !== "events.amazonaws.com";
  return policyAllows(JSON.parse(topic.attributes.Policy), {
    principal: actor.principal,
    action: "sns:Publish",
    resource: topic.arn,
    conditions: { "aws:SourceArn": actor.sourceArn, "aws:SourceAccount": accountId },
  });
};

const isoTime = (at: number): string => new Date(at).toISOString();

/** What SQS and HTTP subscribers read. */
const envelope = (message: Message): Json => ({
  Type: "Notification",
  MessageId: message.id,
  TopicArn: message.topicArn,
  ...(message.subject !== undefined && { Subject: message.subject }),
  Message: message.message,
  Timestamp: isoTime(message.at),
  SignatureVersion: "1",
  Signature: "LOCAL",
  SigningCertURL: "https://sns.amazonaws.com/SimpleNotificationService-local.pem",
  UnsubscribeURL: "https://sns.amazonaws.com/?Action=Unsubscribe",
  ...(Object.keys(message.attributes).length > 0 && { MessageAttributes: typed(message.attributes) }),
});

const typed = (attributes: Readonly<Record<string, string>>): Json =>
  Object.fromEntries(Object.entries(attributes).map(([name, Value]) => [name, { Type: "String", Value }]));

/** What a Lambda subscriber is called with. */
const lambdaEvent = (message: Message, subscription: Subscription): Json => ({
  Records: [
    {
      EventSource: "aws:sns",
      EventVersion: "1.0",
      EventSubscriptionArn: subscription.arn,
      Sns: {
        Type: "Notification",
        MessageId: message.id,
        TopicArn: message.topicArn,
        Subject: message.subject ?? null,
        Message: message.message,
        Timestamp: isoTime(message.at),
        SignatureVersion: "1",
        Signature: "LOCAL",
        SigningCertUrl: "https://sns.amazonaws.com/SimpleNotificationService-local.pem",
        UnsubscribeUrl: "https://sns.amazonaws.com/?Action=Unsubscribe",
        MessageAttributes: typed(message.attributes),
      },
    },
  ],
});

const toQueue = (account: Account, message: Message, subscription: Subscription): void => {
  const isRaw = subscription.attributes.RawMessageDelivery === "true";
  const body = isRaw ? message.message : JSON.stringify(envelope(message));
  const actor = { principal: PRINCIPAL, sourceArn: message.topicArn };
  account.sqs.send(subscription.endpoint, body, isRaw ? { ...message.attributes } : {}, actor);
};

const toSubscriber = (account: Account, message: Message, subscription: Subscription): void => {
  switch (subscription.protocol) {
    case "lambda":
      if (!account.lambda.permits(subscription.endpoint, PRINCIPAL, message.topicArn))
        throw new AwsError("AccessDenied", `${PRINCIPAL} may not invoke ${subscription.endpoint}`, 403);
      account.lambda.invokeAsync(subscription.endpoint, lambdaEvent(message, subscription));
      return;
    case "sqs":
      toQueue(account, message, subscription);
      return;
    default:
      // Mail and the like leave the account: `published` records them.
      return;
  }
};

/** A subscriber that may not be reached loses the message, or its redrive queue gets it. */
export const deliverTo = (account: Account, message: Message, subscription: Subscription): void => {
  try {
    toSubscriber(account, message, subscription);
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    const redrive = JSON.parse(subscription.attributes.RedrivePolicy ?? "{}").deadLetterTargetArn;
    if (redrive === undefined) return;
    try {
      account.sqs.send(
        redrive,
        JSON.stringify(envelope(message)),
        {},
        {
          principal: PRINCIPAL,
          sourceArn: message.topicArn,
        },
      );
    } catch (refused) {
      if (!(refused instanceof AwsError)) throw refused;
    }
  }
};

export const newMessage = (
  account: Account,
  topicArn: string,
  message: string,
  subject: string | undefined,
  attributes: Readonly<Record<string, string>>,
): Message => ({
  id: randomUuid(account.world.random("sns-ids")),
  topicArn,
  ...(subject !== undefined && { subject }),
  message,
  attributes,
  at: account.world.now(),
});
