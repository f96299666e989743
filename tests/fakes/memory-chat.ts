/** A chat in memory: its messages, and how it behaves until told otherwise. Held equal to Slack's by the contract suite. */
import type { Chat, ChatMessage, ChatResult } from "../../lib/ports/chat.ts";

export type Behaviour =
  | { kind: "up" }
  | { kind: "later"; retryAfterMs: number }
  | { kind: "refused"; why: string }
  | { kind: "off" };

export type KeptMessage = {
  channel: string;
  ts: string;
  message: ChatMessage;
  edits: number;
  thread?: { ts: string; isBroadcast: boolean };
};

const DEFAULT_CHANNEL = "deployments";

export const memoryChat = (can: { edit: boolean } = { edit: true }) => {
  const messages: KeptMessage[] = [];
  const state: { behaviour: Behaviour } = { behaviour: { kind: "up" } };

  const trouble = (): ChatResult | undefined => {
    const { behaviour } = state;
    if (behaviour.kind === "later") return { ...behaviour, why: "down" };
    return behaviour.kind === "up" ? undefined : behaviour;
  };

  const post = (channel: string, message: ChatMessage, thread?: KeptMessage["thread"]): ChatResult => {
    const ts = `1531420618.${String(messages.length + 1).padStart(6, "0")}`;
    messages.push({ channel, ts, message: structuredClone(message), edits: 0, ...(thread && { thread }) });
    return { kind: "sent", channel, ts: can.edit ? ts : "" };
  };

  const chat: Chat = {
    canEdit: async () => can.edit,
    post: async (channel, message, thread) =>
      trouble() ?? post(channel ?? DEFAULT_CHANNEL, message, can.edit ? thread : undefined),
    edit: async (channel, ts, message) => {
      const blocked = trouble();
      if (blocked !== undefined) return blocked;
      if (!can.edit) return { kind: "refused", why: "a webhook cannot edit" };
      const kept = messages.find((each) => each.channel === channel && each.ts === ts);
      if (kept === undefined) return { kind: "gone", why: "message_not_found" };
      kept.message = structuredClone(message);
      kept.edits += 1;
      return { kind: "sent", channel, ts };
    },
  };

  /** Somebody deletes a message. */
  const remove = (ts: string): void => {
    const at = messages.findIndex((each) => each.ts === ts);
    if (at >= 0) messages.splice(at, 1);
  };

  return { chat, messages, state, remove };
};

/** The texts of a message's blocks as a person reads them, one line a text; buttons in brackets. */
export const readable = (message: ChatMessage): string[] =>
  message.blocks.flatMap((block) => textsOf(block as Record<string, unknown>));

const textsOf = (block: Record<string, unknown>): string[] => {
  const { text, elements } = block as {
    text?: { text: string };
    elements?: { text: unknown; type: string }[];
  };
  if (text !== undefined) return [text.text];
  return (elements ?? []).map((element) =>
    element.type === "button" ? `[${(element.text as { text: string }).text}]` : String(element.text),
  );
};
