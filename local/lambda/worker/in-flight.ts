/** What the code waits for that is real: requests, files, compression. Time must not move meanwhile. */
import { subscribe } from "node:diagnostics_channel";
import type { ClientRequest } from "node:http";
import { createRequire, syncBuiltinESMExports } from "node:module";
import { real } from "./clock.ts";

const require = createRequire(import.meta.url);

/** Kept alive by the worker itself, by idle connections, or by Node's own real timers. */
const IDLE = new Set(["MessagePort", "TCPSocketWrap", "TLSWrap", "PipeWrap", "TTYWrap", "Timeout", "Immediate"]);

/** Work of Node's thread pool that `process.getActiveResourcesInfo` does not tell about. */
const POOL_WORK: Readonly<Record<string, readonly string[]>> = {
  "node:zlib": [
    "gzip",
    "gunzip",
    "deflate",
    "inflate",
    "deflateRaw",
    "inflateRaw",
    "unzip",
    "brotliCompress",
    "brotliDecompress",
  ],
  "node:crypto": ["scrypt", "pbkdf2", "hkdf", "generateKeyPair", "generateKey", "sign", "verify"],
};
const SUBTLE = ["digest", "sign", "verify", "encrypt", "decrypt", "deriveBits", "deriveKey", "generateKey", "importKey"];

type Callback = (...args: unknown[]) => void;
type Request = object;

export type InFlight = {
  /** Requests and other work under way that are not set aside. */
  count(): number;
  /** Requests under way in all. */
  requests(): number;
  /** Requests under way now no longer count: their answers take account time. */
  setAside(): void;
  /** Whether files or the like are being waited for: seen by looking, not told. */
  hasHidden(): boolean;
  /** Resolves when something begins or ends. */
  change(): Promise<void>;
};

export const trackInFlight = (): InFlight => {
  const active = new Set<Request>();
  const aside = new Set<Request>();
  let waiting: (() => void)[] = [];

  const changed = (): void => {
    const woken = waiting;
    waiting = [];
    for (const wake of woken) wake();
  };
  const begin = (work: Request): void => {
    active.add(work);
    changed();
  };
  const end = (work: Request): void => {
    active.delete(work);
    aside.delete(work);
    changed();
  };

  subscribe("http.client.request.created", (message) => {
    const { request } = message as { request: ClientRequest };
    begin(request);
    request.once("close", () => end(request));
  });
  subscribe("undici:request:create", (message) => begin((message as { request: Request }).request));
  for (const name of ["undici:request:trailers", "undici:request:error"])
    subscribe(name, (message) => end((message as { request: Request }).request));

  const countCallback = (owner: Record<string, Callback>, name: string): void => {
    const original = owner[name];
    if (original === undefined) return;
    owner[name] = (...args) => {
      const callback = args.at(-1);
      if (typeof callback !== "function") return original(...args);
      const work = {};
      begin(work);
      return original(...args.slice(0, -1), (...results: unknown[]) => {
        end(work);
        callback(...results);
      });
    };
  };
  for (const [module, names] of Object.entries(POOL_WORK))
    for (const name of names) countCallback(require(module), name);

  const subtle = globalThis.crypto.subtle as unknown as Record<string, (...args: unknown[]) => Promise<unknown>>;
  for (const name of SUBTLE) {
    const original = subtle[name]?.bind(subtle);
    if (original === undefined) continue;
    const counted = (...args: unknown[]): Promise<unknown> => {
      const work = {};
      begin(work);
      return original(...args).finally(() => end(work));
    };
    Object.defineProperty(subtle, name, { value: counted });
  }
  syncBuiltinESMExports();

  return {
    count: () => active.size - aside.size,
    requests: () => active.size,
    setAside: () => {
      for (const work of active) aside.add(work);
    },
    hasHidden: () => process.getActiveResourcesInfo().some((name) => !IDLE.has(name)),
    change: () => new Promise((resolve) => waiting.push(resolve)),
  };
};

/** One turn of the event loop. */
export const turn = (): Promise<void> => new Promise((resolve) => real.setImmediate(resolve));
