/** What people got to read: what the SNS topics carried, and the messages that stand in Slack. */
import * as z from "zod/mini";
import type { Severity } from "../lib/policy/policy.ts";
import type { Account, Published } from "../local/account.ts";
import type { SlackMessage } from "../local/slack-message.ts";
import type { Told } from "./scenario.ts";

const SEVERITIES: readonly Severity[] = ["critical", "warning", "info"];

const Words = z.object({ text: z.string() });
/** Blocks that people read or press; what else a message may hold is not shown. */
const Shown = z.union([
  z.object({ type: z.literal("section"), text: Words }),
  z.object({ type: z.literal("actions"), elements: z.array(z.object({ text: Words })) }),
]);

const HealthAlarm = z.object({
  AlarmName: z.string(),
  AlarmDescription: z.string(),
  NewStateValue: z.string(),
});

const topicNameOf = (arn: string): string => arn.split(":").at(-1) ?? arn;

const firstLine = (text: string): string => text.split("\n")[0] ?? "";

/** Slack's own escapes, and its marks for bold and code, undone. */
const plain = (text: string): string =>
  text
    .replaceAll(/^\*(.*)\*$/gm, "$1")
    .replaceAll("`", "")
    .replaceAll("&lt;", "<")
    .replaceAll("&gt;", ">")
    .replaceAll("&amp;", "&");

const blockLines = (block: unknown): string[] => {
  const { data } = Shown.safeParse(block);
  if (data === undefined) return [];
  if (data.type === "section") return plain(data.text.text).split("\n");
  return [data.elements.map((element) => `[${element.text.text}]`).join(" ")];
};

/** CloudWatch itself publishes the alarms that watch Bellwether's own health, as JSON. */
const healthAlarm = (message: string): string | undefined => {
  if (!message.startsWith("{")) return undefined;
  const { data } = HealthAlarm.safeParse(JSON.parse(message));
  return data === undefined ? undefined : `${data.NewStateValue} ${data.AlarmName}: ${data.AlarmDescription}`;
};

const published = (each: Published): Told[] => {
  const channel = topicNameOf(each.topicArn);
  const severity = SEVERITIES.find((name) => channel.endsWith(`-${name}`));
  if (severity === undefined) return [];
  const text = healthAlarm(each.message) ?? each.message;
  return [
    { at: each.at, outlet: "sns", severity, channel, title: firstLine(text), text, isReply: false, edits: 0 },
  ];
};

/** A notice that went to both outlets has one severity; one that only Slack has is for information. */
const posted = (each: SlackMessage, known: ReadonlyMap<string, Severity>): Told => {
  const title = plain(firstLine(each.text));
  const blocks: unknown[] = Array.isArray(each.blocks) ? each.blocks : [];
  return {
    at: each.at,
    outlet: "slack",
    severity: known.get(title) ?? "info",
    channel: each.channel,
    title,
    text: blocks.flatMap(blockLines).join("\n"),
    isReply: each.threadTs !== undefined,
    edits: each.edits,
  };
};

/** In the order it was told, from an instant on. Bellwether's dead-letter topic tells nobody about deployments and is left out. */
export const toldSince = ({ sns, slack }: Account, sinceAt: number): readonly Told[] => {
  const bySns = sns.published.flatMap(published);
  const known = new Map(bySns.map(({ title, severity }) => [title, severity]));
  return [...bySns, ...slack.messages.map((message) => posted(message, known))]
    .filter(({ at }) => at >= sinceAt)
    .sort((left, right) => left.at - right.at);
};
