import { expect, test } from "vitest";
import type { Json } from "../../local/account.ts";
import { createSmallAccount, type SmallAccount } from "../support/small-account.ts";

const TOPIC = "arn:aws:sns:eu-west-1:111122223333:alerts";
const QUEUE = "arn:aws:sqs:eu-west-1:111122223333:inbox";
const FUNCTION = "arn:aws:lambda:eu-west-1:111122223333:function:send";

const sendPolicy = (principal: string, Resource: string, Condition?: Json): string =>
  JSON.stringify({
    Statement: [
      { Effect: "Allow", Principal: { Service: principal }, Action: "sqs:SendMessage", Resource, Condition },
    ],
  });

const messaging = async (): Promise<SmallAccount> => {
  const account = createSmallAccount();
  await account.call("sns", "CreateTopic", { Name: "alerts" });
  const Policy = sendPolicy("sns.amazonaws.com", QUEUE, {
    ArnLike: { "aws:SourceArn": "arn:aws:sns:*:*:alerts" },
  });
  await account.call("sqs", "CreateQueue", { QueueName: "inbox", Attributes: { Policy } });
  return account;
};

const subscribe = (account: SmallAccount, Protocol: string, Endpoint: string, Attributes: Json = {}) =>
  account.call("sns", "Subscribe", { TopicArn: TOPIC, Protocol, Endpoint, Attributes });

const publish = (account: SmallAccount, more: Json = {}) =>
  account.call("sns", "Publish", { TopicArn: TOPIC, Message: "hello", ...more });

const receive = async (account: SmallAccount, more: Json = {}): Promise<Json[]> =>
  (await account.call("sqs", "ReceiveMessage", { QueueUrl: "inbox", MaxNumberOfMessages: 10, ...more }))
    .Messages ?? [];

test("a published message is kept, and reaches functions and queues in their own forms", async () => {
  const account = await messaging();
  await subscribe(account, "lambda", FUNCTION);
  await subscribe(account, "sqs", QUEUE);
  await subscribe(account, "email", "ops@example.com");
  const MessageAttributes = { severity: { DataType: "String", StringValue: "high" } };
  const { MessageId } = await publish(account, { Subject: "S", MessageAttributes });
  expect(account.sns.published).toEqual([
    {
      at: account.world.now(),
      topicArn: TOPIC,
      subject: "S",
      message: "hello",
      attributes: { severity: "high" },
    },
  ]);
  const [record] = account.lambda.asyncCalls[0]?.event.Records ?? [];
  expect(record).toMatchObject({
    EventSource: "aws:sns",
    Sns: {
      MessageId,
      Subject: "S",
      Message: "hello",
      MessageAttributes: { severity: { Type: "String", Value: "high" } },
    },
  });
  const [message] = await receive(account);
  expect(JSON.parse(message.Body)).toMatchObject({
    Type: "Notification",
    MessageId,
    Message: "hello",
    TopicArn: TOPIC,
  });
});

test("raw delivery hands the queue the bare message with its attributes", async () => {
  const account = await messaging();
  await subscribe(account, "sqs", QUEUE, { RawMessageDelivery: "true" });
  await publish(account, { MessageAttributes: { a: { DataType: "String", StringValue: "1" } } });
  expect(await receive(account)).toMatchObject([
    { Body: "hello", MessageAttributes: { a: { StringValue: "1" } } },
  ]);
});

test("a subscriber that refuses the topic loses the message to its redrive queue, if that one takes it", async () => {
  const account = await messaging();
  account.lambda.refused.add("send sns.amazonaws.com");
  const RedrivePolicy = JSON.stringify({ deadLetterTargetArn: QUEUE });
  await subscribe(account, "lambda", FUNCTION, { RedrivePolicy });
  await publish(account);
  expect(account.lambda.asyncCalls).toEqual([]);
  expect(JSON.parse((await receive(account))[0].Body).Message).toBe("hello");
  await account.call("sqs", "DeleteQueue", { QueueUrl: "inbox" });
  await publish(account);
  expect(account.sns.published).toHaveLength(2);
});

test.each([
  ["an empty message", { Message: "" }],
  ["a message over 256 KiB", { Message: "é".repeat(131_073) }],
  ["a subject of 100 characters", { Subject: "s".repeat(100) }],
  ["a subject with a line break", { Subject: "a\nb" }],
  ["a subject that begins with a space", { Subject: " a" }],
  ["an empty subject", { Subject: "" }],
])("%s is refused", async (_what, more) => {
  const account = await messaging();
  await expect(account.refused("sns", "Publish", { TopicArn: TOPIC, Message: "m", ...more })).resolves.toBe(
    "InvalidParameter",
  );
  expect(account.sns.published).toEqual([]);
});

test("messages at the limits are taken, batches too", async () => {
  const account = await messaging();
  await publish(account, { Message: "x".repeat(262_144), Subject: "s".repeat(99) });
  const { Successful } = await account.call("sns", "PublishBatch", {
    TopicArn: TOPIC,
    PublishBatchRequestEntries: [
      { Id: "1", Message: "a" },
      { Id: "2", Message: "b", Subject: "B" },
    ],
  });
  expect(Successful.map(({ Id }: Json) => Id)).toEqual(["1", "2"]);
  expect(account.sns.published.map(({ message }) => message).slice(1)).toEqual(["a", "b"]);
  const entries = Array.from({ length: 11 }, (_, index) => ({ Id: `${index}`, Message: "m" }));
  expect(
    await account.refused("sns", "PublishBatch", { TopicArn: TOPIC, PublishBatchRequestEntries: entries }),
  ).toBe("TooManyEntriesInBatchRequest");
});

test("topics and subscriptions are listed, once each, and can be taken away", async () => {
  const account = await messaging();
  const { SubscriptionArn } = await subscribe(account, "sqs", QUEUE);
  expect((await subscribe(account, "sqs", QUEUE)).SubscriptionArn).toBe(SubscriptionArn);
  expect(await account.call("sns", "ListTopics")).toEqual({ Topics: [{ TopicArn: TOPIC }] });
  const { Subscriptions } = await account.call("sns", "ListSubscriptionsByTopic", { TopicArn: TOPIC });
  expect(Subscriptions).toEqual([
    { SubscriptionArn, Owner: "111122223333", Protocol: "sqs", Endpoint: QUEUE, TopicArn: TOPIC },
  ]);
  await account.call("sns", "Unsubscribe", { SubscriptionArn });
  expect((await account.call("sns", "ListSubscriptions")).Subscriptions).toEqual([]);
  await account.call("sns", "SetTopicAttributes", {
    TopicArn: TOPIC,
    AttributeName: "DisplayName",
    AttributeValue: "A",
  });
  expect((await account.call("sns", "GetTopicAttributes", { TopicArn: TOPIC })).Attributes.DisplayName).toBe(
    "A",
  );
  await account.call("sns", "DeleteTopic", { TopicArn: TOPIC });
  expect(await account.refused("sns", "Publish", { TopicArn: TOPIC, Message: "m" })).toBe("NotFound");
  expect(
    await account.refused("sns", "Subscribe", { TopicArn: TOPIC, Protocol: "sqs", Endpoint: QUEUE }),
  ).toBe("NotFound");
  expect(await account.refused("sns", "CreateTopic", { Name: "no spaces" })).toBe("InvalidParameter");
});

test("a topic with a policy admits the services it names from the sources it names", async () => {
  const account = await messaging();
  const actor = {
    principal: "cloudwatch.amazonaws.com",
    sourceArn: "arn:aws:cloudwatch:eu-west-1:111122223333:alarm:a",
  };
  const attempt = async (statement: Json): Promise<boolean> => {
    const AttributeValue = JSON.stringify({
      Statement: [{ Effect: "Allow", Action: "SNS:Publish", Resource: TOPIC, ...statement }],
    });
    await account.call("sns", "SetTopicAttributes", {
      TopicArn: TOPIC,
      AttributeName: "Policy",
      AttributeValue,
    });
    const before = account.sns.published.length;
    try {
      account.sns.publish(TOPIC, "m", undefined, {}, actor);
    } catch {
      return false;
    }
    return account.sns.published.length > before;
  };
  account.sns.publish(TOPIC, "without a policy of its own", undefined, {}, actor);
  expect(account.sns.published).toHaveLength(1);
  const Principal = { Service: "cloudwatch.amazonaws.com" };
  const alarms = (arn: string) => ({
    ArnLike: { "aws:SourceArn": arn },
    StringEquals: { "aws:SourceAccount": "111122223333" },
  });
  expect(await attempt({ Principal, Condition: alarms("arn:aws:cloudwatch:*:*:alarm:*") })).toBe(true);
  expect(await attempt({ Principal, Condition: alarms("arn:aws:cloudwatch:*:*:alarm:b") })).toBe(false);
  expect(await attempt({ Principal: { Service: "events.amazonaws.com" } })).toBe(false);
  expect(await attempt({ Principal: "*" })).toBe(true);
  expect(await attempt({ Principal, Condition: { NumericEquals: { "aws:SourceArn": "1" } } })).toBe(false);
});

test("a received message hides until its time is over, and is gone once deleted", async () => {
  const account = await messaging();
  await account.call("sqs", "SendMessage", {
    QueueUrl: "http://127.0.0.1:4566/111122223333/inbox",
    MessageBody: "one",
  });
  const [first] = await receive(account, { VisibilityTimeout: 5 });
  expect(first).toMatchObject({ Body: "one", Attributes: { ApproximateReceiveCount: "1" } });
  expect(await receive(account)).toEqual([]);
  await account.pass(5_000);
  const [again] = await receive(account);
  expect(again.Attributes.ApproximateReceiveCount).toBe("2");
  await account.call("sqs", "ChangeMessageVisibility", {
    QueueUrl: "inbox",
    ReceiptHandle: again.ReceiptHandle,
    VisibilityTimeout: 0,
  });
  const [third] = await receive(account);
  await account.call("sqs", "DeleteMessage", { QueueUrl: "inbox", ReceiptHandle: third.ReceiptHandle });
  await account.pass(60_000);
  expect(await receive(account)).toEqual([]);
});

test("a message received too often moves to the dead-letter queue", async () => {
  const account = await messaging();
  await account.call("sqs", "CreateQueue", { QueueName: "dead" });
  const RedrivePolicy = JSON.stringify({
    deadLetterTargetArn: "arn:aws:sqs:eu-west-1:111122223333:dead",
    maxReceiveCount: 2,
  });
  await account.call("sqs", "SetQueueAttributes", { QueueUrl: "inbox", Attributes: { RedrivePolicy } });
  await account.call("sqs", "SendMessage", { QueueUrl: "inbox", MessageBody: "poison" });
  for (const expected of [1, 1, 0]) {
    expect(await receive(account, { VisibilityTimeout: 1 })).toHaveLength(expected);
    await account.pass(1_000);
  }
  expect(account.sqs.depth("arn:aws:sqs:eu-west-1:111122223333:dead")).toBe(1);
  expect(account.sqs.depth(QUEUE)).toBe(0);
});

test("queues tell their URL and attributes, and refuse what is not there", async () => {
  const account = await messaging();
  const QueueUrl = "http://127.0.0.1:4566/111122223333/inbox";
  expect(await account.call("sqs", "GetQueueUrl", { QueueName: "inbox" })).toEqual({ QueueUrl });
  expect(await account.call("sqs", "ListQueues", { QueueNamePrefix: "in" })).toEqual({
    QueueUrls: [QueueUrl],
  });
  const batch = {
    QueueUrl,
    Entries: [
      { Id: "1", MessageBody: "a" },
      { Id: "2", MessageBody: "b", DelaySeconds: 60 },
    ],
  };
  expect((await account.call("sqs", "SendMessageBatch", batch)).Successful).toHaveLength(2);
  const { Attributes } = await account.call("sqs", "GetQueueAttributes", {
    QueueUrl,
    AttributeNames: ["All"],
  });
  expect(Attributes).toMatchObject({
    QueueArn: QUEUE,
    ApproximateNumberOfMessages: "1",
    ApproximateNumberOfMessagesNotVisible: "1",
  });
  expect(await account.call("sqs", "GetQueueAttributes", { QueueUrl })).toEqual({});
  await account.call("sqs", "PurgeQueue", { QueueUrl });
  expect(account.sqs.depth(QUEUE)).toBe(0);
  expect(await account.refused("sqs", "SendMessage", { QueueUrl: "gone", MessageBody: "m" })).toBe(
    "QueueDoesNotExist",
  );
  expect(await account.refused("sqs", "SendMessage", { QueueUrl, MessageBody: "" })).toBe("MissingParameter");
  expect(await account.refused("sqs", "SendMessage", { QueueUrl, MessageBody: "x".repeat(1_048_577) })).toBe(
    "InvalidMessageContents",
  );
  expect(
    await account.refused("sqs", "ChangeMessageVisibility", {
      QueueUrl,
      ReceiptHandle: "x",
      VisibilityTimeout: 1,
    }),
  ).toBe("ReceiptHandleIsInvalid");
});

test("CloudFormation makes queues and topics with their policies", async () => {
  const account = createSmallAccount();
  const queue = await account.make("AWS::SQS::Queue", { VisibilityTimeout: 90 }, "Inbox");
  const topic = await account.make("AWS::SNS::Topic", { TopicName: "alerts" }, "Topic");
  expect(topic).toEqual({ ref: TOPIC, attributes: { TopicArn: TOPIC, TopicName: "alerts" } });
  const PolicyDocument = JSON.parse(sendPolicy("sns.amazonaws.com", queue.attributes.Arn));
  await account.make("AWS::SQS::QueuePolicy", { Queues: [queue.ref], PolicyDocument }, "QueuePolicy");
  await account.make(
    "AWS::SNS::Subscription",
    { TopicArn: topic.ref, Protocol: "sqs", Endpoint: queue.attributes.Arn, RawMessageDelivery: true },
    "Sub",
  );
  await account.make(
    "AWS::SNS::TopicPolicy",
    { Topics: [topic.ref], PolicyDocument: { Statement: [] } },
    "TopicPolicy",
  );
  await publish(account);
  const { Messages } = await account.call("sqs", "ReceiveMessage", { QueueUrl: queue.ref });
  expect(Messages[0].Body).toBe("hello");
  expect(() =>
    account.sns.publish(TOPIC, "m", undefined, {}, { principal: "cloudwatch.amazonaws.com", sourceArn: "a" }),
  ).toThrow("not authorized");
});
