/** A world that knows whether work is waiting in it, and lets time pass for one caller at a time. */
import type { World } from "./world.ts";

const STEP_MS = 1_000;
/** Longer than an event takes to reach its function. */
const QUIET_MS = 3_000;

export type QuietWatch = {
  world: World;
  advance(ms: number): Promise<void>;
  drain(maxMs: number): Promise<boolean>;
};

export const quietWatch = (inner: World): QuietWatch => {
  let waiting = 0;
  let workedAt = inner.now();
  let turn: Promise<unknown> = Promise.resolve();

  const world: World = {
    ...inner,
    queue: (at, name, run) => {
      waiting += 1;
      inner.queue(at, name, async () => {
        try {
          await run();
        } finally {
          waiting -= 1;
          workedAt = inner.now();
        }
      });
    },
  };

  const inTurn = <T>(run: () => Promise<T>): Promise<T> => {
    const mine = turn.then(run);
    turn = mine.catch(() => {});
    return mine;
  };

  /** Quiet is no work waiting for a while: an event may be on its way to a function that is idle now. */
  const untilQuiet = async (maxMs: number): Promise<boolean> => {
    const startedAt = world.now();
    const isQuiet = (): boolean => waiting === 0 && world.now() - Math.max(startedAt, workedAt) >= QUIET_MS;
    while (!isQuiet()) {
      if (world.now() - startedAt >= maxMs) return false;
      await world.advanceTo(Math.min(world.now() + STEP_MS, startedAt + maxMs));
    }
    return true;
  };

  return {
    world,
    advance: (ms) => inTurn(() => world.advanceTo(world.now() + ms)),
    drain: (maxMs) => inTurn(() => untilQuiet(maxMs)),
  };
};
