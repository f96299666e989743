/** Puts the virtual clock and its timers in place of the real ones, before the function's code is loaded. */
import { createRequire, syncBuiltinESMExports } from "node:module";
import type { Clock } from "./clock.ts";
import { promisesOf, type Timers, withPromisify } from "./timers.ts";

const require = createRequire(import.meta.url);
const NS_PER_MS = 1_000_000;

const installDate = (clock: Clock): void => {
  const RealDate = Date;
  const Virtual = new Proxy(RealDate, {
    construct: (target, args, newTarget) =>
      Reflect.construct(target, args.length === 0 ? [clock.now()] : args, newTarget),
    apply: (target) => new target(clock.now()).toString(),
  });
  RealDate.now = () => Math.floor(clock.now());
  RealDate.prototype.constructor = Virtual;
  globalThis.Date = Virtual;
};

const installMonotonic = (clock: Clock): void => {
  const originMs = clock.now();
  const sinceStartMs = (): number => clock.now() - originMs;
  Object.defineProperty(performance, "now", { value: sinceStartMs, configurable: true });
  Object.defineProperty(performance, "timeOrigin", { value: originMs, configurable: true });
  const bigint = (): bigint => BigInt(Math.round(clock.now() * NS_PER_MS));
  const hrtime = (previous?: [number, number]): [number, number] => {
    const elapsed = bigint() - BigInt((previous?.[0] ?? 0) * 1e9 + (previous?.[1] ?? 0));
    return [Number(elapsed / 1_000_000_000n), Number(elapsed % 1_000_000_000n)];
  };
  process.hrtime = Object.assign(hrtime, { bigint });
  process.uptime = () => sinceStartMs() / 1000;
};

const timeoutSignal = (timers: Timers, delayMs: number): AbortSignal => {
  const controller = new AbortController();
  const reason = new DOMException("The operation was aborted due to timeout", "TimeoutError");
  timers.setTimeout(() => controller.abort(reason), delayMs).unref();
  return controller.signal;
};

const installTimers = (timers: Timers): void => {
  const promises = promisesOf(timers);
  const replacements = {
    setTimeout: withPromisify(timers.setTimeout, promises.setTimeout),
    setInterval: timers.setInterval,
    clearTimeout: timers.clear,
    clearInterval: timers.clear,
  };
  Object.assign(globalThis, replacements);
  Object.assign(require("node:timers"), replacements);
  const modulePromises = require("node:timers/promises");
  Object.assign(modulePromises, promises);
  modulePromises.scheduler.wait = (delayMs: number, options?: { signal?: AbortSignal }) =>
    promises.setTimeout(delayMs, undefined, options);
  AbortSignal.timeout = (delayMs) => timeoutSignal(timers, delayMs);
};

export const installTime = (clock: Clock, timers: Timers): void => {
  // Node's own servers and sockets keep real time: they take their timers as they are loaded.
  for (const name of ["node:http", "node:https", "node:net"]) require(name);
  installDate(clock);
  installMonotonic(clock);
  installTimers(timers);
  syncBuiltinESMExports();
};
