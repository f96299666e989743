/** Slack's rules for a message, written down independently of the code that makes messages. */
import type { ChatMessage } from "../../lib/ports/chat.ts";

type Json = Record<string, unknown>;

const TAG = /<([^>]*)>/g;
/** The only tags of ours: a time, or a link to an https address. */
const isOurTag = (inner: string): boolean =>
  /^!date\^\d+\^[^|^<]+\|[\dTZ:.-]+$/.test(inner) || /^https:\/\/[^|<\s]+\|[^|<]*$/.test(inner);

const textFaults = (where: string, text: unknown, max: number): string[] => {
  if (typeof text !== "string" || text.length === 0) return [`${where}: no text`];
  const faults: string[] = [];
  if (text.length > max) faults.push(`${where}: ${text.length} of ${max} characters`);
  for (const [, inner = ""] of text.matchAll(TAG))
    if (!isOurTag(inner)) faults.push(`${where}: tag <${inner}>`);
  if (/[<>]/.test(text.replace(TAG, ""))) faults.push(`${where}: a bare < or >`);
  if (/@(channel|here|everyone)\b/i.test(text)) faults.push(`${where}: calls the channel`);
  if (/[\u202a-\u202e\u2066-\u2069]/.test(text)) faults.push(`${where}: turns the direction of text`);
  if (!text.isWellFormed()) faults.push(`${where}: a cut character`);
  return faults;
};

const textObjectFaults = (where: string, object: unknown, max: number): string[] => {
  const { type, text, verbatim } = object as { type: string; text: string; verbatim?: boolean };
  if (type === "plain_text")
    return text.length === 0 || text.length > max ? [`${where}: ${text.length} of ${max}`] : [];
  return [...(verbatim === true ? [] : [`${where}: not verbatim`]), ...textFaults(where, text, max)];
};

const buttonFaults = (element: Json): string[] => {
  const confirm = element.confirm as Json | undefined;
  return [
    ...textObjectFaults("button text", element.text, 75),
    ...(String(element.action_id).length > 255 ? ["action_id"] : []),
    ...(String(element.value).length > 2_000 ? ["button value"] : []),
    ...(confirm === undefined
      ? []
      : [
          ...textObjectFaults("confirm title", confirm.title, 100),
          ...textObjectFaults("confirm text", confirm.text, 300),
          ...textObjectFaults("confirm", confirm.confirm, 30),
          ...textObjectFaults("deny", confirm.deny, 30),
        ]),
  ];
};

const blockFaults = (block: Json): string[] => {
  const elements = (block.elements ?? []) as Json[];
  switch (block.type) {
    case "section":
      return textObjectFaults("section", block.text, 3_000);
    case "context":
      return [
        ...(elements.length === 0 || elements.length > 10 ? [`context: ${elements.length} elements`] : []),
        ...elements.flatMap((element) => textObjectFaults("context", element, 3_000)),
      ];
    case "actions":
      return [
        ...(elements.length === 0 || elements.length > 25 ? [`actions: ${elements.length} elements`] : []),
        ...elements.flatMap(buttonFaults),
      ];
    default:
      return [`unknown block ${String(block.type)}`];
  }
};

/** Everything Slack would refuse in a message, or do that a message must not do. */
export const faultsOf = (message: ChatMessage): string[] => [
  ...textFaults("text", message.text, 4_000),
  ...(message.blocks.length > 50 ? [`${message.blocks.length} blocks`] : []),
  ...message.blocks.flatMap((block) => blockFaults(block as Json)),
];
