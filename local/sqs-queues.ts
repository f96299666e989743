/** Queues and their messages: sending, receiving, hiding, dead letters. Receiving never waits: account time stands still meanwhile. */
import { createHash } from "node:crypto";
import { type Account, AwsError, type Json } from "./account.ts";
import type { ActingService } from "./acting-service.ts";
import { randomUuid } from "./random-id.ts";
import { policyAllows } from "./resource-policy.ts";

/** Message body and attributes together (raised from 256 KiB in 2025). */
export const MAX_MESSAGE_BYTES = 1_048_576;
const MAX_BATCH = 10;
const DEFAULT_VISIBILITY_SECONDS = 30;
const DEFAULTS: Readonly<Record<string, string>> = {
  VisibilityTimeout: String(DEFAULT_VISIBILITY_SECONDS),
  MaximumMessageSize: String(MAX_MESSAGE_BYTES),
  MessageRetentionPeriod: "345600",
  DelaySeconds: "0",
  ReceiveMessageWaitTimeSeconds: "0",
};

type Message = {
  id: string;
  body: string;
  attributes: Json;
  sentAt: number;
  visibleAt: number;
  receives: number;
  receipt?: string;
};

export type Queue = {
  name: string;
  arn: string;
  attributes: Record<string, string>;
  messages: Message[];
  createdAt: number;
};

const md5 = (text: string): string => createHash("md5").update(text).digest("hex");

const sizeOf = (body: string, attributes: Json): number =>
  Buffer.byteLength(body) +
  (Object.keys(attributes).length === 0 ? 0 : Buffer.byteLength(JSON.stringify(attributes)));

const shapeOf = (message: Message): Json => ({
  MessageId: message.id,
  ReceiptHandle: message.receipt,
  Body: message.body,
  MD5OfBody: md5(message.body),
  Attributes: {
    SentTimestamp: String(message.sentAt),
    ApproximateReceiveCount: String(message.receives),
  },
  ...(Object.keys(message.attributes).length > 0 && { MessageAttributes: message.attributes }),
});

const attributesOf = (queue: Queue, now: number): Record<string, string> => {
  const visible = queue.messages.filter((message) => message.visibleAt <= now).length;
  return {
    ...DEFAULTS,
    ...queue.attributes,
    QueueArn: queue.arn,
    CreatedTimestamp: String(Math.floor(queue.createdAt / 1000)),
    ApproximateNumberOfMessages: String(visible),
    ApproximateNumberOfMessagesNotVisible: String(queue.messages.length - visible),
    ApproximateNumberOfMessagesDelayed: "0",
  };
};

/** The last part of a queue's URL or ARN. */
export const queueName = (urlOrArn: string): string => urlOrArn.split(/[/:]/).at(-1) ?? "";

export type Queues = {
  /** Throws QueueDoesNotExist. */
  get(urlOrArn: string): Queue;
  find(urlOrArn: string): Queue | undefined;
  list(): readonly Queue[];
  create(name: string, attributes?: Record<string, string>): Queue;
  delete(queue: Queue): void;
  /** Throws AccessDenied unless the queue's policy lets the service send. */
  admit(queue: Queue, actor: ActingService): void;
  add(queue: Queue, body: string, attributes: Json): void;
  send(queue: Queue, input: Json): Json;
  receive(queue: Queue, input: Json): Json;
  hide(queue: Queue, input: Json): Json;
  remove(queue: Queue, input: Json): Json;
  attributes(queue: Queue, input: Json): Json;
};

export const createQueues = (account: Account): Queues => {
  const queues = new Map<string, Queue>();
  const queueOf = (urlOrArn: string): Queue => {
    const queue = queues.get(queueName(urlOrArn));
    if (queue === undefined)
      throw new AwsError("QueueDoesNotExist", "The specified queue does not exist.", 400);
    return queue;
  };

  const create = (name: string, attributes: Record<string, string> = {}): Queue => {
    if (!/^[A-Za-z0-9_-]{1,80}$/.test(name))
      throw new AwsError(
        "InvalidParameterValue",
        "Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length",
      );
    const known = queues.get(name);
    const arn = `arn:aws:sqs:${account.region}:${account.id}:${name}`;
    const queue = known ?? { name, arn, attributes, messages: [], createdAt: account.world.now() };
    queue.attributes = { ...queue.attributes, ...attributes };
    queues.set(name, queue);
    return queue;
  };

  const add = (queue: Queue, body: string, attributes: Json, delaySeconds = 0): Message => {
    if (sizeOf(body, attributes) > MAX_MESSAGE_BYTES)
      throw new AwsError(
        "InvalidMessageContents",
        `A message must be shorter than ${MAX_MESSAGE_BYTES} bytes.`,
      );
    const now = account.world.now();
    const id = randomUuid(account.world.random("sqs-ids"));
    const message = { id, body, attributes, sentAt: now, visibleAt: now + delaySeconds * 1000, receives: 0 };
    queue.messages.push(message);
    return message;
  };

  const admit = (queue: Queue, actor: ActingService): void => {
    const conditions = { "aws:SourceArn": actor.sourceArn, "aws:SourceAccount": account.id };
    const request = {
      principal: actor.principal,
      action: "sqs:SendMessage",
      resource: queue.arn,
      conditions,
    };
    const policy = queue.attributes.Policy === undefined ? undefined : JSON.parse(queue.attributes.Policy);
    if (!policyAllows(policy, request))
      throw new AwsError(
        "AccessDenied",
        `${actor.principal} is not authorized to perform: sqs:SendMessage on resource: ${queue.arn}`,
        403,
      );
  };

  const sendMessage = (queue: Queue, input: Json): Json => {
    if (typeof input.MessageBody !== "string" || input.MessageBody === "")
      throw new AwsError("MissingParameter", "The request must contain the parameter MessageBody.");
    const message = add(
      queue,
      input.MessageBody,
      input.MessageAttributes ?? {},
      Number(input.DelaySeconds ?? 0),
    );
    return { MessageId: message.id, MD5OfMessageBody: md5(message.body) };
  };

  /** A message received more often than the redrive policy allows moves to the dead-letter queue instead. */
  const redrive = (queue: Queue): void => {
    if (queue.attributes.RedrivePolicy === undefined) return;
    const policy = JSON.parse(queue.attributes.RedrivePolicy);
    const dead = queues.get(queueName(String(policy.deadLetterTargetArn)));
    if (dead === undefined) return;
    const now = account.world.now();
    const spent = queue.messages.filter(
      (message) => message.visibleAt <= now && message.receives >= Number(policy.maxReceiveCount),
    );
    queue.messages = queue.messages.filter((message) => !spent.includes(message));
    dead.messages.push(...spent);
  };

  const receive = (queue: Queue, input: Json): Json => {
    redrive(queue);
    const now = account.world.now();
    const hiddenSeconds = Number(
      input.VisibilityTimeout ?? queue.attributes.VisibilityTimeout ?? DEFAULT_VISIBILITY_SECONDS,
    );
    const taken = queue.messages
      .filter((message) => message.visibleAt <= now)
      .slice(0, Math.min(Number(input.MaxNumberOfMessages ?? 1), MAX_BATCH));
    for (const message of taken) {
      message.receives += 1;
      message.visibleAt = now + hiddenSeconds * 1000;
      message.receipt = `${message.id}#${message.receives}`;
    }
    return taken.length === 0 ? {} : { Messages: taken.map(shapeOf) };
  };

  const held = (queue: Queue, receipt: string): Message | undefined =>
    queue.messages.find((message) => message.id === receipt.split("#")[0]);

  const hide = (queue: Queue, input: Json): Json => {
    const message = held(queue, String(input.ReceiptHandle));
    if (message === undefined)
      throw new AwsError("ReceiptHandleIsInvalid", "The input receipt handle is invalid.");
    message.visibleAt = account.world.now() + Number(input.VisibilityTimeout) * 1000;
    return {};
  };

  const getAttributes = (queue: Queue, input: Json): Json => {
    const all = attributesOf(queue, account.world.now());
    const names: string[] = input.AttributeNames ?? [];
    const wanted = Object.entries(all).filter(([name]) => names.includes("All") || names.includes(name));
    return wanted.length === 0 ? {} : { Attributes: Object.fromEntries(wanted) };
  };

  const remove = (queue: Queue, input: Json): Json => {
    const message = held(queue, String(input.ReceiptHandle));
    queue.messages = queue.messages.filter((one) => one !== message);
    return {};
  };

  return {
    get: queueOf,
    find: (urlOrArn) => queues.get(queueName(urlOrArn)),
    list: () => [...queues.values()],
    create,
    delete: (queue) => {
      queues.delete(queue.name);
    },
    admit,
    add: (queue, body, attributes) => {
      add(queue, body, attributes);
    },
    send: sendMessage,
    receive,
    hide,
    remove,
    attributes: getAttributes,
  };
};
