/** What the endpoint answers besides AWS: Slack, how Slack behaves, what it was told, and functions' own addresses. */
import type { Account, Json } from "./account.ts";
import type { WireAnswer, WireRequest } from "./protocol/wire.ts";

const MODES = ["up", "down", "rate-limited", "error"];

const json = (status: number, body: Json): WireAnswer => ({
  status,
  headers: { "content-type": "application/json" },
  body: JSON.stringify(body),
});

const isMode = (mode: Json): boolean =>
  MODES.includes(mode?.kind) &&
  (mode.kind !== "rate-limited" || Number.isFinite(mode.retryAfterSeconds)) &&
  (mode.kind !== "error" || typeof mode.error === "string");

const behave = (account: Account, request: WireRequest): WireAnswer => {
  let mode: Json;
  try {
    mode = JSON.parse(request.body.toString("utf8"));
  } catch {
    mode = undefined;
  }
  if (!isMode(mode))
    return json(400, {
      error:
        'say {"kind":"up"}, {"kind":"down"}, {"kind":"rate-limited","retryAfterSeconds":30} or {"kind":"error","error":"…"}',
    });
  account.slack.behave(mode);
  return json(200, mode);
};

const slack = (account: Account, request: WireRequest): WireAnswer => {
  if (request.method === "GET" && request.path === "/slack/messages")
    return json(200, account.slack.messages);
  if (request.method === "PUT" && request.path === "/slack/behave") return behave(account, request);
  const path = request.query === "" ? request.path : `${request.path}?${request.query}`;
  return account.slack.handle(path, request.method, request.headers, request.body.toString("utf8"));
};

const functionUrl = async (account: Account, request: WireRequest): Promise<WireAnswer> => {
  const [, name = "", path = ""] = /^\/function-url\/([^/]+)(.*)$/s.exec(request.path) ?? [];
  const answer = await account.lambda.functionUrl?.(name, {
    method: request.method,
    path: path === "" ? "/" : path,
    query: request.query,
    headers: request.headers,
    body: request.body.toString("utf8"),
  });
  return answer ?? json(404, { Message: null });
};

/** Undefined for everything that is not addressed to one of these. */
export const answerSide = async (account: Account, request: WireRequest): Promise<WireAnswer | undefined> => {
  if (request.path.startsWith("/slack/")) return slack(account, request);
  if (request.path.startsWith("/function-url/")) return functionUrl(account, request);
  return undefined;
};
