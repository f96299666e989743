/** A byte stream as lines. Only \n ends a line: JSON may hold U+2028, which Node's readline would break at. */
import { StringDecoder } from "node:string_decoder";

/** Characters of one line at most; what goes beyond is cut away, so that no input can fill the memory. */
export const LINE_CHARACTERS_MAX = 16 * 1024 * 1024;

export type Line = { text: string; isCut: boolean };

/** Adds text to a line, never beyond the limit. */
const grow = (line: Line, more: string): Line => {
  const room = LINE_CHARACTERS_MAX - line.text.length;
  return more.length <= room
    ? { ...line, text: line.text + more }
    : { text: line.text + more.slice(0, room), isCut: true };
};

const EMPTY: Line = { text: "", isCut: false };

/** The lines of `input`, in batches as they arrive; a last line needs no line end. A \r before the \n goes away. */
export async function* lineBatches(input: AsyncIterable<unknown>): AsyncGenerator<readonly Line[]> {
  const decoder = new StringDecoder("utf8");
  let rest = EMPTY;
  for await (const chunk of input) {
    const text = Buffer.isBuffer(chunk) ? decoder.write(chunk) : String(chunk);
    const parts = text.split("\n");
    const ended: Line[] = [];
    for (const part of parts.slice(0, -1)) {
      const line = grow(rest, part);
      ended.push(line.text.endsWith("\r") ? { ...line, text: line.text.slice(0, -1) } : line);
      rest = EMPTY;
    }
    rest = grow(rest, parts.at(-1) ?? "");
    if (ended.length > 0) yield ended;
  }
  rest = grow(rest, decoder.end());
  if (rest.text !== "") yield [rest];
}
