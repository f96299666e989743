import { describe, expect, it } from "vitest";
import { createClock } from "../../../local/lambda/worker/clock.ts";
import type { InFlight } from "../../../local/lambda/worker/in-flight.ts";
import { createPump, type Pass } from "../../../local/lambda/worker/pump.ts";
import { createTimers } from "../../../local/lambda/worker/timers.ts";

const AT = 1_000_000;

const quiet: InFlight = {
  isIdle: () => true,
  change: () => new Promise((resolve) => setImmediate(resolve)),
  wake: () => {},
  drained: async () => {},
};

/** Something real under way, until it is told to end. */
const busy = () => {
  let isIdle = false;
  const waiting: (() => void)[] = [];
  const wake = (): void => {
    for (const resume of waiting.splice(0)) resume();
  };
  const inFlight: InFlight = {
    isIdle: () => isIdle,
    change: () => new Promise((resolve) => waiting.push(resolve)),
    wake,
    drained: async () => {},
  };
  const end = (): void => {
    isIdle = true;
    wake();
  };
  return { inFlight, end };
};

const bench = (inFlight: InFlight = quiet) => {
  const clock = createClock(AT);
  const timers = createTimers(clock);
  const pump = createPump(clock, timers, inFlight);
  const sleep = (ms: number): Promise<void> =>
    new Promise((resolve) => timers.setTimeout(() => resolve(), ms));
  return { clock, timers, pump, sleep };
};

describe("a function's clock", () => {
  it("stands still while nobody waits, and never goes back", () => {
    const clock = createClock(AT);
    clock.moveTo(AT + 5);
    clock.moveTo(AT);
    expect([clock.now(), clock.now(), clock.peek()]).toEqual([AT + 5, AT + 5, AT + 5]);
    clock.setTo(AT);
    expect(clock.now()).toBe(AT);
  });

  it("moves for a loop that only watches it, and for that loop alone", () => {
    const clock = createClock(AT);
    const startedAt = clock.now();
    while (clock.now() - startedAt < 50);
    const reached = clock.peek();
    expect(reached - AT).toBeGreaterThanOrEqual(50);
    clock.rest();
    expect([clock.now(), clock.now()]).toEqual([reached, reached]);
  });
});

describe("timers", () => {
  it("fire in the order of their instants, equal ones in the order they were made", () => {
    const { timers } = bench();
    const fired: string[] = [];
    for (const [name, ms] of [
      ["late", 20],
      ["first", 10],
      ["second", 10],
    ] as const)
      timers.setTimeout((text) => fired.push(String(text)), ms, name);
    while (timers.fireNext(AT + 20));
    expect(fired).toEqual(["first", "second", "late"]);
  });

  it.each([
    ["0", 0],
    ["a negative", -5],
    ["a fraction", 1.9],
    ["no number", Number.NaN],
    ["nothing", undefined],
    ["more than a timer can", 2 ** 31],
  ])("take %s for one millisecond", (_what, delay) => {
    const { timers } = bench();
    timers.setTimeout(() => {}, delay);
    expect(timers.nextAt()).toBe(AT + 1);
  });

  it("are cleared by their handle, by their number, and by nothing else", () => {
    const { timers } = bench();
    const one = timers.setTimeout(() => {}, 10);
    const two = timers.setTimeout(() => {}, 20);
    timers.setTimeout(() => {}, 30);
    for (const nothing of [undefined, null, "x", {}]) timers.clear(nothing);
    timers.clear(one);
    timers.clear(Number(two));
    expect(timers.nextAt()).toBe(AT + 30);
    timers.drop();
    expect(timers.nextAt()).toBeUndefined();
  });

  it("can be refreshed, closed and disposed of, and remember whether they are referenced", () => {
    const { clock, timers } = bench();
    const timer = timers.setTimeout(() => {}, 10);
    clock.moveTo(AT + 5);
    timer.refresh();
    expect([timers.nextAt(), timer.hasRef(), timer.unref().hasRef(), timer.ref().hasRef()]).toEqual([
      AT + 15,
      true,
      false,
      true,
    ]);
    timer.close();
    timers.setTimeout(() => {}, 10)[Symbol.dispose]();
    expect(timers.nextAt()).toBeUndefined();
  });

  it("of an interval come again until it is cleared", () => {
    const { timers } = bench();
    const seen: number[] = [];
    const interval = timers.setInterval(() => seen.push(seen.length), 10);
    for (const at of [AT + 10, AT + 20, AT + 30]) timers.fireNext(at);
    timers.clear(interval);
    expect([seen, timers.nextAt()]).toEqual([[0, 1, 2], undefined]);
  });

  it("want a function", () => {
    const { timers } = bench();
    expect(() => timers.setTimeout("code" as never, 1)).toThrow(TypeError);
  });
});

describe("the pump", () => {
  it("lets time pass from one timer to the next, and asks before", async () => {
    const { clock, pump, sleep } = bench();
    const asked: number[] = [];
    const pass: Pass = async (at) => {
      expect(clock.peek()).toBeLessThan(at);
      asked.push(at - AT);
    };
    const work = (async () => {
      await sleep(100);
      await sleep(50);
    })();
    expect(await pump.run(work, AT + 1_000, pass)).toBe("settled");
    expect([asked, clock.peek() - AT]).toEqual([[100, 150], 150]);
  });

  it("is late at the deadline, be it that nothing is left to wait for or that it takes too long", async () => {
    const idle = bench();
    expect(await idle.pump.run(new Promise(() => {}), AT + 300)).toBe("late");
    expect(idle.clock.peek()).toBe(AT + 300);
    const slow = bench();
    expect(await slow.pump.run(slow.sleep(400), AT + 300)).toBe("late");
    expect(slow.clock.peek()).toBe(AT + 300);
  });

  it("does not count work as done that settles after the deadline", async () => {
    const { clock, pump } = bench();
    const work = (async () => clock.moveTo(AT + 301))();
    expect(await pump.run(work, AT + 300)).toBe("late");
  });

  it("stands still while something real is under way", async () => {
    const { inFlight, end } = busy();
    const { clock, pump, sleep } = bench(inFlight);
    let isOver = false;
    const running = pump.run(sleep(10), AT + 300).then((how) => {
      isOver = true;
      return how;
    });
    for (let turns = 0; turns < 20; turns += 1) await new Promise((resolve) => setImmediate(resolve));
    expect([isOver, clock.peek()]).toEqual([false, AT]);
    end();
    expect([await running, clock.peek()]).toEqual(["settled", AT + 10]);
  });

  it("acts in between when somebody else moves the clock, and says when it wants to act next", async () => {
    const { inFlight, end } = busy();
    const { clock, timers, pump, sleep } = bench(inFlight);
    const fired: number[] = [];
    timers.setTimeout(() => fired.push(clock.peek() - AT), 40);
    const running = pump.run(sleep(90), AT + 300);
    await new Promise((resolve) => setImmediate(resolve));
    expect(pump.nextAt()).toBe(AT + 40);
    await new Promise<void>((resolve) => pump.act(AT + 40, resolve));
    expect([fired, pump.nextAt()]).toEqual([[40], AT + 90]);
    end();
    expect(await running).toBe("settled");
    expect(pump.nextAt()).toBeUndefined();
  });
});
