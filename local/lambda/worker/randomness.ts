/** Randomness of a worker: one seeded stream behind everything that gives random numbers or bytes. */
import { createRequire } from "node:module";
import { randomUuid } from "../../random-id.ts";
import { type Random, randomOf } from "../../world.ts";

const require = createRequire(import.meta.url);

export type Randomness = Random & {
  /** Starts anew: the same seed gives the same numbers. */
  reseed(seed: string): void;
  fill<T extends ArrayBufferView>(view: T): T;
  uuid(): string;
};

export const createRandomness = (seed: string): Randomness => {
  let random = randomOf(seed);
  const self: Randomness = {
    reseed: (next) => {
      random = randomOf(next);
    },
    next: () => random.next(),
    below: (below) => random.below(below),
    fill: (view) => {
      const bytes = new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
      for (let index = 0; index < bytes.length; index += 1) bytes[index] = random.below(256);
      return view;
    },
    uuid: () => randomUuid(self),
  };
  return self;
};

type Done<T> = (error: null, value: T) => void;

const answer = <T>(value: T, done: Done<T> | undefined): T | undefined => {
  if (done === undefined) return value;
  process.nextTick(done, null, value);
  return undefined;
};

/** Some faces have getters only, which an assignment would not replace. */
const replace = (face: object, values: Readonly<Record<string, unknown>>): void => {
  for (const [name, value] of Object.entries(values))
    Object.defineProperty(face, name, { value, configurable: true, writable: true });
};

/** To be followed by module.syncBuiltinESMExports(). */
export const installRandomness = (random: Randomness): void => {
  Math.random = random.next;
  const bytes = (size: number): Buffer => random.fill(Buffer.alloc(size));
  const between = (first: number, second?: number): number =>
    second === undefined ? random.below(first) : first + random.below(second - first);
  replace(require("node:crypto"), {
    randomUUID: random.uuid,
    randomBytes: (size: number, done?: Done<Buffer>) => answer(bytes(size), done),
    randomFillSync: random.fill,
    randomInt: (first: number, second?: number | Done<number>, done?: Done<number>) =>
      typeof second === "function" ? answer(between(first), second) : answer(between(first, second), done),
  });
  // node:crypto's own getRandomValues reads this one.
  replace(globalThis.crypto, { randomUUID: random.uuid, getRandomValues: random.fill });
};
