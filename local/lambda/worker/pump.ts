/** Lets a function's own time pass: only when nothing real is under way, and never past the next thing it waits for. */
import type { VirtualClock } from "./clock.ts";
import type { InFlight } from "./in-flight.ts";
import type { Timers } from "./timers.ts";

/** Turns of the event loop without anything happening, before it counts as quiet. */
const QUIET_TURNS = 2;

/** Moves the account's clock before the function's own; absent where calls have their own instants. */
export type Pass = (at: number) => Promise<void>;

export type Pump = {
  /** Resolves when the work has settled before `deadlineAt`, or with "late" at that instant. */
  run(work: Promise<unknown>, deadlineAt: number, pass?: Pass): Promise<"settled" | "late">;
  /** When the running work wants to act next: a timer, or its deadline. Undefined when nothing runs. */
  nextAt(): number | undefined;
  /** Acts up to `at` although something real is under way; `onActed` hears when there is nothing more to do by then. */
  act(at: number, onActed: () => void): void;
};

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
/** All promise callbacks that can run have run when a next tick comes that a promise callback asked for. */
const microturn = async (): Promise<void> => {
  await undefined;
  await new Promise<void>((resolve) => process.nextTick(resolve));
};

export const createPump = (clock: VirtualClock, timers: Timers, inFlight: InFlight): Pump => {
  let deadlineAt: number | undefined;
  let onActed: (() => void) | undefined;

  const isQuiet = async (isAlone: boolean): Promise<boolean> => {
    if (onActed === undefined && !inFlight.isIdle()) {
      await inFlight.change();
      return false;
    }
    for (let turns = 0; !isAlone && turns < QUIET_TURNS; turns += 1) {
      await turn();
      if (onActed === undefined && !inFlight.isIdle()) return false;
    }
    return true;
  };

  const moveOn = async (until: number, pass: Pass | undefined): Promise<void> => {
    if (onActed !== undefined) {
      const acted = onActed;
      onActed = undefined;
      acted();
      return;
    }
    const at = Math.min(timers.nextAt() ?? until, until);
    await pass?.(at);
    clock.moveTo(at);
    clock.rest();
  };

  return {
    run: async (work, until, pass) => {
      let isSettled = false;
      const settle = (): void => {
        isSettled = true;
        inFlight.wake();
      };
      work.then(settle, settle);
      deadlineAt = until;
      for (;;) {
        await microturn();
        if (isSettled) break;
        if (clock.peek() >= until) break;
        if (!(await isQuiet(pass === undefined)) || isSettled) continue;
        if (!timers.fireNext(clock.peek())) await moveOn(until, pass);
      }
      deadlineAt = undefined;
      onActed = undefined;
      return isSettled && clock.peek() <= until ? "settled" : "late";
    },
    nextAt: () =>
      deadlineAt === undefined ? undefined : Math.min(timers.nextAt() ?? deadlineAt, deadlineAt),
    act: (at, acted) => {
      clock.moveTo(at);
      onActed = acted;
      inFlight.wake();
    },
  };
};
