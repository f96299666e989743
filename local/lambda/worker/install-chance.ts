/** Puts seeded numbers in place of every source of chance, so that the same invocation draws the same. */
import { createRequire, syncBuiltinESMExports } from "node:module";
import { randomUuid } from "../../random-id.ts";
import { createWorld, type Random } from "../../world.ts";

const require = createRequire(import.meta.url);

const seeded = (seed: string): Random => createWorld({ seed: 0, startAt: 0 }).random(seed);

type BytesCallback = (error: null, bytes: Buffer) => void;
type NumberCallback = (error: null, value: number) => void;

/** Answers `reseed`, to be called as each invocation begins. */
export const installChance = (): ((seed: string) => void) => {
  let seed = "";
  let current: Random | undefined;
  // Most invocations draw nothing: a stream is made when one does.
  const random = (): Random => {
    current ??= seeded(seed);
    return current;
  };

  const fill = <T extends ArrayBufferView>(view: T): T => {
    const bytes = new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
    for (let index = 0; index < bytes.length; index += 1) bytes[index] = random().below(256);
    return view;
  };
  const randomBytes = (size: number, callback?: BytesCallback): Buffer | undefined => {
    const bytes = fill(Buffer.alloc(size));
    if (callback === undefined) return bytes;
    process.nextTick(callback, null, bytes);
    return undefined;
  };
  const randomInt = (first: number, second?: number | NumberCallback, third?: NumberCallback) => {
    const [from, until] = typeof second === "number" ? [first, second] : [0, first];
    const callback = typeof second === "function" ? second : third;
    const value = from + random().below(until - from);
    if (callback === undefined) return value;
    process.nextTick(callback, null, value);
    return undefined;
  };
  const randomUUID = (): string => randomUuid(random());

  Math.random = () => random().next();
  const crypto = require("node:crypto");
  const fills = { randomFillSync: fill, getRandomValues: fill };
  Object.assign(crypto, { randomUUID, randomBytes, randomInt, ...fills });
  Object.defineProperty(globalThis.crypto, "randomUUID", { value: randomUUID });
  Object.defineProperty(globalThis.crypto, "getRandomValues", { value: fill });
  syncBuiltinESMExports();
  return (next) => {
    seed = next;
    current = undefined;
  };
};
