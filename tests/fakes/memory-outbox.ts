/** The outbox in memory. Give it the entries of `memoryDeployments` and it holds what the store put there. */
import type { OutboxEntry, Subject } from "../../lib/notice/notice.ts";
import type { Outbox, PostedMessage } from "../../lib/ports/outbox.ts";

const subjectKey = (subject: Subject): string => `${subject.kind} ${subject.id}`;
const entryKey = (entry: OutboxEntry): string =>
  `${subjectKey(entry.subject)} ${entry.notice.id} ${entry.outlet}`;

export const memoryOutbox = (entries: OutboxEntry[] = []) => {
  const sent = new Map<string, number>();
  const messages = new Map<string, PostedMessage>();
  const outbox: Outbox = {
    put: async (more) => {
      const known = new Set(entries.map(entryKey));
      const added = more.filter((entry) => !known.has(entryKey(entry)));
      entries.push(...structuredClone(added));
      return added.length > 0;
    },
    unsent: async (limit) =>
      entries
        .filter((entry) => !sent.has(entryKey(entry)))
        .sort((left, right) => left.notice.at - right.notice.at)
        .slice(0, limit),
    isSent: async (entry) => sent.has(entryKey(entry)),
    markSent: async (entry, at) => {
      if (!sent.has(entryKey(entry))) sent.set(entryKey(entry), at);
    },
    message: async (subject) => structuredClone(messages.get(subjectKey(subject))),
    saveMessage: async (subject, message) => {
      messages.set(subjectKey(subject), structuredClone(message));
    },
  };
  return { outbox, entries, sent };
};
