/**
 * How two witnesses and one restraint become one number, the evidence, which convicts when it reaches the bar 1/alpha.
 *
 * - `concurrent` alone convicts when harm also persists (or its odds pass the square of the bar).
 * - `memory` convicts when the concurrent witness gives at least AGREEMENT and harm persists a little.
 * Each is held down to what its conditions allow, so evidence >= bar means that all of them are met.
 *
 * Guarantee. With history both share alpha: each must reach twice the bar. A canary that is no worse is then convicted
 * with a chance of at most alpha while the baseline is as its history says. Whatever happens to the baseline, a conviction
 * by the concurrent witness has a chance of at most alpha/2, and one by memory needs a concurrent e-process to pass
 * AGREEMENT, a chance of at most 1/AGREEMENT. Without history the concurrent witness has all of alpha.
 */

/** Odds that the concurrent witness must give before history may convict. */
export const AGREEMENT = 6;

/** Persistence that a conviction needs: by the concurrent witness alone, and with history's word for it. */
const PERSISTENT_ALONE = 30;
const PERSISTENT_WITH_MEMORY = 11;

/** Harm that does not persist holds evidence back only from this part of the bar on: below, it is what it is. */
const HELD_FROM = 0.5;

/** Which witness the evidence comes from. */
export type Witness = "concurrent" | "memory";

export type Weight = { readonly evidence: number; readonly witness: Witness };

/**
 * All are odds. `hasHistory` says whether alpha is shared; `memory` is undefined without history, or when it no longer
 * counts.
 */
export const weightOf = (
  bar: number,
  hasHistory: boolean,
  concurrent: number,
  memory: number | undefined,
  persistence: number,
): Weight => {
  const share = hasHistory ? concurrent / 2 : concurrent;
  const held = Math.max(HELD_FROM, persistence / PERSISTENT_ALONE, share / bar ** 2);
  const heldWithMemory = Math.max(HELD_FROM, persistence / PERSISTENT_WITH_MEMORY);
  const alone = Math.min(share, bar * held);
  const backed =
    memory === undefined ? 0 : Math.min(memory / 2, bar * Math.min(concurrent / AGREEMENT, heldWithMemory));
  return backed > alone
    ? { evidence: backed, witness: "memory" }
    : { evidence: alone, witness: "concurrent" };
};
