/** What Slack's answers mean for the caller: all documented errors of chat.postMessage, chat.update and webhooks. */
import { HOUR_MS, SECOND_MS } from "../kit/time.ts";
import type { ChatResult } from "../ports/chat.ts";

/** An answer as it came: status, body and the one header that matters. */
export type SlackAnswer = { status: number; retryAfter: string | null; body: string };

const RETRY_DEFAULT_MS = 30 * SECOND_MS;
const RETRY_MAX_MS = HOUR_MS;
const CODE_CHARACTERS_MAX = 80;

/** Slack's own trouble, or ours for a while. Every other error is final: trying again changes nothing. */
const PASSING: ReadonlySet<string> = new Set([
  "ratelimited",
  "rate_limited",
  "message_limit_exceeded",
  "internal_error",
  "fatal_error",
  "service_unavailable",
  "request_timeout",
  "team_added_to_org",
  "org_login_required",
  "rollup_error",
  "slack_internal_error",
]);

/** The message meant is deleted, too old to edit, or not ours. */
const GONE: ReadonlySet<string> = new Set([
  "message_not_found",
  "cant_update_message",
  "edit_window_closed",
  "thread_not_found",
  "cannot_reply_to_message",
]);

export const later = (why: string, retryAfterMs = RETRY_DEFAULT_MS): ChatResult => ({
  kind: "later",
  retryAfterMs,
  why,
});

/** Retry-After is whole seconds (docs.slack.dev "Rate limits"); anything else counts as not given. */
export const retryAfterMs = (header: string | null): number => {
  if (header === null || !/^\d{1,6}$/.test(header)) return RETRY_DEFAULT_MS;
  return Math.min(RETRY_MAX_MS, Math.max(SECOND_MS, Number(header) * SECOND_MS));
};

/** An error code, fit for a log line; what is not a code is not repeated. */
const codeOf = (text: unknown): string =>
  typeof text === "string" && /^[a-z0-9_.-]+$/i.test(text) && text.length <= CODE_CHARACTERS_MAX
    ? text
    : "an answer that is no error code";

const fromCode = (code: string, answer: SlackAnswer): ChatResult => {
  if (PASSING.has(code)) return later(code, retryAfterMs(answer.retryAfter));
  return GONE.has(code) ? { kind: "gone", why: code } : { kind: "refused", why: code };
};

/** Trouble that the HTTP status alone tells; undefined when the body has the word. */
const fromStatus = ({ status, retryAfter }: SlackAnswer): ChatResult | undefined => {
  if (status === 429) return later("ratelimited", retryAfterMs(retryAfter));
  if (status === 408 || status >= 500) return later(`HTTP ${status}`, retryAfterMs(retryAfter));
  return undefined;
};

const parsed = (body: string): Readonly<Record<string, unknown>> | undefined => {
  try {
    const value: unknown = JSON.parse(body);
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
};

/** The answer of a Web API method: 200 and `ok`, or 200 and an error. */
export const readApiAnswer = (answer: SlackAnswer): ChatResult => {
  const trouble = fromStatus(answer);
  if (trouble !== undefined) return trouble;
  const body = parsed(answer.body);
  if (body === undefined)
    return answer.status === 200 ? later("an answer that is not JSON") : refusedBy(answer.status);
  if (body.ok !== true) return fromCode(codeOf(body.error), answer);
  if (typeof body.channel !== "string" || typeof body.ts !== "string")
    return later("an answer without channel and ts");
  return { kind: "sent", channel: body.channel, ts: body.ts };
};

const refusedBy = (status: number): ChatResult => ({ kind: "refused", why: `HTTP ${status}` });

/** The answer of an incoming webhook: the text `ok`, or an error code as text. It names no message. */
export const readWebhookAnswer = (answer: SlackAnswer): ChatResult => {
  const trouble = fromStatus(answer);
  if (trouble !== undefined) return trouble;
  const text = answer.body.trim();
  if (answer.status === 200 && text === "ok") return { kind: "sent", channel: "", ts: "" };
  return fromCode(codeOf(text), answer);
};
