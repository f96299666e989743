/** What every protocol turns a request into, and an answer out of. */
import type { AwsError, Json, RawAnswer, Service } from "../account.ts";

/** A request with its body read and unpacked. Header names are in lower case. */
export type WireRequest = {
  method: string;
  /** Without the query, still encoded. */
  path: string;
  /** Without its question mark. */
  query: string;
  headers: Readonly<Record<string, string>>;
  body: Buffer;
};

export type WireAnswer = { status: number; headers: Record<string, string>; body: string | Buffer };

/** An operation's name and its input. `status` is what its success is answered with. */
export type Asked = { operation: string; input: Json; status: number };

export type Protocol = {
  /** Throws AwsError when the request cannot be read or names no operation. */
  decode(service: Service, request: WireRequest): Asked;
  encode(service: Service, asked: Asked, output: Json, requestId: string): WireAnswer;
  encodeError(error: AwsError, requestId: string): WireAnswer;
  /** What the protocol's services answer when they are called too often. */
  throttled(): AwsError;
};

/** Whether an operation answered with a finished body instead of named fields. */
export const isRaw = (output: Json): output is RawAnswer =>
  typeof output?.raw === "string" && typeof output.status === "number";
