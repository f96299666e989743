/** Timers on the function's clock: they fire when the pump says so, in order of (instant, made). */
import { AsyncLocalStorage } from "node:async_hooks";
import type { VirtualClock } from "./clock.ts";

const LONGEST_MS = 2_147_483_647;

type Callback = (...values: unknown[]) => unknown;

type Entry = {
  at: number;
  order: number;
  run: () => void;
  everyMs: number;
  isRepeating: boolean;
  id: number;
};

/** The object that setTimeout gives: ref and unref are kept, but a deadline counts whether referenced or not. */
export type VirtualTimeout = {
  ref(): VirtualTimeout;
  unref(): VirtualTimeout;
  hasRef(): boolean;
  refresh(): VirtualTimeout;
  close(): VirtualTimeout;
  [Symbol.toPrimitive](): number;
  [Symbol.dispose](): void;
};

export type Timers = {
  setTimeout(callback: Callback, delayMs?: unknown, ...values: unknown[]): VirtualTimeout;
  setInterval(callback: Callback, delayMs?: unknown, ...values: unknown[]): VirtualTimeout;
  /** Takes what setTimeout gave, or its number; anything else is nothing. */
  clear(timer: unknown): void;
  /** When the next one is due. */
  nextAt(): number | undefined;
  /** Fires the first one if it is due. True when one fired. */
  fireNext(now: number): boolean;
  /** Forgets all. */
  drop(): void;
};

/** As Node reads delays: whole milliseconds, at least one. */
const delayOf = (delayMs: unknown): number => {
  const ms = Number(delayMs);
  return ms >= 1 && ms <= LONGEST_MS ? Math.trunc(ms) : 1;
};

export const createTimers = (clock: Pick<VirtualClock, "peek">): Timers => {
  const pending: Entry[] = [];
  const known = new Map<number, Entry>();
  let made = 0;

  const put = (entry: Entry): void => {
    let index = pending.length;
    while (index > 0 && (pending[index - 1] as Entry).at > entry.at) index -= 1;
    pending.splice(index, 0, entry);
  };

  const take = (entry: Entry): void => {
    const index = pending.indexOf(entry);
    if (index >= 0) pending.splice(index, 1);
  };

  const clear = (timer: unknown): void => {
    const id = typeof timer === "object" && timer !== null ? Number(timer) : Number(timer ?? Number.NaN);
    const entry = known.get(id);
    if (entry === undefined) return;
    known.delete(id);
    take(entry);
  };

  const handleOf = (entry: Entry): VirtualTimeout => {
    let isReferenced = true;
    const handle: VirtualTimeout = {
      ref: () => {
        isReferenced = true;
        return handle;
      },
      unref: () => {
        isReferenced = false;
        return handle;
      },
      hasRef: () => isReferenced,
      refresh: () => {
        take(entry);
        entry.at = clock.peek() + entry.everyMs;
        known.set(entry.id, entry);
        put(entry);
        return handle;
      },
      close: () => {
        clear(handle);
        return handle;
      },
      [Symbol.toPrimitive]: () => entry.id,
      [Symbol.dispose]: () => clear(handle),
    };
    return handle;
  };

  const add = (callback: Callback, delayMs: unknown, values: unknown[], isRepeating: boolean) => {
    if (typeof callback !== "function")
      throw Object.assign(new TypeError('The "callback" argument must be of type function.'), {
        code: "ERR_INVALID_ARG_TYPE",
      });
    made += 1;
    const everyMs = delayOf(delayMs);
    const run = AsyncLocalStorage.bind(() => {
      callback(...values);
    });
    const entry: Entry = { at: clock.peek() + everyMs, order: made, run, everyMs, isRepeating, id: made };
    known.set(entry.id, entry);
    put(entry);
    return handleOf(entry);
  };

  return {
    setTimeout: (callback, delayMs, ...values) => add(callback, delayMs, values, false),
    setInterval: (callback, delayMs, ...values) => add(callback, delayMs, values, true),
    clear,
    nextAt: () => pending[0]?.at,
    fireNext: (now) => {
      const entry = pending[0];
      if (entry === undefined || entry.at > now) return false;
      pending.shift();
      if (entry.isRepeating) {
        entry.at = now + entry.everyMs;
        put(entry);
      } else known.delete(entry.id);
      entry.run();
      return true;
    },
    drop: () => {
      pending.length = 0;
      known.clear();
    },
  };
};
