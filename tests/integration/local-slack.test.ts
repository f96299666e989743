import { expect, test } from "vitest";
import type { Json } from "../../local/account.ts";
import { createSmallAccount, type SmallAccount, START_AT } from "../support/small-account.ts";

const HEADERS = { "Content-Type": "application/json; charset=utf-8", Authorization: "Bearer xoxb-1" };
const HOOK = "/slack/services/T1/B1/secret";

const call = (
  account: SmallAccount,
  method: string,
  body: Json,
  headers: Record<string, string> = HEADERS,
): Json =>
  JSON.parse(account.slack.handle(`/slack/api/${method}`, "POST", headers, JSON.stringify(body)).body);

const section = (text: string) => ({ type: "section", text: { type: "mrkdwn", text } });

test("a posted message is kept with a time stamp of account time, and can be read back", () => {
  const account = createSmallAccount();
  const first = call(account, "chat.postMessage", { channel: "C1", text: "one" });
  const second = call(account, "chat.postMessage", {
    channel: "C1",
    text: "two",
    thread_ts: first.ts,
    reply_broadcast: true,
  });
  expect(first).toMatchObject({
    ok: true,
    channel: "C1",
    ts: `${START_AT / 1000}.000001`,
    message: { text: "one" },
  });
  expect(Number(second.ts)).toBeGreaterThan(Number(first.ts));
  expect(account.slack.messages).toMatchObject([
    { at: START_AT, channel: "C1", text: "one", broadcast: false, edits: 0, via: "bot" },
    { text: "two", threadTs: first.ts, broadcast: true },
  ]);
  expect(
    call(account, "conversations.history", { channel: "C1" }).messages.map(({ text }: Json) => text),
  ).toEqual(["two", "one"]);
  expect(call(account, "conversations.replies", { channel: "C1", ts: first.ts }).messages).toHaveLength(2);
  expect(call(account, "chat.getPermalink", { channel: "C1", message_ts: first.ts }).permalink).toMatch(
    /\/archives\/C1\/p\d+$/,
  );
  expect(call(account, "auth.test", {})).toMatchObject({ ok: true, user_id: expect.any(String) });
});

test("an update changes the message and keeps blocks it does not name", () => {
  const account = createSmallAccount();
  const { ts } = call(account, "chat.postMessage", {
    channel: "C1",
    text: "one",
    blocks: [section("block")],
  });
  expect(call(account, "chat.update", { channel: "C1", ts, text: "two" }).ok).toBe(true);
  expect(account.slack.messages).toMatchObject([{ text: "two", edits: 1, blocks: [section("block")] }]);
  expect(call(account, "chat.update", { channel: "general", ts, text: "x" }).error).toBe("message_not_found");
});

test("form bodies are read too, blocks as JSON text", () => {
  const account = createSmallAccount();
  const body = new URLSearchParams({
    token: "xoxb-1",
    channel: "C1",
    text: "t",
    blocks: JSON.stringify([section("b")]),
  });
  const headers = { "content-type": "application/x-www-form-urlencoded" };
  const answer = account.slack.handle("/api/chat.postMessage", "POST", headers, body.toString());
  expect(JSON.parse(answer.body).ok).toBe(true);
  expect(account.slack.messages[0]?.blocks).toEqual([section("b")]);
});

test.each([
  ["no channel", { channel: undefined }, "channel_not_found"],
  ["no text and no blocks", { text: "" }, "no_text"],
  ["too long a text", { text: "x".repeat(40_001) }, "msg_too_long"],
  ["51 blocks", { blocks: Array.from({ length: 51 }, () => section("x")) }, "invalid_blocks"],
  ["a section over 3000 characters", { blocks: [section("x".repeat(3001))] }, "invalid_blocks"],
  [
    "a header over 150 characters",
    { blocks: [{ type: "header", text: { text: "x".repeat(151) } }] },
    "invalid_blocks",
  ],
  [
    "11 fields",
    { blocks: [{ type: "section", fields: Array.from({ length: 11 }, () => ({ text: "x" })) }] },
    "invalid_blocks",
  ],
  [
    "26 actions",
    { blocks: [{ type: "actions", elements: Array.from({ length: 26 }, () => ({})) }] },
    "invalid_blocks",
  ],
  [
    "11 context elements",
    { blocks: [{ type: "context", elements: Array.from({ length: 11 }, () => ({})) }] },
    "invalid_blocks",
  ],
  ["an empty section", { blocks: [{ type: "section" }] }, "invalid_blocks"],
  ["a block without a type", { blocks: [{}] }, "invalid_blocks"],
  ["blocks that are no list", { blocks: "x" }, "invalid_blocks"],
])("a message with %s is answered %s", (_what, change, error) => {
  const account = createSmallAccount();
  expect(call(account, "chat.postMessage", { channel: "C1", text: "t", ...change })).toMatchObject({
    ok: false,
    error,
  });
  expect(account.slack.messages).toEqual([]);
});

test("calls without a token, to unknown methods and with broken JSON are answered as Slack does", () => {
  const account = createSmallAccount();
  const { Authorization: _, ...anonymous } = HEADERS;
  expect(call(account, "chat.postMessage", { channel: "C1", text: "t" }, anonymous).error).toBe("not_authed");
  expect(call(account, "chat.shout", {}).error).toBe("unknown_method");
  expect(JSON.parse(account.slack.handle("/api/chat.postMessage", "POST", HEADERS, "{").body).error).toBe(
    "invalid_json",
  );
  expect(account.slack.handle("/nothing", "GET", {}, "").status).toBe(404);
});

test("a webhook answers ok, gives no time stamp, and its message cannot be updated", () => {
  const account = createSmallAccount();
  expect(account.slack.handle(HOOK, "POST", HEADERS, '{"text":"hi"}')).toMatchObject({
    status: 200,
    body: "ok",
  });
  const [message] = account.slack.messages;
  expect(message).toMatchObject({ via: "webhook", channel: "T1/B1/secret", text: "hi" });
  expect(call(account, "chat.update", { channel: "T1/B1/secret", ts: message?.ts, text: "x" }).error).toBe(
    "cant_update_message",
  );
  expect(account.slack.handle(HOOK, "POST", HEADERS, "{")).toMatchObject({
    status: 400,
    body: "invalid_payload",
  });
  expect(account.slack.handle(HOOK, "POST", HEADERS, "{}")).toMatchObject({ status: 400, body: "no_text" });
});

test("it can be down, rate limited or in error, and comes up again", () => {
  const account = createSmallAccount();
  const post = (path: string) => account.slack.handle(path, "POST", HEADERS, '{"channel":"C1","text":"t"}');
  const api = "/slack/api/chat.postMessage";
  account.slack.behave({ kind: "down" });
  expect([post(api).status, post(HOOK).status]).toEqual([503, 503]);
  account.slack.behave({ kind: "rate-limited", retryAfterSeconds: 7 });
  expect(post(api)).toMatchObject({ status: 429, headers: { "retry-after": "7" } });
  expect(JSON.parse(post(api).body).error).toBe("ratelimited");
  expect(post(HOOK)).toMatchObject({ status: 429, body: "rate_limited" });
  account.slack.behave({ kind: "error", error: "is_archived" });
  expect(JSON.parse(post(api).body)).toEqual({ ok: false, error: "is_archived" });
  expect(post(HOOK)).toMatchObject({ status: 403, body: "is_archived" });
  expect(account.slack.messages).toEqual([]);
  account.slack.behave({ kind: "up" });
  expect(JSON.parse(post(api).body).ok).toBe(true);
});

test("a parameter sets how it behaves, and one that says nothing sensible is passed over", () => {
  const account = createSmallAccount();
  const status = () => account.slack.handle(HOOK, "POST", HEADERS, '{"text":"t"}').status;
  account.putParameter("/local/slack", '{"kind":"down"}');
  expect(status()).toBe(503);
  for (const value of ["{", '{"kind":"sideways"}', '{"kind":"rate-limited"}'])
    account.putParameter("/local/slack", value);
  expect(status()).toBe(503);
  account.putParameter("/local/slack", undefined);
  expect(status()).toBe(200);
});
