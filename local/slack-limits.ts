/** What Slack refuses in a message: Block Kit's limits and the names of its errors. */
import type { Json } from "./account.ts";

export const MAX_BLOCKS = 50;
export const MAX_TEXT = 40_000;
const BLOCK_TEXT_LIMITS: Readonly<Record<string, number>> = { section: 3000, header: 150 };
const MAX_FIELDS = 10;
const MAX_FIELD_TEXT = 2000;
const MAX_ACTIONS = 25;
const MAX_CONTEXT = 10;

const blockProblem = (block: Json, index: number): string | undefined => {
  const where = `[json-pointer:/blocks/${index}]`;
  if (typeof block?.type !== "string") return `missing required field: type ${where}`;
  const limit = BLOCK_TEXT_LIMITS[block.type];
  if (limit !== undefined && String(block.text?.text ?? "").length > limit)
    return `must be less than ${limit + 1} characters ${where}`;
  if (block.type === "section" && !block.text && !block.fields)
    return `missing required field: text ${where}`;
  const fields: Json[] = block.fields ?? [];
  if (fields.length > MAX_FIELDS || fields.some((field) => String(field.text).length > MAX_FIELD_TEXT))
    return `must be at most ${MAX_FIELDS} fields of ${MAX_FIELD_TEXT} characters ${where}`;
  const most = block.type === "actions" ? MAX_ACTIONS : block.type === "context" ? MAX_CONTEXT : Infinity;
  return (block.elements ?? []).length > most ? `no more than ${most} items allowed ${where}` : undefined;
};

const blocksProblem = (blocks: Json): string | undefined => {
  if (blocks === undefined || blocks === null) return undefined;
  if (!Array.isArray(blocks)) return "must be an array [json-pointer:/blocks]";
  if (blocks.length > MAX_BLOCKS) return `no more than ${MAX_BLOCKS} items allowed [json-pointer:/blocks]`;
  return blocks.map(blockProblem).find((problem) => problem !== undefined);
};

/** The error Slack names for a message it refuses; undefined if it takes it. */
export const contentError = (input: Json): Json | undefined => {
  const problem = blocksProblem(input.blocks);
  if (problem !== undefined)
    return { ok: false, error: "invalid_blocks", response_metadata: { messages: [`[ERROR] ${problem}`] } };
  if (!input.text && !(input.blocks?.length > 0) && !(input.attachments?.length > 0))
    return { ok: false, error: "no_text" };
  return String(input.text ?? "").length > MAX_TEXT ? { ok: false, error: "msg_too_long" } : undefined;
};
