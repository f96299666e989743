/**
 * Slack's Web API and incoming webhooks, as far as a sender of messages meets them. Paths may carry a prefix:
 * `…/api/<method>` and `…/services/<team>/<hook>/<secret>`. Limits and error names: facts of Slack's own documentation.
 *
 * How it behaves is set from code (`behave`) or through the SSM parameter `/local/slack`, whose value is the mode as JSON.
 */
import type { Account, Json, Slack } from "./account.ts";
import { contentError } from "./slack-limits.ts";
import type { SlackMessage } from "./slack-message.ts";

const PARAMETER = "/local/slack";
const TEAM = {
  team: "local",
  team_id: "T0000LOCAL",
  user: "bellwether",
  user_id: "U0000LOCAL",
  bot_id: "B0000LOCAL",
};

/** What the token may do; Slack says so in a header of every answer. */
const SCOPES = "chat:write,chat:write.public";

type Answer = { status: number; headers: Record<string, string>; body: string };
type Mode = Parameters<Slack["behave"]>[0];

const json = (body: Json, status = 200, headers: Record<string, string> = {}): Answer => ({
  status,
  headers: { "content-type": "application/json; charset=utf-8", ...headers },
  body: JSON.stringify(body),
});
const text = (body: string, status = 200, headers: Record<string, string> = {}): Answer => ({
  status,
  headers: { "content-type": "text/html", ...headers },
  body,
});

/** JSON bodies and forms alike; in forms, blocks are JSON text. Undefined is a body that cannot be read. */
const parseBody = (body: string, contentType: string): Json => {
  try {
    if (contentType.startsWith("application/json")) return body === "" ? {} : JSON.parse(body);
    const form: Json = Object.fromEntries(new URLSearchParams(body));
    for (const name of ["blocks", "attachments"])
      if (form[name] !== undefined) form[name] = JSON.parse(form[name]);
    return typeof form.payload === "string" ? JSON.parse(form.payload) : form;
  } catch {
    return undefined;
  }
};

const parseMode = (value: string | undefined): Mode | undefined => {
  if (value === undefined) return { kind: "up" };
  try {
    const mode: Json = JSON.parse(value);
    const isKnown =
      mode.kind === "up" ||
      mode.kind === "down" ||
      (mode.kind === "rate-limited" && Number.isFinite(mode.retryAfterSeconds)) ||
      (mode.kind === "error" && typeof mode.error === "string");
    return isKnown ? mode : undefined;
  } catch {
    return undefined;
  }
};

export const createSlack = (account: Account): Slack => {
  const messages: SlackMessage[] = [];
  let mode: Mode = { kind: "up" };
  let posted = 0;
  let isListening = false;

  /** Seconds of account time and a counter: unique, and ordered as posted. */
  const nextTs = (): string => {
    posted += 1;
    return `${Math.floor(account.world.now() / 1000)}.${String(posted).padStart(6, "0")}`;
  };

  const find = (channel: Json, ts: Json): SlackMessage | undefined =>
    messages.find((message) => message.channel === channel && message.ts === ts);

  const shapeOf = (message: SlackMessage): Json => ({
    type: "message",
    user: TEAM.user_id,
    bot_id: TEAM.bot_id,
    text: message.text,
    ts: message.ts,
    ...(message.blocks && { blocks: message.blocks }),
    ...(message.threadTs && { thread_ts: message.threadTs }),
  });

  const add = (input: Json, channel: string, via: SlackMessage["via"]): SlackMessage => {
    const message: SlackMessage = {
      at: account.world.now(),
      channel,
      ts: nextTs(),
      ...(input.thread_ts && { threadTs: String(input.thread_ts) }),
      broadcast: String(input.reply_broadcast ?? false) === "true",
      text: String(input.text ?? ""),
      blocks: input.blocks,
      edits: 0,
      via,
    };
    messages.push(message);
    return message;
  };

  const postMessage = (input: Json): Json => {
    if (!input.channel) return { ok: false, error: "channel_not_found" };
    const error = contentError(input);
    if (error !== undefined) return error;
    const message = add(input, String(input.channel), "bot");
    return { ok: true, channel: message.channel, ts: message.ts, message: shapeOf(message) };
  };

  const update = (input: Json): Json => {
    const message = find(input.channel, input.ts);
    if (message === undefined) return { ok: false, error: "message_not_found" };
    if (message.via === "webhook") return { ok: false, error: "cant_update_message" };
    const error = contentError(input);
    if (error !== undefined) return error;
    if (input.text !== undefined) message.text = String(input.text);
    // An update without blocks retains the old ones.
    if (input.blocks !== undefined) message.blocks = input.blocks;
    message.edits += 1;
    return {
      ok: true,
      channel: message.channel,
      ts: message.ts,
      text: message.text,
      message: shapeOf(message),
    };
  };

  const permalink = (input: Json): Json => {
    const message = find(input.channel, input.message_ts);
    if (message === undefined) return { ok: false, error: "message_not_found" };
    const link = `https://local.slack.com/archives/${message.channel}/p${message.ts.replace(".", "")}`;
    return { ok: true, channel: message.channel, permalink: link };
  };

  const history = (input: Json): Json => ({
    ok: true,
    has_more: false,
    messages: messages
      .filter((message) => message.channel === input.channel && (!message.threadTs || message.broadcast))
      .map(shapeOf)
      .reverse(),
  });

  const replies = (input: Json): Json => ({
    ok: true,
    has_more: false,
    messages: messages
      .filter((message) => message.channel === input.channel)
      .filter((message) => message.ts === input.ts || message.threadTs === input.ts)
      .map(shapeOf),
  });

  const METHODS: Readonly<Record<string, (input: Json) => Json>> = {
    "chat.postMessage": postMessage,
    "chat.update": update,
    "chat.getPermalink": permalink,
    "conversations.history": history,
    "conversations.replies": replies,
    "auth.test": () => ({ ok: true, url: "https://local.slack.com/", ...TEAM }),
  };

  const api = (method: string, input: Json, token: string | undefined): Answer => {
    const run = METHODS[method];
    if (run === undefined) return json({ ok: false, error: "unknown_method" });
    if (!token) return json({ ok: false, error: "not_authed" });
    if (input === undefined) return json({ ok: false, error: "invalid_json" });
    const answer = mode.kind === "error" ? { ok: false, error: mode.error } : run(input);
    return json(answer, 200, { "x-oauth-scopes": SCOPES });
  };

  const webhook = (hook: string, method: string, input: Json): Answer => {
    if (method !== "POST" || input === undefined) return text("invalid_payload", 400);
    if (mode.kind === "error") return text(mode.error, 403);
    const error = contentError(input);
    if (error !== undefined) return text(error.error, 400);
    add(input, hook, "webhook");
    return text("ok");
  };

  const handle: Slack["handle"] = (path, method, headers, body) => {
    if (mode.kind === "down") return text("Service Unavailable", 503);
    if (mode.kind === "rate-limited") {
      const retry = { "retry-after": String(mode.retryAfterSeconds) };
      return path.includes("/services/")
        ? text("rate_limited", 429, retry)
        : json({ ok: false, error: "ratelimited" }, 429, retry);
    }
    const url = new URL(path, "http://slack.local");
    const lowered = Object.fromEntries(
      Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]),
    );
    const parsed = parseBody(body, lowered["content-type"] ?? "");
    const input = parsed && { ...Object.fromEntries(url.searchParams), ...parsed };
    const hook = /\/services\/(.+)$/.exec(url.pathname)?.[1];
    if (hook !== undefined) return webhook(hook, method, input);
    const name = /\/api\/([\w.]+)$/.exec(url.pathname)?.[1];
    if (name === undefined) return text("Not Found", 404);
    const bearer = /^Bearer (\S+)/.exec(lowered.authorization ?? "")?.[1];
    return api(name, input, bearer ?? input?.token);
  };

  const behave: Slack["behave"] = (next) => {
    mode = next;
  };

  /** Follows the parameter that sets the mode. To be called once the account's services are all there. */
  const listen = (): void => {
    if (isListening) return;
    isListening = true;
    account.ssm.onChange((name, value) => {
      const next = name === PARAMETER ? parseMode(value) : undefined;
      if (next !== undefined) mode = next;
    });
  };

  return { messages, behave, handle, listen };
};
