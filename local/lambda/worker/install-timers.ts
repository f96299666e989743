/** Puts virtual timers where a program finds timers: globals, node:timers, node:timers/promises, AbortSignal.timeout. */
import { createRequire } from "node:module";
import { promisify } from "node:util";
import type { Timers } from "./timers.ts";

const require = createRequire(import.meta.url);

type Options = { signal?: AbortSignal };

const abortError = (signal: AbortSignal): Error =>
  Object.assign(new Error("The operation was aborted", { cause: signal.reason }), {
    name: "AbortError",
    code: "ABORT_ERR",
  });

const promisedTimeout =
  (timers: Timers) =>
  <T>(delayMs?: number, value?: T, { signal }: Options = {}): Promise<T | undefined> =>
    new Promise((resolve, reject) => {
      if (signal?.aborted) {
        reject(abortError(signal));
        return;
      }
      const stop = (): void => {
        timers.clear(timer);
        if (signal !== undefined) reject(abortError(signal));
      };
      const timer = timers.setTimeout(() => {
        signal?.removeEventListener("abort", stop);
        resolve(value);
      }, delayMs);
      signal?.addEventListener("abort", stop, { once: true });
    });

const promisedInterval = (timers: Timers) =>
  async function* <T>(delayMs?: number, value?: T, options: Options = {}) {
    const wait = promisedTimeout(timers);
    for (;;) {
      await wait(delayMs, undefined, options);
      yield value;
    }
  };

/** To be followed by module.syncBuiltinESMExports(), so that ES imports see the same. */
export const installTimers = (timers: Timers): void => {
  const timeout = promisedTimeout(timers);
  const setTimeoutVirtual = Object.assign(timers.setTimeout, { [promisify.custom]: timeout });
  const faces = {
    setTimeout: setTimeoutVirtual,
    setInterval: timers.setInterval,
    clearTimeout: timers.clear,
    clearInterval: timers.clear,
  };
  Object.assign(globalThis, faces);
  Object.assign(require("node:timers"), faces);
  const promises = require("node:timers/promises");
  Object.assign(promises, { setTimeout: timeout, setInterval: promisedInterval(timers) });
  promises.scheduler.wait = (delayMs: number, options?: Options) => timeout(delayMs, undefined, options);
  AbortSignal.timeout = (delayMs) => {
    const controller = new AbortController();
    timers.setTimeout(() => {
      controller.abort(new DOMException("The operation was aborted due to timeout", "TimeoutError"));
    }, delayMs);
    return controller.signal;
  };
};
