/**
 * SNS: topics, subscriptions, publishing. Query protocol, API version 2010-03-31.
 *
 * Operations take and give nested JSON; the protocol layer turns it to and from the wire:
 * - input: `Name`, `Message`, … as text; `Attributes` and `MessageAttributes` as maps (`{ name: value }`,
 *   `{ name: { DataType, StringValue } }`), made from `entry.N.key/value` and `entry.N.Name/Value`;
 *   lists (`PublishBatchRequestEntries`) as arrays, made from `member.N`.
 * - output: the fields inside `<…Result>`: `{ MessageId }`, lists as arrays (`{ Topics: [{ TopicArn }] }` is
 *   `<Topics><member><TopicArn>…`), maps (`{ Attributes: { Policy: "…" } }`) as `<entry><key>…</key><value>…</value></entry>`;
 *   an operation without a result gives {}.
 */
import {
  type Account,
  AwsError,
  type Json,
  type Operation,
  type Published,
  type Service,
  type Sns,
} from "./account.ts";
import type { KeyUser } from "./kms/face.ts";
import { physicalName } from "./physical-name.ts";
import { randomUuid } from "./random-id.ts";
import { checkPublisher } from "./sns-encryption.ts";
import { admits, checkMessage, deliverTo, newMessage, type Subscription, type Topic } from "./sns-topics.ts";

const MAX_BATCH = 10;
const MAP_FIELDS: readonly string[] = ["Attributes"];

const attributeTexts = (attributes: Json): Record<string, string> =>
  Object.fromEntries(
    Object.entries(attributes ?? {}).map(([name, value]) => [
      name,
      String((value as Json).StringValue ?? ""),
    ]),
  );

export const createSns = (account: Account): Sns & { service: Service } => {
  const topics = new Map<string, Topic>();
  const published: Published[] = [];
  const arnOf = (name: string): string => `arn:aws:sns:${account.region}:${account.id}:${name}`;

  const topicOf = (arn: string): Topic => {
    const topic = topics.get(arn);
    if (topic === undefined) throw new AwsError("NotFound", "Topic does not exist", 404);
    return topic;
  };

  const create = (name: string, attributes: Record<string, string> = {}): Topic => {
    if (!/^[A-Za-z0-9_-]{1,256}$/.test(name))
      throw new AwsError("InvalidParameter", "Invalid parameter: Topic Name");
    const arn = arnOf(name);
    const topic = topics.get(arn) ?? { arn, attributes: {}, subscriptions: new Map() };
    topic.attributes = { ...topic.attributes, ...attributes };
    topics.set(arn, topic);
    return topic;
  };

  const publish = (
    topic: Topic,
    text: string,
    subject: string | undefined,
    attributes: Record<string, string>,
    publisher?: KeyUser,
  ): string => {
    checkMessage(text, subject);
    const keyId = topic.attributes.KmsMasterKeyId;
    if (publisher !== undefined) checkPublisher(account, { arn: topic.arn, keyId }, publisher);
    const message = newMessage(account, topic.arn, text, subject, attributes);
    published.push({
      at: message.at,
      topicArn: topic.arn,
      ...(subject !== undefined && { subject }),
      message: text,
      attributes,
    });
    for (const subscription of topic.subscriptions.values()) deliverTo(account, message, subscription);
    return message.id;
  };

  const subscribe = (
    topic: Topic,
    protocol: string,
    endpoint: string,
    attributes: Record<string, string>,
  ): Subscription => {
    const known = [...topic.subscriptions.values()].find(
      (one) => one.protocol === protocol && one.endpoint === endpoint,
    );
    if (!["lambda", "sqs", "email", "email-json", "http", "https", "sms"].includes(protocol))
      throw new AwsError(
        "InvalidParameter",
        `Invalid parameter: Does not support this protocol string: ${protocol}`,
      );
    const subscription: Subscription = known ?? {
      arn: `${topic.arn}:${randomUuid(account.world.random("sns-ids"))}`,
      topicArn: topic.arn,
      protocol,
      endpoint,
      attributes,
    };
    topic.subscriptions.set(subscription.arn, subscription);
    return subscription;
  };

  const subscriptionsOf = (topicArn: string | undefined): Subscription[] =>
    [...topics.values()]
      .filter(({ arn }) => topicArn === undefined || arn === topicArn)
      .flatMap((topic) => [...topic.subscriptions.values()]);

  const subscriptionShape = (one: Subscription): Json => ({
    SubscriptionArn: one.arn,
    Owner: account.id,
    Protocol: one.protocol,
    Endpoint: one.endpoint,
    TopicArn: one.topicArn,
  });

  const topicOperation = (
    name: string,
    run: (topic: Topic, input: Json, caller: KeyUser) => Json,
  ): Record<string, Operation> => ({
    [name]: {
      needs: (input) => [
        { action: `sns:${name.replace("Batch", "")}`, resource: String(input.TopicArn ?? input.TargetArn) },
      ],
      run: (input, caller) => run(topicOf(String(input.TopicArn ?? input.TargetArn)), input, caller),
    },
  });

  const operation = (name: string, run: (input: Json) => Json): Record<string, Operation> => ({
    [name]: {
      needs: (input) => [{ action: `sns:${name}`, resource: input.Name ? arnOf(input.Name) : "*" }],
      run,
    },
  });

  const publishBatch = (topic: Topic, input: Json, caller: KeyUser): Json => {
    const entries: Json[] = input.PublishBatchRequestEntries ?? [];
    if (entries.length > MAX_BATCH)
      throw new AwsError(
        "TooManyEntriesInBatchRequest",
        "The batch request contains more entries than permissible.",
      );
    return {
      Successful: entries.map((entry) => ({
        Id: entry.Id,
        MessageId: publish(
          topic,
          String(entry.Message),
          entry.Subject,
          attributeTexts(entry.MessageAttributes),
          caller,
        ),
      })),
      Failed: [],
    };
  };

  const operations: Record<string, Operation> = {
    ...operation("CreateTopic", (input) => ({ TopicArn: create(String(input.Name), input.Attributes).arn })),
    ...operation("ListTopics", () => ({ Topics: [...topics.keys()].map((TopicArn) => ({ TopicArn })) })),
    ...operation("ListSubscriptions", () => ({
      Subscriptions: subscriptionsOf(undefined).map(subscriptionShape),
    })),
    ...operation("Unsubscribe", (input) => {
      for (const topic of topics.values()) topic.subscriptions.delete(String(input.SubscriptionArn));
      return {};
    }),
    ...topicOperation("ListSubscriptionsByTopic", (topic) => ({
      Subscriptions: subscriptionsOf(topic.arn).map(subscriptionShape),
    })),
    ...topicOperation("GetTopicAttributes", (topic) => ({
      Attributes: { TopicArn: topic.arn, Owner: account.id, ...topic.attributes },
    })),
    ...topicOperation("SetTopicAttributes", (topic, input) => {
      topic.attributes[String(input.AttributeName)] = String(input.AttributeValue);
      return {};
    }),
    ...topicOperation("Subscribe", (topic, input) => ({
      SubscriptionArn: subscribe(
        topic,
        String(input.Protocol),
        String(input.Endpoint),
        input.Attributes ?? {},
      ).arn,
    })),
    ...topicOperation("Publish", (topic, input, caller) => ({
      MessageId: publish(
        topic,
        String(input.Message),
        input.Subject,
        attributeTexts(input.MessageAttributes),
        caller,
      ),
    })),
    ...topicOperation("PublishBatch", publishBatch),
    // Deleting what is not there is no error.
    ...operation("DeleteTopic", (input) => {
      topics.delete(String(input.TopicArn));
      return {};
    }),
  };

  return {
    publish: (topicArn, message, subject, attributes = {}, actor) => {
      const topic = topicOf(topicArn);
      if (actor !== undefined && !admits(topic, actor, account.id))
        throw new AwsError(
          "AuthorizationError",
          `${actor.principal} is not authorized to perform: SNS:Publish on resource: ${topicArn}`,
          403,
        );
      publish(topic, message, subject, attributes, actor);
    },
    published,
    service: {
      name: "sns",
      signingName: "sns",
      protocol: "query",
      targetPrefix: "2010-03-31",
      mapFields: MAP_FIELDS,
      operations,
      resources: {
        "AWS::SNS::Topic": (properties, context) => {
          const keyId = properties.KmsMasterKeyId;
          const encryption = keyId === undefined ? {} : { KmsMasterKeyId: String(keyId) };
          const topic = create(properties.TopicName ?? physicalName(context), encryption);
          for (const one of properties.Subscription ?? []) subscribe(topic, one.Protocol, one.Endpoint, {});
          const name = topic.arn.split(":").at(-1) ?? "";
          return { ref: topic.arn, attributes: { TopicArn: topic.arn, TopicName: name } };
        },
        "AWS::SNS::TopicPolicy": (properties, context) => {
          for (const arn of properties.Topics)
            topicOf(arn).attributes.Policy = JSON.stringify(properties.PolicyDocument);
          return { ref: physicalName(context) };
        },
        "AWS::SNS::Subscription": (properties) => {
          const { TopicArn, Protocol, Endpoint, RawMessageDelivery, RedrivePolicy } = properties;
          const { arn } = subscribe(topicOf(TopicArn), Protocol, Endpoint, {
            ...(RawMessageDelivery !== undefined && { RawMessageDelivery: String(RawMessageDelivery) }),
            ...(RedrivePolicy !== undefined && { RedrivePolicy: JSON.stringify(RedrivePolicy) }),
          });
          return { ref: arn, attributes: { Arn: arn } };
        },
      },
    },
  };
};
