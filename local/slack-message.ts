/** A message as the local Slack keeps it; `edits` counts its updates. */
import type { Json } from "./account.ts";

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
