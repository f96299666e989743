/** Invocations under way: who runs, who called whom, and how a caller's clock and timers keep up with those it calls. */
import type { Account } from "../account.ts";
import type { Instance } from "./instance.ts";
import { createLane, type Lane } from "./lane.ts";

export type Running = {
  invocationId: string;
  functionName: string;
  instance: Instance;
  /** How far its own time has come. */
  reachedAt: number;
  /** The calls it makes run one after the other. */
  lane: Lane;
};

export type RunningCalls = {
  begin(invocationId: string, functionName: string, instance: Instance, startedAt: number): Running;
  end(running: Running): void;
  find(invocationId: string): Running | undefined;
  innermost(functionName: string): Running | undefined;
  countOf(functionName: string): number;
  count(): number;
  /** Runs a call that a running function makes; meanwhile that function's timers fire when they are due. */
  within<T>(caller: Running, run: () => Promise<T>): Promise<T>;
};

export const createRunningCalls = (account: Account): RunningCalls => {
  const all: Running[] = [];

  const withTimersOf = async <T>(caller: Running, run: () => Promise<T>): Promise<T> => {
    let timer: { cancel(): void } | undefined;
    const arm = (at: number | undefined): void => {
      timer =
        at === undefined
          ? undefined
          : account.world.at(at, `timers of ${caller.functionName}`, async () => {
              arm(await caller.instance.act(at));
            });
    };
    arm(await caller.instance.nextAt());
    try {
      return await run();
    } finally {
      timer?.cancel();
    }
  };

  return {
    begin: (invocationId, functionName, instance, startedAt) => {
      const running = { invocationId, functionName, instance, reachedAt: startedAt, lane: createLane() };
      all.push(running);
      return running;
    },
    end: (running) => {
      const index = all.indexOf(running);
      if (index >= 0) all.splice(index, 1);
    },
    find: (invocationId) => all.find((one) => one.invocationId === invocationId),
    innermost: (functionName) => all.findLast((one) => one.functionName === functionName),
    countOf: (functionName) => all.filter((one) => one.functionName === functionName).length,
    count: () => all.length,
    within: (caller, run) => caller.lane.run(() => withTimersOf(caller, run)),
  };
};
