import type { DeploymentRecord } from "../deployment/record.ts";
import type { Notice } from "../notice/notice.ts";

/** A chat message ready to be sent: `blocks` in the chat's own form. */
export type ChatMessage = { text: string; blocks: readonly object[] };

export type ChatResult =
  | { kind: "sent"; channel: string; ts: string }
  /** Try again, not before `retryAfterMs`. */
  | { kind: "later"; retryAfterMs: number; why: string }
  /** Trying again cannot help: bad token, no such channel. */
  | { kind: "refused"; why: string }
  /** The message to edit or to answer is not there any more: post anew. */
  | { kind: "gone"; why: string }
  /** No chat is set up, and nobody expects one. */
  | { kind: "off" };

/**
 * How a notice looks in the chat: `living` is the one message of a deployment as its record stands, edited as it goes on;
 * `note` is the notice by itself. Without a record (an alarm that belongs to no deployment) both are the notice.
 */
export type Render = (
  record: DeploymentRecord | undefined,
  notice: Notice,
) => { living: ChatMessage; note: ChatMessage };

export type Chat = {
  /** Whether messages can be edited: a bot can, an incoming webhook cannot. */
  canEdit(): Promise<boolean>;
  post(
    channel: string | undefined,
    message: ChatMessage,
    thread?: { ts: string; isBroadcast: boolean },
  ): Promise<ChatResult>;
  edit(channel: string, ts: string, message: ChatMessage): Promise<ChatResult>;
};
