/** Chat over Slack: a bot's token, or an incoming webhook, which can only post. */
import { InputError, UnavailableError } from "../kit/errors.ts";
import { SECOND_MS } from "../kit/time.ts";
import type { Chat, ChatMessage, ChatResult } from "../ports/chat.ts";
import { later, readApiAnswer, readWebhookAnswer, type SlackAnswer } from "./slack-answer.ts";

const API = "https://slack.com/api";
const WEBHOOKS = "https://hooks.slack.com";
/** Slack answers in a fraction of this, or not at all. */
const TIMEOUT_MS = 5 * SECOND_MS;

export type SlackSettings = {
  /** A bot's token; undefined when there is none. Asked for each call, so that it can be cached and replaced outside. */
  token: () => Promise<string | undefined>;
  /** An incoming webhook's address, used when there is no token. */
  webhook: () => Promise<string | undefined>;
  /** Channel for services whose policy names none. */
  channel?: string;
  /** Slack's unless a test or the local account plays Slack. */
  baseUrl?: string;
  now: () => number;
};

type Way = { kind: "bot"; token: string } | { kind: "webhook"; url: string } | { kind: "off" };

const LOOPBACK: readonly string[] = ["127.0.0.1", "localhost", "[::1]"];

/** A secret leaves the machine over TLS only. */
const isSafe = (url: URL): boolean =>
  url.username === "" &&
  (url.protocol === "https:" || (url.protocol === "http:" && LOOPBACK.includes(url.hostname)));

const baseOf = (text: string): URL => {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !isSafe(url))
    throw new InputError("Slack's address must be https, or http on this machine");
  return url;
};

const wayOf = async ({ token, webhook }: SlackSettings): Promise<Way> => {
  const bot = (await token())?.trim();
  if (bot !== undefined && bot !== "") return { kind: "bot", token: bot };
  const url = (await webhook())?.trim();
  return url === undefined || url === "" ? { kind: "off" } : { kind: "webhook", url };
};

/** The name of what went wrong, never its message: that may repeat an address that is a secret. */
const troubleOf = (thrown: unknown): string => {
  if (!(thrown instanceof Error)) return "unknown trouble";
  const { cause } = thrown;
  const code = cause instanceof Error && "code" in cause ? cause.code : undefined;
  return typeof code === "string" ? code : thrown.name;
};

const send = async (
  url: string,
  headers: Readonly<Record<string, string>>,
  body: object,
): Promise<SlackAnswer> => {
  const response = await fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json; charset=utf-8", ...headers },
    body: JSON.stringify(body),
    redirect: "error",
    signal: AbortSignal.timeout(TIMEOUT_MS),
  });
  return {
    status: response.status,
    retryAfter: response.headers.get("retry-after"),
    body: await response.text(),
  };
};

/** Whatever keeps an answer from coming means "later". */
const attempt = async (call: () => Promise<ChatResult>): Promise<ChatResult> => {
  try {
    return await call();
  } catch (error) {
    if (error instanceof InputError) throw error;
    if (error instanceof UnavailableError) return later("Slack's secrets could not be read");
    return later(troubleOf(error));
  }
};

/** Nothing in a message is looked up or shown as a preview: what people wrote stays what they wrote. */
const STILL = { unfurl_links: false, unfurl_media: false, parse: "none", link_names: false } as const;

export const slackChat = (settings: SlackSettings): Chat => {
  const base = baseOf(settings.baseUrl ?? API);
  let pausedUntilAt = 0;

  /** Slack said when to come back: nothing is sent before. */
  const paced = async (call: () => Promise<ChatResult>): Promise<ChatResult> => {
    const now = settings.now();
    if (now < pausedUntilAt) return later("ratelimited", pausedUntilAt - now);
    const result = await attempt(call);
    if (result.kind === "later" && result.why === "ratelimited") pausedUntilAt = now + result.retryAfterMs;
    return result;
  };

  const callApi = async (method: string, token: string, body: object): Promise<ChatResult> =>
    readApiAnswer(
      await send(`${base.href.replace(/\/$/, "")}/${method}`, { authorization: `Bearer ${token}` }, body),
    );

  const callWebhook = async (text: string, message: ChatMessage): Promise<ChatResult> => {
    const url = URL.canParse(text) ? new URL(text) : undefined;
    if (url === undefined || (url.origin !== WEBHOOKS && url.origin !== base.origin))
      return { kind: "refused", why: "the webhook's address is not Slack's" };
    return readWebhookAnswer(
      await send(url.href, {}, { text: message.text, blocks: message.blocks, ...STILL }),
    );
  };

  return {
    canEdit: async () => (await wayOf(settings)).kind === "bot",

    post: (channel, message, thread) =>
      paced(async () => {
        const way = await wayOf(settings);
        if (way.kind === "off") return { kind: "off" };
        if (way.kind === "webhook") return callWebhook(way.url, message);
        const to = channel ?? settings.channel;
        if (to === undefined) return { kind: "refused", why: "no channel is set up" };
        return callApi("chat.postMessage", way.token, {
          channel: to,
          text: message.text,
          blocks: message.blocks,
          ...(thread && { thread_ts: thread.ts, reply_broadcast: thread.isBroadcast }),
          ...STILL,
        });
      }),

    edit: (channel, ts, message) =>
      paced(async () => {
        const way = await wayOf(settings);
        if (way.kind === "off") return { kind: "off" };
        if (way.kind === "webhook") return { kind: "refused", why: "a webhook cannot edit" };
        // Without `blocks` the old ones would stay.
        return callApi("chat.update", way.token, {
          channel,
          ts,
          text: message.text,
          blocks: message.blocks,
          parse: "none",
          link_names: false,
        });
      }),
  };
};
