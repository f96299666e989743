/** What every chat must do, held by the one in memory and by Slack's adapter against the local account's Slack. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { InputError, UnavailableError } from "../../lib/kit/errors.ts";
import type { Chat, ChatMessage } from "../../lib/ports/chat.ts";
import { livingMessage } from "../../lib/slack/message.ts";
import { slackChat } from "../../lib/slack/slack-chat.ts";
import type { Account } from "../../local/account.ts";
import { createSlack } from "../../local/slack.ts";
import { memoryChat } from "../fakes/memory-chat.ts";
import * as r from "../fakes/records.ts";

const TOKEN = "xoxb-1-test";
const servers: Server[] = [];

afterEach(async () => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
});

type Handler = (request: IncomingMessage, body: string, response: ServerResponse) => void;

const serve = async (handler: Handler): Promise<string> => {
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => handler(request, Buffer.concat(chunks).toString("utf8"), response));
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
};

const localSlack = async () => {
  const slack = createSlack({ world: { now: () => r.START_AT } } as unknown as Account);
  const origin = await serve((request, body, response) => {
    const headers = Object.fromEntries(
      Object.entries(request.headers).map(([name, value]) => [name, String(value)]),
    );
    const answer = slack.handle(request.url ?? "/", request.method ?? "GET", headers, body);
    response.writeHead(answer.status, answer.headers).end(answer.body);
  });
  return { slack, origin };
};

const none = async (): Promise<undefined> => undefined;
const bot = (baseUrl: string, more: Partial<Parameters<typeof slackChat>[0]> = {}): Chat =>
  slackChat({
    token: async () => TOKEN,
    webhook: none,
    channel: "deployments",
    baseUrl,
    now: () => r.START_AT,
    ...more,
  });

const message = (text: string): ChatMessage => ({
  text,
  blocks: [{ type: "section", text: { type: "mrkdwn", text } }],
});

type World = {
  chat: Chat;
  texts: () => string[];
  down: () => void;
  refuse: (why: string) => void;
  limit: () => void;
};

const worlds: Readonly<Record<string, () => Promise<World>>> = {
  "in memory": async () => {
    const { chat, messages, state } = memoryChat();
    return {
      chat,
      texts: () =>
        messages.map(
          (each) =>
            `${each.channel} ${each.message.text}${each.thread ? ` under ${messages.findIndex((one) => one.ts === each.thread?.ts)}${each.thread.isBroadcast ? " to all" : ""}` : ""}`,
        ),
      down: () => {
        state.behaviour = { kind: "later", retryAfterMs: 1_000 };
      },
      refuse: (why) => {
        state.behaviour = { kind: "refused", why };
      },
      limit: () => {
        state.behaviour = { kind: "later", retryAfterMs: 7_000 };
      },
    };
  },
  "over Slack": async () => {
    const { slack, origin } = await localSlack();
    return {
      chat: bot(`${origin}/api`),
      texts: () =>
        slack.messages.map(
          (each) =>
            `${each.channel} ${each.text}${each.threadTs ? ` under ${slack.messages.findIndex((one) => one.ts === each.threadTs)}${each.broadcast ? " to all" : ""}` : ""}`,
        ),
      down: () => slack.behave({ kind: "down" }),
      refuse: (error) => slack.behave({ kind: "error", error }),
      limit: () => slack.behave({ kind: "rate-limited", retryAfterSeconds: 7 }),
    };
  },
};

describe.each(Object.keys(worlds))("a chat %s", (name) => {
  const make = worlds[name] as () => Promise<World>;

  it("posts to the channel that is named, else to the default one", async () => {
    const { chat, texts } = await make();
    expect(await chat.canEdit()).toBe(true);
    await chat.post("C0CHECKOUT", message("one"));
    await chat.post(undefined, message("two"));
    expect(texts()).toEqual(["C0CHECKOUT one", "deployments two"]);
  });

  it("edits a message where it stands", async () => {
    const { chat, texts } = await make();
    const posted = await chat.post(undefined, message("one"));
    if (posted.kind !== "sent") throw new Error(posted.kind);
    expect(await chat.edit(posted.channel, posted.ts, message("two"))).toEqual(posted);
    expect(texts()).toEqual(["deployments two"]);
  });

  it("answers in a thread, to its readers or to the whole channel", async () => {
    const { chat, texts } = await make();
    const posted = await chat.post(undefined, message("one"));
    if (posted.kind !== "sent") throw new Error(posted.kind);
    await chat.post(posted.channel, message("two"), { ts: posted.ts, isBroadcast: true });
    await chat.post(posted.channel, message("three"), { ts: posted.ts, isBroadcast: false });
    expect(texts()).toEqual([
      "deployments one",
      "deployments two under 0 to all",
      "deployments three under 0",
    ]);
  });

  it("says that a message is gone when there is none to edit", async () => {
    const { chat } = await make();
    expect(await chat.edit("deployments", "1.000001", message("x"))).toEqual({
      kind: "gone",
      why: "message_not_found",
    });
  });

  it("asks to try later while it is down, and as late as it was told to", async () => {
    const { chat, down, limit, texts } = await make();
    down();
    expect(await chat.post(undefined, message("x"))).toMatchObject({ kind: "later" });
    limit();
    expect(await chat.post(undefined, message("x"))).toMatchObject({ kind: "later", retryAfterMs: 7_000 });
    expect(texts()).toEqual([]);
  });

  it("says why it refuses", async () => {
    const { chat, refuse } = await make();
    refuse("is_archived");
    expect(await chat.post(undefined, message("x"))).toEqual({ kind: "refused", why: "is_archived" });
  });
});

describe("Slack's adapter", () => {
  it("sends a deployment's message in a form that Slack takes, with its blocks", async () => {
    const { slack, origin } = await localSlack();
    const living = livingMessage(r.recordOf(r.GOING_BACK));
    expect((await bot(`${origin}/api`).post(undefined, living)).kind).toBe("sent");
    expect(slack.messages[0]).toMatchObject({ text: living.text, blocks: living.blocks, via: "bot" });
  });

  it("proves itself by the token, and asks Slack to look nothing up", async () => {
    const seen: { authorization: string | undefined; body: Record<string, unknown> }[] = [];
    const origin = await serve((request, body, response) => {
      seen.push({ authorization: request.headers.authorization, body: JSON.parse(body) });
      response.end(JSON.stringify({ ok: true, channel: "C1", ts: "1.2" }));
    });
    await bot(`${origin}/api/`).post(undefined, message("x"));
    expect(seen[0]?.authorization).toBe(`Bearer ${TOKEN}`);
    expect(seen[0]?.body).toMatchObject({
      unfurl_links: false,
      unfurl_media: false,
      parse: "none",
      link_names: false,
    });
    expect(JSON.stringify(seen[0]?.body)).not.toContain(TOKEN);
  });

  it("does not call before the time that Slack asked for, then calls again", async () => {
    let calls = 0;
    let now = r.START_AT;
    const origin = await serve((_request, _body, response) => {
      calls += 1;
      if (calls === 1) response.writeHead(429, { "retry-after": "7" }).end();
      else response.end(JSON.stringify({ ok: true, channel: "C1", ts: "1.2" }));
    });
    const chat = bot(origin, { now: () => now });
    await chat.post(undefined, message("x"));
    now += 6_999;
    expect(await chat.post(undefined, message("x"))).toEqual({
      kind: "later",
      why: "ratelimited",
      retryAfterMs: 1,
    });
    expect(calls).toBe(1);
    now += 1;
    expect((await chat.post(undefined, message("x"))).kind).toBe("sent");
  });

  it("asks to try later when nobody answers, the line breaks, or another place answers", async () => {
    const closed = await serve(() => {});
    const [server] = servers.splice(0, 1);
    await new Promise((resolve) => server?.close(resolve));
    expect(await bot(closed).post(undefined, message("x"))).toMatchObject({
      kind: "later",
      why: "ECONNREFUSED",
    });
    const broken = await serve((request) => request.socket.destroy());
    expect((await bot(broken).post(undefined, message("x"))).kind).toBe("later");
    const elsewhere = await serve((_request, _body, response) =>
      response.writeHead(302, { location: "http://127.0.0.1:1/" }).end(),
    );
    expect((await bot(elsewhere).post(undefined, message("x"))).kind).toBe("later");
  });

  it("gives up on a silent Slack after five seconds", async () => {
    const silent = await serve(() => {});
    const startedAt = performance.now();
    expect(await bot(silent).post(undefined, message("x"))).toMatchObject({ kind: "later" });
    expect(performance.now() - startedAt).toBeLessThan(8_000);
  });

  it("asks to try later when its secrets cannot be read, and does not say them when they can", async () => {
    const unread = async (): Promise<string> => {
      throw new UnavailableError("reading a secret");
    };
    expect(await bot("http://127.0.0.1:1", { token: unread }).post(undefined, message("x"))).toMatchObject({
      kind: "later",
      why: "Slack's secrets could not be read",
    });
    const result = await bot("http://127.0.0.1:1", { token: async () => "bad\ntoken-secret" }).post(
      undefined,
      message("x"),
    );
    expect(JSON.stringify(result)).not.toContain("secret");
  });

  it("is off without token and webhook, and then calls nobody", async () => {
    const chat = bot("http://127.0.0.1:1", { token: async () => " " });
    expect(await chat.canEdit()).toBe(false);
    expect(await chat.post(undefined, message("x"))).toEqual({ kind: "off" });
    expect(await chat.edit("C1", "1.2", message("x"))).toEqual({ kind: "off" });
  });

  it("refuses a bot's message that nobody named a channel for", async () => {
    const chat = slackChat({
      token: async () => TOKEN,
      webhook: none,
      baseUrl: "http://127.0.0.1:1",
      now: () => 0,
    });
    expect(await chat.post(undefined, message("x"))).toEqual({
      kind: "refused",
      why: "no channel is set up",
    });
  });

  it("posts through a webhook, which can neither edit nor answer", async () => {
    const { slack, origin } = await localSlack();
    const chat = bot(`${origin}/api`, {
      token: none,
      webhook: async () => `${origin}/services/T1/B1/secret`,
    });
    expect(await chat.canEdit()).toBe(false);
    expect(await chat.post(undefined, livingMessage(r.recordOf(r.ROLLED_BACK)))).toMatchObject({
      kind: "sent",
    });
    expect(slack.messages[0]).toMatchObject({ via: "webhook" });
    expect(await chat.edit("C1", "1.2", message("x"))).toEqual({
      kind: "refused",
      why: "a webhook cannot edit",
    });
  });

  it("sends nothing to a webhook that is not Slack's", async () => {
    for (const url of [
      "https://evil.example/services/x",
      "https://hooks.slack.com.evil.example/",
      "file:///etc/passwd",
      "nonsense",
    ]) {
      const chat = slackChat({ token: none, webhook: async () => url, now: () => 0 });
      expect(await chat.post(undefined, message("x"))).toEqual({
        kind: "refused",
        why: "the webhook's address is not Slack's",
      });
    }
  });

  it.each(["http://slack.example/api", "https://user@slack.com/api", "ftp://slack.com", "slack.com"])(
    "takes no secrets to %s",
    (baseUrl) => {
      expect(() => bot(baseUrl)).toThrow(InputError);
    },
  );
});
