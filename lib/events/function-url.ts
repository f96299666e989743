/** A request to a function URL, payload format 2.0. */
import * as z from "zod/mini";
import { parse } from "./refuse.ts";

const Request = z.object({
  headers: z.record(z.string(), z.string()),
  body: z.optional(z.string()),
  isBase64Encoded: z.optional(z.boolean()),
  requestContext: z.object({ http: z.object({ method: z.string() }) }),
});

export type WebRequest = {
  method: string;
  /** Names in lower case. */
  headers: ReadonlyMap<string, string>;
  /** As it came over the wire: signatures are over these bytes. */
  body: Uint8Array;
};

export const webRequest = (raw: unknown): WebRequest => {
  const {
    headers,
    body = "",
    isBase64Encoded = false,
    requestContext,
  } = parse(Request, raw, "a function URL request");
  return {
    method: requestContext.http.method,
    headers: new Map(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value])),
    body: Buffer.from(body, isBase64Encoded ? "base64" : "utf8"),
  };
};
