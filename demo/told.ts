/** What people got to read: what the SNS topics carried, and the messages that stand in Slack. */

import type { Severity } from "../lib/policy/policy.ts";
import type { Account, Published } from "../local/account.ts";
import type { SlackMessage } from "../local/slack-message.ts";
import type { Told } from "./scenario.ts";

const SEVERITIES: readonly Severity[] = ["critical", "warning", "info"];

const topicNameOf = (arn: string): string => arn.split(":").at(-1) ?? arn;

const firstLine = (text: string): string => text.split("\n")[0] ?? "";

const published = (each: Published): Told[] => {
  const channel = topicNameOf(each.topicArn);
  const severity = SEVERITIES.find((name) => channel.endsWith(`-${name}`));
  if (severity === undefined) return [];
  return [
    {
      at: each.at,
      outlet: "sns",
      severity,
      channel,
      title: firstLine(each.message),
      text: each.message,
      isReply: false,
    },
  ];
};

/** A notice that went to both outlets has one severity; one that only Slack has is for information. */
const posted = (each: SlackMessage, known: ReadonlyMap<string, Severity>): Told => {
  const title = firstLine(each.text);
  return {
    at: each.at,
    outlet: "slack",
    severity: known.get(title) ?? "info",
    channel: each.channel,
    title,
    text: each.text,
    isReply: each.threadTs !== undefined,
  };
};

/** In the order it was told. Bellwether's dead-letter topic tells nobody about deployments and is left out. */
export const toldIn = ({ sns, slack }: Account): readonly Told[] => {
  const bySns = sns.published.flatMap(published);
  const known = new Map(bySns.map(({ title, severity }) => [title, severity]));
  return [...bySns, ...slack.messages.map((message) => posted(message, known))].sort(
    (left, right) => left.at - right.at,
  );
};
