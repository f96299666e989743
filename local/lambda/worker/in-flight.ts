/**
 * What a function has under way in the real world: requests, files, threadpool work. Account time must not pass meanwhile,
 * because none of it takes any.
 */
import diagnostics from "node:diagnostics_channel";
import type { ClientRequest, IncomingMessage } from "node:http";
import { createRequire } from "node:module";
import { CALL_HEADER, NOW_HEADER } from "../local-headers.ts";

const require = createRequire(import.meta.url);
const realTimeout = globalThis.setTimeout;
const clearRealTimeout = globalThis.clearTimeout;

/** How long to wait, in real time, for requests that nobody waits for any more. */
const DRAIN_MS = 2_000;

/** Entries of process.getActiveResourcesInfo() that end by themselves. */
const PENDING =
  /^(FSReq|GetAddrInfo|GetNameInfo|QueryReq|TCPConnect|PipeConnect|FileHandleClose|Process)|^Immediate$/;
/** How often, in real time, to look at those that do not tell when they end. */
const LOOK_MS = 1;
/** An answer whose body nobody reads never tells that it ended: this often, and for so many looks, it is waited for. */
const UNREAD_LOOK_MS = 5;
const UNREAD_LOOKS = { complete: 3, begun: 400 } as const;

const POOL_WORK: Readonly<Record<string, readonly string[]>> = {
  "node:zlib": [
    ...["gzip", "gunzip", "deflate", "inflate", "deflateRaw", "inflateRaw", "unzip"],
    ...["brotliCompress", "brotliDecompress", "zstdCompress", "zstdDecompress"],
  ],
  "node:crypto": ["pbkdf2", "scrypt", "hkdf", "generateKeyPair", "generateKey"],
};

const SUBTLE = [
  ...["digest", "sign", "verify", "encrypt", "decrypt", "generateKey", "importKey", "exportKey"],
  ...["deriveBits", "deriveKey", "wrapKey", "unwrapKey"],
];

export type InFlight = {
  isIdle(): boolean;
  /** Resolves when something ended, or soon if there is nothing that would tell. */
  change(): Promise<void>;
  /** Lets whoever waits for a change look again. */
  wake(): void;
  /** Resolves when all requests have ended, or after a bounded real time. */
  drained(): Promise<void>;
};

type Options = { workerId: string; endpointHost: string; onNow: (at: number) => void };

type UndiciRequest = { origin: unknown; addHeader?: (name: string, value: string) => void };

export const createInFlight = ({ workerId, endpointHost, onNow }: Options): InFlight => {
  const requests = new Map<object, { response?: IncomingMessage; looks: number }>();
  let poolWork = 0;
  let calls = 0;
  let waiting: (() => void)[] = [];

  const wake = (): void => {
    const woken = waiting;
    waiting = [];
    for (const resume of woken) resume();
  };

  const ended = (request: object): void => {
    if (requests.delete(request)) wake();
  };

  const nextCall = (): string => {
    calls += 1;
    return `${workerId}/${calls}`;
  };

  const hear = (value: unknown): void => {
    const at = Number(value);
    if (value !== undefined && Number.isFinite(at)) onNow(at);
  };

  const listen = <T>(channel: string, run: (message: T) => void): void => {
    diagnostics.subscribe(channel, (message) => run(message as T));
  };

  listen<{ request: ClientRequest }>("http.client.request.created", ({ request }) => {
    requests.set(request, { looks: 0 });
    request.once("close", () => ended(request));
    if (request.getHeader("host") === endpointHost && !request.headersSent)
      request.setHeader(CALL_HEADER, nextCall());
  });
  listen<{ request: ClientRequest }>("http.client.request.error", ({ request }) => ended(request));
  listen<{ request: ClientRequest; response: IncomingMessage }>(
    "http.client.response.finish",
    ({ request, response }) => {
      hear(response.headers[NOW_HEADER]);
      if (requests.has(request)) requests.set(request, { response, looks: 0 });
      response.once("end", () => ended(request));
    },
  );
  listen<{ request: UndiciRequest }>("undici:request:create", ({ request }) => {
    requests.set(request, { looks: 0 });
    if (String(request.origin).endsWith(`//${endpointHost}`)) request.addHeader?.(CALL_HEADER, nextCall());
  });
  listen<{ response: { headers: Buffer[] }; request: object }>("undici:request:headers", ({ response }) => {
    const texts = response.headers.map(String);
    hear(texts[texts.findIndex((text) => text.toLowerCase() === NOW_HEADER) + 1 || texts.length]);
  });
  listen<{ request: object }>("undici:request:trailers", ({ request }) => ended(request));
  listen<{ request: object }>("undici:request:error", ({ request }) => ended(request));

  const counted =
    (work: (...values: unknown[]) => unknown) =>
    (...values: unknown[]): unknown => {
      const done = values.at(-1);
      if (typeof done !== "function") return work(...values);
      poolWork += 1;
      return work(...values.slice(0, -1), (...results: unknown[]) => {
        poolWork -= 1;
        wake();
        done(...results);
      });
    };

  const countedPromise =
    (work: (...values: unknown[]) => Promise<unknown>) =>
    (...values: unknown[]): Promise<unknown> => {
      poolWork += 1;
      return work(...values).finally(() => {
        poolWork -= 1;
        wake();
      });
    };

  const subtle = globalThis.crypto.subtle as unknown as Record<
    string,
    ((...values: unknown[]) => Promise<unknown>) | undefined
  >;
  for (const name of SUBTLE) {
    const work = subtle[name];
    if (work !== undefined)
      Object.defineProperty(subtle, name, { value: countedPromise(work.bind(subtle)), configurable: true });
  }

  for (const [module, names] of Object.entries(POOL_WORK)) {
    const face = require(module);
    for (const name of names) if (face[name] !== undefined) face[name] = counted(face[name]);
  }

  const forgetUnread = (): void => {
    for (const [request, one] of requests) {
      if (one.response === undefined) continue;
      one.looks += 1;
      if (one.looks > (one.response.complete ? UNREAD_LOOKS.complete : UNREAD_LOOKS.begun)) ended(request);
    }
  };

  /** Resolves when something ends, or to look again. */
  const somethingEnds = (): Promise<void> =>
    new Promise((resolve) => {
      const look = realTimeout(() => {
        forgetUnread();
        resolve();
      }, UNREAD_LOOK_MS);
      waiting.push(() => {
        clearRealTimeout(look);
        resolve();
      });
    });

  const pending = (): string[] => process.getActiveResourcesInfo().filter((name) => PENDING.test(name));

  return {
    isIdle: () => requests.size === 0 && poolWork === 0 && pending().length === 0,
    change: () => {
      if (requests.size > 0 || poolWork > 0) return somethingEnds();
      const isUntold = pending().some((name) => name !== "Immediate");
      return new Promise((resolve) => (isUntold ? realTimeout(resolve, LOOK_MS) : setImmediate(resolve)));
    },
    wake,
    drained: async () => {
      let isOver = false;
      const limit = realTimeout(() => {
        isOver = true;
        wake();
      }, DRAIN_MS);
      while (requests.size > 0 && !isOver) await somethingEnds();
      clearRealTimeout(limit);
    },
  };
};
