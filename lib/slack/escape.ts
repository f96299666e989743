/**
 * Text from outside (alarm names, reasons, function names) as Slack mrkdwn that can do nothing: no mention, no link, no
 * formatting, no invisible or direction-changing character. Escapes as docs.slack.dev "Formatting message text" says.
 */

const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  // Look-alikes: neither opens code or bold.
  "`": "\u02cb",
  "*": "\u2217",
};

const ELLIPSIS = "\u2026";

/** Control, format (zero width, bidi, tags), private and unpaired characters; white space of any kind becomes a space before. */
const INVISIBLE = /[\p{Cc}\p{Cf}\p{Co}\p{Cs}]/gu;

/**
 * Words that call a whole channel when Slack parses them; an invisible break after the @ keeps them words. Also at the
 * start of longer words, which may be cut to one of these.
 */
const CALLS = /@(?=channel|here|everyone|group)/gi;
const BREAK = "\u200b";

/** One line of visible characters. */
export const visible = (text: string): string => text.replace(/\s+/gu, " ").replace(INVISIBLE, "").trim();

/**
 * The first characters of a text that fit, never cutting a code point; `piece` says what each becomes. Measured in UTF-16
 * units after escaping, the strictest way anybody could count.
 */
const cut = (text: string, max: number, piece: (character: string) => string): string => {
  let fitted = "";
  let whole = "";
  for (const character of text) {
    const next = piece(character);
    if (whole.length + next.length > max) return fitted + ELLIPSIS;
    whole += next;
    if (whole.length <= max - ELLIPSIS.length) fitted = whole;
  }
  return whole;
};

/** Plain text of at most `max` characters, for plain_text objects. */
export const plain = (text: string, max: number): string => cut(visible(text), max, (character) => character);

/** Escaped text of at most `max` characters, for mrkdwn; an entity is never cut. */
export const escaped = (text: string, max: number): string =>
  cut(visible(text).replace(CALLS, `@${BREAK}`), max, (character) => ENTITIES[character] ?? character);
