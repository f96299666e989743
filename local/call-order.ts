/**
 * Answers the requests of one worker in the order in which its code made them. Requests made at once travel on several
 * connections and may arrive in any order; the same seed must bring the same records all the same.
 */

/** How long, in real time, a request waits for one that was made before it: one that was given up never comes. */
const MISSING_MS = 100;

type Waiting = { number: number; enter: () => void };
type Caller = { next: number; isBusy: boolean; waiting: Waiting[]; timer: NodeJS.Timeout | undefined };

export type CallOrder = {
  /** Resolves when it is this request's turn, with what ends the turn, and may be called again. `name` is `worker/number`. */
  turn(name: string | undefined): Promise<() => void>;
};

const noTurn = (): void => {};

export const createCallOrder = (): CallOrder => {
  const callers = new Map<string, Caller>();

  const callerOf = (worker: string): Caller => {
    const caller = callers.get(worker) ?? { next: 1, isBusy: false, waiting: [], timer: undefined };
    callers.set(worker, caller);
    return caller;
  };

  const go = (caller: Caller, isPatient: boolean): void => {
    clearTimeout(caller.timer);
    const [first] = caller.waiting;
    if (caller.isBusy || first === undefined) return;
    if (first.number > caller.next && isPatient) {
      caller.timer = setTimeout(() => go(caller, false), MISSING_MS);
      return;
    }
    caller.waiting.shift();
    caller.isBusy = true;
    caller.next = Math.max(caller.next, first.number + 1);
    first.enter();
  };

  return {
    turn: (name) => {
      const [worker = "", digits] = /^(.+)\/(\d+)$/.exec(name ?? "")?.slice(1) ?? [];
      if (digits === undefined) return Promise.resolve(noTurn);
      const caller = callerOf(worker);
      let hasLeft = false;
      const leave = (): void => {
        if (hasLeft) return;
        hasLeft = true;
        caller.isBusy = false;
        go(caller, true);
      };
      return new Promise((resolve) => {
        const mine = { number: Number(digits), enter: () => resolve(leave) };
        const after = caller.waiting.findIndex(({ number }) => number > mine.number);
        caller.waiting.splice(after < 0 ? caller.waiting.length : after, 0, mine);
        go(caller, true);
      });
    },
  };
};
