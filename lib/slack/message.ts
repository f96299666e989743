/** Deployments and notices as Slack messages. Pure: the same record and notice give the same blocks. */
import type { DeploymentRecord } from "../deployment/record.ts";
import { isEnd } from "../deployment/record.ts";
import type { Notice } from "../notice/notice.ts";
import { hasHadTraffic } from "../notice/phrases.ts";
import { standingNotice } from "../notice/status-notices.ts";
import type { ChatMessage, Render } from "../ports/chat.ts";
import { actions, type Block, type Button, context, LIMITS, section } from "./blocks.ts";
import { escaped, plain } from "./escape.ts";

/** Lines of a notice's body shown at most; what is cut stands in `explain`. */
const BODY_LINES_MAX = 12;
/** Alarms shown on a living message, the latest. */
const ALARMS_MAX = 5;
/** Room for a command's code marks and a title's bold marks around the text. */
const MARKS = 2;

/** Id of a button's action: the verb after this prefix. */
export const ACTION_PREFIX = "bellwether:";

const titleBlock = (title: string): Block => section(`*${escaped(title, LIMITS.sectionText - MARKS)}*`);

const COMMAND = /npx bellwether .*$/u;

/** A line of a body; a command at its end is set as code, so that it can be copied whole. */
const lineText = (line: string): string => {
  const at = line.search(COMMAND);
  if (at < 0) return escaped(line, LIMITS.sectionText);
  const before = escaped(line.slice(0, at), LIMITS.sectionText / 2);
  const code = escaped(line.slice(at), LIMITS.sectionText / 2 - MARKS - 1);
  return before === "" ? `\`${code}\`` : `${before} \`${code}\``;
};

const bodyBlocks = (body: string): Block[] =>
  body
    .split("\n")
    .map(lineText)
    .filter((text) => text !== "")
    .slice(0, BODY_LINES_MAX)
    .map(section);

/** A time in the reader's own zone, with UTC for clients that cannot. */
const timeText = (at: number): string =>
  Number.isNaN(new Date(at).getTime())
    ? "at an unknown time"
    : `<!date^${Math.floor(at / 1_000)}^{date_short_pretty} {time_secs}|${new Date(at).toISOString()}>`;

/** A link whose address cannot end it early. Only https addresses become links. */
const linkText = (label: string, address: string): string | undefined => {
  if (!URL.canParse(address) || !address.startsWith("https://")) return undefined;
  const safe = new URL(address).href
    .replaceAll("&", "&amp;")
    .replaceAll("|", "%7C")
    .replaceAll(">", "%3E")
    .replaceAll("<", "%3C");
  return safe.length > LIMITS.contextText / 2 ? undefined : `<${safe}|${escaped(label, 100)}>`;
};

const contextOf = (record: DeploymentRecord): Block => {
  const text = (value: string): string => escaped(value, LIMITS.contextText / 2);
  const links = Object.entries(record.links)
    .map(([label, address]) => linkText(label, address))
    .filter((link) => link !== undefined);
  return context([
    text(record.id),
    text(`account ${record.account}, ${record.region}`),
    text(`${record.deploymentConfig}, ${record.mode} mode`),
    `asked for ${timeText(Date.parse(record.times.requested))} by ${text(record.actor.id)}`,
    ...(record.acknowledgedBy.length === 0
      ? []
      : [text(`acknowledged by ${record.acknowledgedBy.join(", ")}`)]),
    ...links,
  ]);
};

const alarmBlock = (record: DeploymentRecord): Block[] => {
  const shown = record.alarms.filter((alarm) => alarm.blame !== "ignored").slice(-ALARMS_MAX);
  if (shown.length === 0) return [];
  const each = Math.floor(LIMITS.sectionText / ALARMS_MAX) - MARKS;
  const answer = (blame: string): string =>
    blame === "deployment" ? "the deployment" : "not the deployment";
  const lines = shown.map((alarm) =>
    escaped(
      alarm.state === "ok"
        ? `Alarm ${alarm.name} is over.`
        : `Alarm ${alarm.name} (${answer(alarm.blame)}): ${alarm.why}`,
      each,
    ),
  );
  return [section(lines.join("\n"))];
};

const rollBackButton = (record: DeploymentRecord): Button => {
  const { from, to } = record.function;
  return {
    label: "Roll back",
    actionId: `${ACTION_PREFIX}rollback`,
    value: plain(record.id, LIMITS.buttonValue),
    isDanger: true,
    confirm: {
      title: plain(`Roll back ${record.service}?`, LIMITS.confirmTitle),
      text: escaped(
        `All calls of ${record.service} in ${record.stage.toUpperCase()} go back from v${to} to v${from}.`,
        LIMITS.confirmText,
      ),
      confirm: "Roll back",
      deny: "Leave it",
    },
  };
};

/** Still under way, or ended in a way that only a person can mend. */
const isOpen = ({ status, times }: DeploymentRecord): boolean =>
  !isEnd(status) ||
  status === "ROLLBACK_FAILED" ||
  (status === "STOPPED" && times.firstTraffic !== undefined);

const canAskBack = (record: DeploymentRecord): boolean =>
  record.status === "ROLLBACK_FAILED" ||
  record.status === "STOPPED" ||
  (record.times.detected === undefined && hasHadTraffic(record));

const buttonsOf = (record: DeploymentRecord): Block[] => {
  if (!isOpen(record)) return [];
  const value = plain(record.id, LIMITS.buttonValue);
  return [
    actions([
      ...(canAskBack(record) ? [rollBackButton(record)] : []),
      { label: "Acknowledge", actionId: `${ACTION_PREFIX}acknowledge`, value },
      { label: "Explain", actionId: `${ACTION_PREFIX}explain`, value },
    ]),
  ];
};

const NAMELESS = "A notice without a title.";

/** What a lock screen or a screen reader says: the title, and in a sentence whether anybody is hurt. */
const fallbackOf = ({ title, body }: Notice): string => {
  const [first = ""] = body.split("\n");
  const half = LIMITS.fallbackText / 2;
  // Slack refuses a message without text; a title made of invisible characters alone has none.
  return `${escaped(title, half - 1)}\n${escaped(first, half)}`.trim() || NAMELESS;
};

/** The one message of a deployment, as its record stands. */
export const livingMessage = (record: DeploymentRecord): ChatMessage => {
  const standing = standingNotice(record);
  const blocks = [
    titleBlock(standing.title),
    ...bodyBlocks(standing.body),
    ...alarmBlock(record),
    contextOf(record),
    ...buttonsOf(record),
  ];
  return { text: fallbackOf(standing), blocks };
};

/** A notice by itself: a reply in the deployment's thread, or a message of its own. */
export const noteMessage = (notice: Notice): ChatMessage => ({
  text: fallbackOf(notice),
  blocks: [titleBlock(notice.title), ...bodyBlocks(notice.body), context([timeText(notice.at)])],
});

export const renderForSlack: Render = (record, notice) => {
  const note = noteMessage(notice);
  return { living: record === undefined ? note : livingMessage(record), note };
};
