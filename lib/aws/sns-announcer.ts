import { PublishCommand, type SNSClient } from "@aws-sdk/client-sns";
import type { Severity } from "../policy/policy.ts";
import type { Announcer } from "../ports/announcer.ts";
import { reach } from "./failure.ts";

/** SNS: a subject has fewer than 100 characters, ASCII, and no line breaks. */
const SUBJECT_MAX = 99;

const subjectOf = (title: string): string => {
  const plain = title
    .replace(/[^\x20-\x7e]+/g, " ")
    .replace(/\s+/g, " ")
    .trim();
  return (/^[A-Za-z0-9]/.test(plain) ? plain : `Bellwether: ${plain}`).slice(0, SUBJECT_MAX);
};

export const snsAnnouncer = (client: SNSClient, topics: Readonly<Record<Severity, string>>): Announcer => ({
  announce: async (notice) => {
    await reach("publishing a notice", () =>
      client.send(
        new PublishCommand({
          TopicArn: topics[notice.severity],
          Subject: subjectOf(notice.title),
          Message: `${notice.title}\n\n${notice.body}\n`,
          MessageAttributes: {
            severity: { DataType: "String", StringValue: notice.severity },
            kind: { DataType: "String", StringValue: notice.kind },
          },
        }),
      ),
    );
  },
});
