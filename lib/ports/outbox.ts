import type { OutboxEntry, Subject } from "../notice/notice.ts";

/** Where one deployment's living Slack message stands, so that it can be edited. */
export type PostedMessage = {
  channel: string;
  ts: string;
  /** Audit lines the message told of; an older telling never overwrites a newer. */
  seq: number;
};

export type Outbox = {
  /** Puts entries about an alarm that belongs to no deployment; repeating it changes nothing. False when all were known. */
  put(entries: readonly OutboxEntry[]): Promise<boolean>;
  /** Entries not delivered yet, oldest first. */
  unsent(limit: number): Promise<readonly OutboxEntry[]>;
  isSent(entry: OutboxEntry): Promise<boolean>;
  markSent(entry: OutboxEntry, at: number): Promise<void>;
  message(subject: Subject): Promise<PostedMessage | undefined>;
  saveMessage(subject: Subject, message: PostedMessage): Promise<void>;
};
