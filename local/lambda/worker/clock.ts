/** The time that a function sees. It stands still while code runs and moves when there is nothing to do but wait. */

/** A loop that only watches the clock would never end on a clock that stands still: after so many looks it moves. */
const LOOKS_BEFORE_IT_MOVES = 10_000;

export type VirtualClock = {
  /** Account time, epoch milliseconds, as the function looks at it. */
  now(): number;
  /** The same without counting as a look: how often the account itself asks depends on the machine. */
  peek(): number;
  /** Never moves back. */
  moveTo(at: number): void;
  /** Moves anywhere: for calls that each have their own instant. */
  setTo(at: number): void;
  /** Forgets how often it was looked at: something else happened in between. */
  rest(): void;
};

export const createClock = (startAt: number): VirtualClock => {
  let at = startAt;
  let looks = 0;
  return {
    now: () => {
      looks += 1;
      if (looks > LOOKS_BEFORE_IT_MOVES) at += 1;
      return at;
    },
    peek: () => at,
    moveTo: (to) => {
      at = Math.max(at, to);
    },
    setTo: (to) => {
      at = to;
    },
    rest: () => {
      looks = 0;
    },
  };
};

type Hrtime = { (previous?: [number, number]): [number, number]; bigint(): bigint };

const NS_PER_MS = 1_000_000;
const MS_PER_SECOND = 1_000;

/** Dates made without arguments show the clock; all others are as ever. */
const virtualDate = (clock: VirtualClock): DateConstructor => {
  const Real = Date;
  function Virtual(this: unknown, ...parts: unknown[]): unknown {
    if (new.target === undefined) return new Real(clock.now()).toString();
    return Reflect.construct(Real, parts.length === 0 ? [clock.now()] : parts, new.target);
  }
  const made = Object.assign(Virtual, { now: () => clock.now(), parse: Real.parse, UTC: Real.UTC });
  Object.defineProperty(made, "name", { value: "Date" });
  Object.defineProperty(made, "prototype", { value: Real.prototype, writable: false });
  Object.defineProperty(Real.prototype, "constructor", { value: made, writable: true, configurable: true });
  return made as unknown as DateConstructor;
};

const virtualHrtime = (sinceStartMs: () => number): Hrtime => {
  const hrtime = (previous?: [number, number]): [number, number] => {
    const ns = BigInt(Math.round(sinceStartMs() * NS_PER_MS));
    const before = previous === undefined ? 0n : BigInt(previous[0]) * 1_000_000_000n + BigInt(previous[1]);
    return [Number((ns - before) / 1_000_000_000n), Number((ns - before) % 1_000_000_000n)];
  };
  return Object.assign(hrtime, { bigint: () => BigInt(Math.round(sinceStartMs() * NS_PER_MS)) });
};

/** Lets everything in this thread that tells time tell the clock's. */
export const installClock = (clock: VirtualClock): void => {
  const startedAt = clock.now();
  const sinceStartMs = (): number => clock.now() - startedAt;
  globalThis.Date = virtualDate(clock);
  Object.defineProperty(performance, "now", { value: sinceStartMs, configurable: true });
  Object.defineProperty(performance, "timeOrigin", { value: startedAt, configurable: true });
  process.hrtime = virtualHrtime(sinceStartMs) as typeof process.hrtime;
  process.uptime = () => sinceStartMs() / MS_PER_SECOND;
};
