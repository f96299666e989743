/** SQS: standard queues with visibility timeouts, for dead letters and tests. JSON 1.0. */
import type { Account, Json, Operation, Service, Sqs } from "./account.ts";
import { physicalName } from "./physical-name.ts";
import { createQueues, type Queue, type Queues, queueName } from "./sqs-queues.ts";

const stringAttributes = (attributes: Readonly<Record<string, string>>): Json =>
  Object.fromEntries(
    Object.entries(attributes).map(([name, StringValue]) => [name, { DataType: "String", StringValue }]),
  );

const batch = (input: Json, run: (entry: Json) => Json): Json => ({
  Successful: (input.Entries ?? []).map((entry: Json) => ({ Id: entry.Id, ...run(entry) })),
  Failed: [],
});

type Answers = Record<string, (queue: Queue, input: Json) => Json>;

const queueAnswers = (queues: Queues, urlOf: (queue: Queue) => string): Answers => ({
  GetQueueUrl: (queue) => ({ QueueUrl: urlOf(queue) }),
  GetQueueAttributes: queues.attributes,
  SetQueueAttributes: (queue, input) => {
    queue.attributes = { ...queue.attributes, ...input.Attributes };
    return {};
  },
  SendMessage: queues.send,
  SendMessageBatch: (queue, input) => batch(input, (entry) => queues.send(queue, entry)),
  ReceiveMessage: queues.receive,
  DeleteMessage: queues.remove,
  DeleteMessageBatch: (queue, input) => batch(input, (entry) => queues.remove(queue, entry)),
  ChangeMessageVisibility: queues.hide,
  PurgeQueue: (queue) => {
    queue.messages = [];
    return {};
  },
  DeleteQueue: (queue) => {
    queues.delete(queue);
    return {};
  },
});

const operationsOf = (
  account: Account,
  queues: Queues,
  urlOf: (queue: Queue) => string,
): Record<string, Operation> => {
  const arn = (name: string): string => `arn:aws:sqs:${account.region}:${account.id}:${name}`;
  const onQueue = Object.entries(queueAnswers(queues, urlOf)).map(([name, run]): [string, Operation] => [
    name,
    {
      needs: (input) => [
        {
          action: `sqs:${name.replace("Batch", "")}`,
          resource: arn(queueName(String(input.QueueUrl ?? input.QueueName ?? "*"))),
        },
      ],
      run: (input) => run(queues.get(String(input.QueueUrl ?? input.QueueName)), input),
    },
  ]);
  return {
    ...Object.fromEntries(onQueue),
    CreateQueue: {
      needs: (input) => [{ action: "sqs:CreateQueue", resource: arn(String(input.QueueName)) }],
      run: (input) => ({ QueueUrl: urlOf(queues.create(String(input.QueueName), input.Attributes)) }),
    },
    ListQueues: {
      needs: () => [{ action: "sqs:ListQueues", resource: "*" }],
      run: (input) => {
        const named = queues.list().filter(({ name }) => name.startsWith(input.QueueNamePrefix ?? ""));
        return { QueueUrls: named.map(urlOf) };
      },
    },
  };
};

/** CloudFormation's properties as queue attributes: all text. */
const attributeTexts = (properties: Json): Record<string, string> =>
  Object.fromEntries(
    Object.entries(properties).map(([name, value]) => [
      name,
      typeof value === "object" ? JSON.stringify(value) : String(value),
    ]),
  );

export const createSqs = (account: Account): Sqs & { service: Service } => {
  const queues = createQueues(account);
  const urlOf = (queue: Queue): string => `${account.endpoint}/${account.id}/${queue.name}`;
  return {
    send: (queueArn, body, attributes = {}, actor) => {
      const queue = queues.get(queueArn);
      if (actor !== undefined) queues.admit(queue, actor);
      queues.add(queue, body, stringAttributes(attributes));
    },
    depth: (queueArn) => queues.find(queueArn)?.messages.length ?? 0,
    service: {
      name: "sqs",
      signingName: "sqs",
      protocol: "json-1.0",
      targetPrefix: "AmazonSQS",
      operations: operationsOf(account, queues, urlOf),
      resources: {
        "AWS::SQS::Queue": (properties, context) => {
          const { QueueName: name = physicalName(context, 80), Tags: _, ...attributes } = properties;
          const queue = queues.create(name, attributeTexts(attributes));
          return {
            ref: urlOf(queue),
            attributes: { Arn: queue.arn, QueueName: queue.name, QueueUrl: urlOf(queue) },
          };
        },
        "AWS::SQS::QueuePolicy": (properties, context) => {
          for (const url of properties.Queues)
            queues.get(url).attributes.Policy = JSON.stringify(properties.PolicyDocument);
          return { ref: physicalName(context) };
        },
      },
    },
  };
};
