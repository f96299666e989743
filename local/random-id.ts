/** Ids drawn from a seeded stream, so that the same seed gives the same account. */
import type { Random } from "./world.ts";

const HEX = "0123456789abcdef";

/** `length` characters of `alphabet`. */
export const randomText = (random: Random, alphabet: string, length: number): string =>
  Array.from({ length }, () => alphabet.charAt(random.below(alphabet.length))).join("");

/** A version 4 UUID. */
export const randomUuid = (random: Random): string => {
  const hex = (length: number): string => randomText(random, HEX, length);
  return `${hex(8)}-${hex(4)}-4${hex(3)}-${randomText(random, "89ab", 1)}${hex(3)}-${hex(12)}`;
};
