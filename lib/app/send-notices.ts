/**
 * Delivers what the outbox holds. Told at least once: a crash between telling and marking tells again, never less.
 * Nothing here throws for an outlet that is down: the entry stays, and a later round sends it.
 */
import { messageOf, UnavailableError, unreachable } from "../kit/errors.ts";
import { SECOND_MS } from "../kit/time.ts";
import type { OutboxEntry } from "../notice/notice.ts";
import type { Announcer } from "../ports/announcer.ts";
import type { Chat, Render } from "../ports/chat.ts";
import type { DeploymentStore } from "../ports/deployment-store.ts";
import type { Log } from "../ports/log.ts";
import type { Outbox } from "../ports/outbox.ts";
import { type Told, tellChat } from "./tell-chat.ts";

export type SendPorts = {
  store: Pick<DeploymentStore, "load">;
  outbox: Outbox;
  announcer: Announcer;
  chat: Chat;
  log: Log;
  render: Render;
};

/** Younger entries are left to whoever put them: two senders at once would tell twice. */
const SETTLE_MS = 30 * SECOND_MS;

/** Where an entry goes instead when the chat will never take it: once, by the topic of its severity. */
const announceInstead = async (ports: SendPorts, entry: OutboxEntry, why: string): Promise<void> => {
  const { notice, subject } = entry;
  ports.log.count("NoticeUndelivered");
  ports.log.error("the chat refused a notice; it is announced instead", {
    subject: subject.id,
    notice: notice.id,
    reason: why,
  });
  await ports.announcer.announce({
    ...notice,
    id: `${notice.id}:refused`,
    body: `Slack refused this message: ${why}.\n${notice.body}`,
  });
};

const tell = async (ports: SendPorts, entry: OutboxEntry): Promise<Told> => {
  switch (entry.outlet) {
    case "sns":
      await ports.announcer.announce(entry.notice);
      return { kind: "told" };
    case "slack":
      return tellChat(ports, entry);
    default:
      return unreachable(entry.outlet);
  }
};

const settle = async (
  ports: SendPorts,
  entry: OutboxEntry,
  told: Told,
  now: number,
): Promise<"sent" | "later"> => {
  if (told.kind === "later") {
    ports.log.warn("a notice has to wait", {
      subject: entry.subject.id,
      notice: entry.notice.id,
      outlet: entry.outlet,
      reason: told.why,
    });
    return "later";
  }
  if (told.kind === "refused") await announceInstead(ports, entry, told.why);
  await ports.outbox.markSent(entry, now);
  if (told.kind === "told") ports.log.count("NoticeSent");
  return "sent";
};

/**
 * Sends one entry, if it was not sent before. `later` when its outlet, or the table, cannot take it now: the entry then
 * stays unsent. A notice that the chat refuses for good is announced instead, with the reason.
 */
export const sendNotice = async (
  ports: SendPorts,
  entry: OutboxEntry,
  now: number,
): Promise<"sent" | "later"> => {
  try {
    if (await ports.outbox.isSent(entry)) return "sent";
    return await settle(ports, entry, await tell(ports, entry), now);
  } catch (error) {
    if (!(error instanceof UnavailableError)) throw error;
    return settle(ports, entry, { kind: "later", why: messageOf(error) }, now);
  }
};

type Answer = "sent" | "later" | "failed";

const sendOrLog = async (ports: SendPorts, entry: OutboxEntry, now: number): Promise<Answer> => {
  try {
    return await sendNotice(ports, entry, now);
  } catch (error) {
    ports.log.count("NoticeUndelivered");
    ports.log.error("a notice could not be sent", {
      subject: entry.subject.id,
      notice: entry.notice.id,
      outlet: entry.outlet,
      reason: messageOf(error),
    });
    return "failed";
  }
};

/**
 * Sends entries in order, with an answer for each. An outlet that asks to wait is left alone for the rest of them, so that
 * a dead Slack costs one timeout and not one for each; an entry that fails stops no other.
 */
const sendEach = async (
  ports: SendPorts,
  entries: readonly OutboxEntry[],
  now: number,
): Promise<Answer[]> => {
  const waiting = new Set<OutboxEntry["outlet"]>();
  const answers: Answer[] = [];
  for (const entry of entries) {
    const answer = waiting.has(entry.outlet) ? "later" : await sendOrLog(ports, entry, now);
    if (answer === "later") waiting.add(entry.outlet);
    answers.push(answer);
  }
  return answers;
};

export type Sent = { sent: number; left: number };

const putAtOf = (entry: OutboxEntry): number => entry.putAt ?? entry.notice.at;

/** How long the oldest of what could not be sent waits: an outlet that is down for hours must not go unnoticed. */
const tellOldest = (ports: SendPorts, left: readonly OutboxEntry[], now: number): void => {
  const waitingMs = Math.max(0, ...left.map((entry) => now - putAtOf(entry)));
  ports.log.count("OldestUnsentNoticeSeconds", Math.round(waitingMs / SECOND_MS));
};

/** Sends what an outage left behind, oldest first. Throws UnavailableError when the outbox cannot be read. */
export const sendPending = async (ports: SendPorts, now: number, limit: number): Promise<Sent> => {
  const entries = await ports.outbox.unsent(limit);
  const due = entries.filter((entry) => putAtOf(entry) <= now - SETTLE_MS);
  const answers = await sendEach(ports, due, now);
  tellOldest(
    ports,
    due.filter((_, index) => answers[index] !== "sent"),
    now,
  );
  const sent = answers.filter((answer) => answer === "sent").length;
  return { sent, left: answers.length - sent };
};

/** What arrived over the table's stream. Answers with the records to bring again: those that could not even be tried. */
export const sendArrived = async (
  ports: SendPorts,
  arrived: readonly { sequenceNumber: string; entry?: OutboxEntry }[],
  now: number,
): Promise<{ batchItemFailures: { itemIdentifier: string }[] }> => {
  const items = arrived.flatMap(({ sequenceNumber, entry }) =>
    entry === undefined ? [] : [{ sequenceNumber, entry }],
  );
  const answers = await sendEach(
    ports,
    items.map((item) => item.entry),
    now,
  );
  const failed = items.filter((_, index) => answers[index] === "failed");
  return { batchItemFailures: failed.map(({ sequenceNumber }) => ({ itemIdentifier: sequenceNumber })) };
};
