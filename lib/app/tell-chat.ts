/**
 * Tells the chat of a notice: one living message per deployment, posted once and edited as the deployment goes on; replies
 * in its thread for what people must not miss. What is edited is always the newest state, so a backlog collapses into it.
 */
import type { OutboxEntry } from "../notice/notice.ts";
import type { Chat, ChatMessage, ChatResult, Render } from "../ports/chat.ts";
import type { DeploymentStore } from "../ports/deployment-store.ts";
import type { Outbox, PostedMessage } from "../ports/outbox.ts";

export type ChatPorts = {
  store: Pick<DeploymentStore, "load">;
  outbox: Outbox;
  chat: Chat;
  render: Render;
};

/** `untold`: there is nothing to say, or nobody to say it to. */
export type Told =
  | { kind: "told" }
  | { kind: "untold" }
  | { kind: "later"; why: string }
  | { kind: "refused"; why: string };

const TOLD: Told = { kind: "told" };
const UNTOLD: Told = { kind: "untold" };

/** Edits in a row, when the deployment moves on while it is told of. */
const EDITS_MAX = 3;

const failureOf = (result: Exclude<ChatResult, { kind: "sent" }>): Told => {
  switch (result.kind) {
    case "later":
      return { kind: "later", why: result.why };
    case "off":
      return UNTOLD;
    case "gone":
    case "refused":
      return { kind: "refused", why: result.why };
  }
};

/** Edits the message that stands; posts one when none does, or when it was deleted. */
const place = async (
  ports: ChatPorts,
  entry: OutboxEntry,
  standing: PostedMessage | undefined,
  message: ChatMessage,
): Promise<ChatResult> => {
  if (standing !== undefined) {
    const edited = await ports.chat.edit(standing.channel, standing.ts, message);
    if (edited.kind !== "gone") return edited;
  }
  return ports.chat.post(entry.slackChannel, message);
};

/** The living message as it stands after this, or why it does not; undefined when there is no record to tell of. */
const freshen = async (ports: ChatPorts, entry: OutboxEntry): Promise<PostedMessage | Told | undefined> => {
  const { subject, notice } = entry;
  // Looking again after each edit makes the last sender of all tell the newest state.
  for (let turn = 0; turn < EDITS_MAX; turn += 1) {
    const stored = await ports.store.load(subject.id);
    const standing = await ports.outbox.message(subject);
    if (stored === undefined) return standing;
    const seq = stored.lines.length;
    if (standing !== undefined && standing.seq >= seq) return standing;
    const result = await place(ports, entry, standing, ports.render(stored.record, notice).living);
    if (result.kind !== "sent") return failureOf(result);
    await ports.outbox.saveMessage(subject, { channel: result.channel, ts: result.ts, seq });
  }
  return ports.outbox.message(subject);
};

/** A reply in the thread of a message; by itself when there is none, or when it was deleted. */
const note = async (
  ports: ChatPorts,
  entry: OutboxEntry,
  message: ChatMessage,
  under: PostedMessage | undefined,
): Promise<Told> => {
  const thread = under && { ts: under.ts, isBroadcast: entry.notice.isBroadcast };
  const result = await ports.chat.post(under?.channel ?? entry.slackChannel, message, thread);
  const last = result.kind === "gone" ? await ports.chat.post(entry.slackChannel, message) : result;
  return last.kind === "sent" ? TOLD : failureOf(last);
};

/** Worth a reply of its own: called out to the channel, or more than information. */
const isWorthANote = ({ notice }: OutboxEntry): boolean => notice.isBroadcast || notice.severity !== "info";

const tellOfDeployment = async (ports: ChatPorts, entry: OutboxEntry): Promise<Told> => {
  const living = await freshen(ports, entry);
  if (living !== undefined && "kind" in living) return living;
  if (living !== undefined && !isWorthANote(entry)) return TOLD;
  return note(ports, entry, ports.render(undefined, entry.notice).note, living);
};

/** An alarm of no deployment: a message when it goes off, a reply when it is over. Its `seq` is the instant of the change. */
const tellOfAlarm = async (ports: ChatPorts, entry: OutboxEntry): Promise<Told> => {
  const { subject, notice } = entry;
  const message = ports.render(undefined, notice).note;
  const standing = await ports.outbox.message(subject);
  if (notice.kind === "alarm-over") return note(ports, entry, message, standing);
  if (standing !== undefined && standing.seq >= notice.at) return TOLD;
  const result = await ports.chat.post(entry.slackChannel, message);
  if (result.kind !== "sent") return failureOf(result);
  await ports.outbox.saveMessage(subject, { channel: result.channel, ts: result.ts, seq: notice.at });
  return TOLD;
};

const ENDS: readonly OutboxEntry["notice"]["kind"][] = [
  "succeeded",
  "inconclusive",
  "failed",
  "stopped",
  "rolled-back",
  "rollback-failed",
];

/** A chat that cannot edit gets no running commentary: what is called out, and how it ended. */
const tellOnce = async (ports: ChatPorts, entry: OutboxEntry): Promise<Told> => {
  const { notice } = entry;
  if (!notice.isBroadcast && !ENDS.includes(notice.kind)) return UNTOLD;
  return note(ports, entry, ports.render(undefined, notice).note, undefined);
};

/** Tells the chat of one outbox entry. Throws UnavailableError when the table cannot be reached. */
export const tellChat = async (ports: ChatPorts, entry: OutboxEntry): Promise<Told> => {
  if (!(await ports.chat.canEdit())) return tellOnce(ports, entry);
  return entry.subject.kind === "deployment" ? tellOfDeployment(ports, entry) : tellOfAlarm(ports, entry);
};
