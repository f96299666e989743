/** Runs one thing after the other, in the order in which they came. */

export type Lane = {
  run<T>(work: () => Promise<T>): Promise<T>;
  /** Resolves when nothing runs and nothing waits. */
  empty(): Promise<void>;
};

export const createLane = (): Lane => {
  let last: Promise<unknown> = Promise.resolve();
  return {
    run: (work) => {
      const done = last.then(work, work);
      last = done.catch(() => {});
      return done;
    },
    empty: async () => {
      for (let seen: unknown; seen !== last; ) {
        seen = last;
        await last;
      }
    },
  };
};
