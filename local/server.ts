/** The account's one HTTP endpoint, on loopback: AWS services, Slack, and functions' own addresses. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { promisify } from "node:util";
import { gunzip } from "node:zlib";
import type { Account, Service } from "./account.ts";
import { answerCall, answerUnknown } from "./api-call.ts";
import { type CallOrder, createCallOrder } from "./call-order.ts";
import { CALL_HEADER } from "./lambda/local-headers.ts";
import { serviceFor } from "./protocol/service-for.ts";
import type { WireAnswer, WireRequest } from "./protocol/wire.ts";
import { answerSide } from "./side-doors.ts";
import { StartError } from "./start-error.ts";

const HOST = "127.0.0.1";
/** A function's zip may be 50 MB, and travels as base64. */
const MAX_BODY_BYTES = 80 * 1024 * 1024;
/** Longer than any client pauses within one test: a connection closed between two calls would be an error nobody set. */
const KEEP_ALIVE_MS = 600_000;

export type AccountServer = {
  /** `http://127.0.0.1:<port>` */
  endpoint: string;
  close(): Promise<void>;
};

const unzip = promisify(gunzip);

class TooLarge extends Error {
  override readonly name = "TooLarge";
}

const bodyOf = async (message: IncomingMessage): Promise<Buffer> => {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of message) {
    bytes += (chunk as Buffer).length;
    if (bytes > MAX_BODY_BYTES) throw new TooLarge();
    chunks.push(chunk as Buffer);
  }
  const body = Buffer.concat(chunks);
  return message.headers["content-encoding"] === "gzip"
    ? unzip(body, { maxOutputLength: MAX_BODY_BYTES })
    : body;
};

const requestOf = async (message: IncomingMessage): Promise<WireRequest> => {
  const [path = "/", query = ""] = (message.url ?? "/").split(/\?(.*)/s);
  const headers = Object.fromEntries(
    Object.entries(message.headers).map(([name, value]) => [
      name,
      Array.isArray(value) ? value.join(", ") : (value ?? ""),
    ]),
  );
  return { method: message.method ?? "GET", path, query, headers, body: await bodyOf(message) };
};

const send = (response: ServerResponse, { status, headers, body }: WireAnswer): void => {
  response.writeHead(status, { ...headers, "content-length": Buffer.byteLength(body) });
  response.end(body);
};

const plain = (status: number, body: string): WireAnswer => ({
  status,
  headers: { "content-type": "text/plain" },
  body,
});

/** A function that another one calls may take its time: only its beginning is in order. */
const isInvocation = ({ path }: WireRequest): boolean => path.endsWith("/invocations");

const answerInTurn = async (
  account: Account,
  services: readonly Service[],
  request: WireRequest,
  order: CallOrder,
) => {
  const leave = await order.turn(request.headers[CALL_HEADER]);
  try {
    const side = await answerSide(account, request);
    if (side !== undefined) return side;
    const service = serviceFor(services, request);
    if (service === undefined) return answerUnknown(account, request);
    const answering = answerCall(account, service, request);
    if (isInvocation(request)) leave();
    return await answering;
  } finally {
    leave();
  }
};

const answer = async (
  account: Account,
  services: readonly Service[],
  message: IncomingMessage,
  order: CallOrder,
) => {
  let request: WireRequest;
  try {
    request = await requestOf(message);
  } catch (error) {
    return error instanceof TooLarge
      ? plain(413, `the body is larger than ${MAX_BODY_BYTES} bytes\n`)
      : plain(400, "the body cannot be read\n");
  }
  return answerInTurn(account, services, request, order);
};

const isInUse = (error: unknown): boolean => (error as NodeJS.ErrnoException).code === "EADDRINUSE";

const listening = (server: Server, port: number): Promise<void> =>
  new Promise((done, failed) => {
    server.once("error", (error) =>
      failed(
        isInUse(error)
          ? new StartError(`port ${port} on ${HOST} is in use: choose another one with --port`)
          : error,
      ),
    );
    server.listen(port, HOST, done);
  });

/** Serves the account. Port 0 takes any free one. Throws one clear line when the port is in use. */
export const serve = async (
  account: Account,
  services: readonly Service[],
  port: number,
): Promise<AccountServer> => {
  const order = createCallOrder();
  const server = createServer({ keepAliveTimeout: KEEP_ALIVE_MS, requestTimeout: 0 }, (message, response) => {
    answer(account, services, message, order).then(
      (made) => {
        if (made === "never") return;
        // SDK clients set their clocks by it.
        response.setHeader("date", new Date(account.world.now()).toUTCString());
        send(response, made);
      },
      (error: unknown) => send(response, plain(500, `${error}\n`)),
    );
  });
  await listening(server, port);
  return {
    endpoint: `http://${HOST}:${(server.address() as AddressInfo).port}`,
    close: () =>
      new Promise((done) => {
        server.close(() => done());
        // Calls that are never answered, and clients that keep their connections.
        server.closeAllConnections();
      }),
  };
};
