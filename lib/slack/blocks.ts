/**
 * The few kinds of Block Kit blocks that messages are made of, each within Slack's limits (doc comments of @slack/types).
 * All text given to these functions is already escaped.
 */

export const LIMITS = {
  blocks: 50,
  sectionText: 3_000,
  contextElements: 10,
  contextText: 2_000,
  buttonText: 75,
  buttonValue: 2_000,
  confirmTitle: 100,
  confirmText: 300,
  confirmAnswer: 30,
  /** The notification on a lock screen: Slack takes 40 000, nobody reads more than this. */
  fallbackText: 1_000,
} as const;

export type Text = { type: "mrkdwn"; text: string; verbatim: true } | { type: "plain_text"; text: string };

/** `verbatim`: Slack makes no links or mentions out of what merely looks like them. */
const mrkdwn = (text: string): Text => ({ type: "mrkdwn", text, verbatim: true });
const words = (text: string): Text => ({ type: "plain_text", text });

export type Confirm = { title: string; text: string; confirm: string; deny: string };

export type Button = {
  label: string;
  actionId: string;
  value: string;
  isDanger?: boolean;
  confirm?: Confirm;
};

export type Block =
  | { type: "section"; text: Text }
  | { type: "context"; elements: readonly Text[] }
  | { type: "actions"; elements: readonly object[] };

export const section = (text: string): Block => ({ type: "section", text: mrkdwn(text) });

/** Small print; parts without text are left out, Slack refuses them. */
export const context = (parts: readonly string[]): Block => ({
  type: "context",
  elements: parts
    .filter((part) => part !== "")
    .slice(0, LIMITS.contextElements)
    .map(mrkdwn),
});

const button = ({ label, actionId, value, isDanger, confirm }: Button): object => ({
  type: "button",
  text: words(label),
  action_id: actionId,
  value,
  ...(isDanger === true && { style: "danger" }),
  ...(confirm && {
    confirm: {
      title: words(confirm.title),
      text: mrkdwn(confirm.text),
      confirm: words(confirm.confirm),
      deny: words(confirm.deny),
    },
  }),
});

export const actions = (buttons: readonly Button[]): Block => ({
  type: "actions",
  elements: buttons.map(button),
});
