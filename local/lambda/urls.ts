/** Function URLs: a plain HTTP request becomes an event of payload format 2.0, and the answer a plain HTTP answer. */
import { createHash } from "node:crypto";
import { type Account, AwsError, type Json } from "../account.ts";
import type { UrlAnswer, UrlRequest } from "../function-url.ts";
import type { Ran } from "./invoke.ts";
import type { Permissions } from "./permissions.ts";
import type { Fn } from "./state.ts";

const SOURCE_IP = "127.0.0.1";
const URL_ID_LENGTH = 32;
const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
/** Bodies of these types reach the function as text; all others, forms too, as base64. */
const TEXT = /^(text\/|application\/(json|xml|javascript)\b|application\/[\w.+-]+\+(json|xml)\b)/;

type Run = (
  functionName: string,
  qualifier: string | undefined,
  payload: string,
  requestId: string,
) => Promise<Ran>;

/** `05/Jan/2026:12:00:00 +0000` */
const accessLogTime = (at: number): string => {
  const [date = "", time = ""] = new Date(at).toISOString().split(/[T.]/);
  const [year, month, day] = date.split("-");
  return `${day}/${MONTHS[Number(month) - 1]}/${year}:${time} +0000`;
};

const bodyIn = (request: UrlRequest): Json => {
  if (request.body === "") return { isBase64Encoded: false };
  const isText = TEXT.test(request.headers["content-type"] ?? "text/plain");
  return {
    body: isText ? request.body : Buffer.from(request.body).toString("base64"),
    isBase64Encoded: !isText,
  };
};

const eventOf = (fn: Fn, request: UrlRequest, requestId: string, at: number): Json => {
  const { cookie, ...headers } = request.headers;
  const parameters = new URLSearchParams(request.query);
  const names = [...new Set(parameters.keys())];
  const urlId = createHash("sha256").update(fn.arn).digest("hex").slice(0, URL_ID_LENGTH);
  return {
    version: "2.0",
    routeKey: "$default",
    rawPath: request.path,
    rawQueryString: request.query,
    ...(cookie !== undefined && { cookies: cookie.split("; ") }),
    headers,
    ...(names.length > 0 && {
      queryStringParameters: Object.fromEntries(
        names.map((name) => [name, parameters.getAll(name).join(",")]),
      ),
    }),
    requestContext: {
      accountId: "anonymous",
      apiId: urlId,
      domainName: request.headers.host ?? "",
      domainPrefix: urlId,
      http: {
        method: request.method,
        path: request.path,
        protocol: "HTTP/1.1",
        sourceIp: SOURCE_IP,
        userAgent: request.headers["user-agent"] ?? "",
      },
      requestId,
      routeKey: "$default",
      stage: "$default",
      time: accessLogTime(at),
      timeEpoch: at,
    },
    ...bodyIn(request),
  };
};

const headerTexts = (headers: Json): Record<string, string> =>
  Object.fromEntries(
    Object.entries(headers ?? {}).map(([name, value]) => [name.toLowerCase(), String(value)]),
  );

/** An answer without a statusCode is the body itself. */
const answerOf = (payload: string): UrlAnswer => {
  const answer: Json = JSON.parse(payload);
  if (typeof answer?.statusCode !== "number")
    return {
      status: 200,
      headers: { "content-type": "application/json" },
      body: typeof answer === "string" ? answer : payload,
    };
  const body =
    typeof answer.body === "string"
      ? answer.body
      : answer.body === undefined
        ? ""
        : JSON.stringify(answer.body);
  return {
    status: answer.statusCode,
    headers: {
      "content-type": "application/json",
      ...headerTexts(answer.headers),
      ...(Array.isArray(answer.cookies) && { "set-cookie": answer.cookies.join(", ") }),
    },
    body: answer.isBase64Encoded === true ? Buffer.from(body, "base64").toString("utf8") : body,
  };
};

const plain = (status: number, message: string): UrlAnswer => ({
  status,
  headers: { "content-type": "application/json" },
  body: JSON.stringify({ Message: message }),
});

/** Serves the URL of the function itself, or of the first qualifier that has one. */
export const createUrls = (account: Account, permissions: Permissions, run: Run, newId: () => string) => ({
  answer: async (fn: Fn | undefined, request: UrlRequest): Promise<UrlAnswer | undefined> => {
    const [url] = [...(fn?.urls ?? [])];
    if (fn === undefined || url === undefined) return undefined;
    const [key, { authType }] = url;
    const qualifier = key === "" ? undefined : key;
    if (authType !== "NONE" || !permissions.permitsUrl(fn, qualifier)) return plain(403, "Forbidden");
    const requestId = newId();
    try {
      const event = eventOf(fn, request, requestId, account.world.now());
      const ran = await run(fn.name, qualifier, JSON.stringify(event), requestId);
      return ran.ok ? answerOf(ran.payload) : plain(502, "Internal Server Error");
    } catch (error) {
      if (error instanceof AwsError) return plain(error.status, error.message);
      throw error;
    }
  },
  urlOf: (fn: Fn): string => `${account.endpoint}/function-url/${fn.name}/`,
});
