/** What the local Slack keeps, and how it can behave. */
import type { Json } from "./account.ts";

/** `edits` counts its updates. */
export type SlackMessage = {
  at: number;
  channel: string;
  ts: string;
  threadTs?: string;
  broadcast: boolean;
  text: string;
  blocks: Json;
  edits: number;
  via: "bot" | "webhook";
};

/** Up; down, with every connection answered by 503; answering 429 with Retry-After; or refusing with an error of its API. */
export type SlackMode =
  | { kind: "up" }
  | { kind: "down" }
  | { kind: "rate-limited"; retryAfterSeconds: number }
  | { kind: "error"; error: string };
