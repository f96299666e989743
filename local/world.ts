/** The account's one clock and its randomness. Real time never enters: a five-minute canary takes as long as its work. */

export type Timer = { cancel(): void };
export type Random = {
  /** Uniform in [0, 1). */
  next(): number;
  /** Uniform whole number in [0, below). */
  below(below: number): number;
};

export type World = {
  /** Account time, epoch milliseconds. */
  now(): number;
  /** Runs `run` when the clock reaches `at`. Equal instants run in the order they were added. Must not call a function synchronously. */
  at(at: number, name: string, run: () => Promise<void> | void): Timer;
  /** Queues work that must not overlap other such work (function invocations): runs once the clock is at `at` and nothing else of the kind runs. */
  queue(at: number, name: string, run: () => Promise<void>): void;
  /** Moves the clock to `at`, running all timers and queued work on the way, one at a time, in order of (instant, added). */
  advanceTo(at: number): Promise<void>;
  /** From inside running work: moves the clock to `at`, running timers only. Queued work waits until the running work ends. */
  passTo(at: number): Promise<void>;
  /** A random stream of its own: the same seed and name give the same numbers whatever other streams do. */
  random(stream: string): Random;
};

type Entry = {
  at: number;
  order: number;
  name: string;
  run: () => Promise<void> | void;
  isCancelled: boolean;
};

/** xmur3 string hash feeding sfc32: small, seedable, good enough for traffic and faults (not for secrets). */
export const randomOf = (text: string): Random => {
  let h = 1779033703 ^ text.length;
  for (let i = 0; i < text.length; i += 1) {
    h = Math.imul(h ^ text.charCodeAt(i), 3432918353);
    h = (h << 13) | (h >>> 19);
  }
  const word = (): number => {
    h = Math.imul(h ^ (h >>> 16), 2246822507);
    h = Math.imul(h ^ (h >>> 13), 3266489909);
    h ^= h >>> 16;
    return h >>> 0;
  };
  let [a, b, c, d] = [word(), word(), word(), word()];
  const next = (): number => {
    const t = (((a + b) | 0) + d) | 0;
    d = (d + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = ((c << 21) | (c >>> 11)) + t;
    c |= 0;
    return (t >>> 0) / 4294967296;
  };
  for (let i = 0; i < 12; i += 1) next();
  return { next, below: (below) => Math.floor(next() * below) };
};

export const createWorld = (options: { seed: number; startAt: number }): World => {
  let clock = options.startAt;
  let order = 0;
  const timers: Entry[] = [];
  const queued: Entry[] = [];
  const streams = new Map<string, Random>();

  const add = (list: Entry[], at: number, name: string, run: Entry["run"]): Entry => {
    order += 1;
    const entry: Entry = { at: Math.max(at, clock), order, name, run, isCancelled: false };
    let index = list.length;
    while (index > 0 && (list[index - 1] as Entry).at > entry.at) index -= 1;
    list.splice(index, 0, entry);
    return entry;
  };

  const dueIn = (list: Entry[], at: number): Entry | undefined => {
    while (list[0]?.isCancelled) list.shift();
    return list[0] !== undefined && list[0].at <= at ? list[0] : undefined;
  };

  const runUntil = async (at: number, lists: readonly Entry[][]): Promise<void> => {
    for (;;) {
      const due = lists
        .map((list) => dueIn(list, at))
        .filter((entry) => entry !== undefined)
        .sort((left, right) => left.at - right.at || left.order - right.order)[0];
      if (due === undefined) break;
      for (const list of lists) if (list[0] === due) list.shift();
      clock = Math.max(clock, due.at);
      await due.run();
    }
    clock = Math.max(clock, at);
  };

  return {
    now: () => clock,
    at: (at, name, run) => {
      const entry = add(timers, at, name, run);
      return {
        cancel: () => {
          entry.isCancelled = true;
        },
      };
    },
    queue: (at, name, run) => {
      add(queued, at, name, run);
    },
    advanceTo: (at) => runUntil(at, [timers, queued]),
    passTo: (at) => runUntil(at, [timers]),
    random: (stream) => {
      const known = streams.get(stream) ?? randomOf(`${options.seed}/${stream}`);
      streams.set(stream, known);
      return known;
    },
  };
};
