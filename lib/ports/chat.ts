/** A chat message ready to be sent: `blocks` in the chat's own form. */
export type ChatMessage = { text: string; blocks: readonly object[] };

export type ChatResult =
  | { kind: "sent"; channel: string; ts: string }
  /** Try again, not before `retryAfterMs`. */
  | { kind: "later"; retryAfterMs: number; why: string }
  /** Trying again cannot help: bad token, no such channel. */
  | { kind: "refused"; why: string };

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
