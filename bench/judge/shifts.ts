/** Traffic shifts as canary weights, one per minute while both versions serve. */

export type Shift = { readonly name: string; readonly weights: readonly number[] };

const canary = (minutes: number): Shift => ({
  name: `canary 10 % ${minutes} min`,
  weights: Array.from({ length: minutes }, () => 0.1),
});

/** 10 % more each minute: nine minutes with two versions, then the canary is alone. */
const linear: Shift = {
  name: "linear 10 % each minute",
  weights: Array.from({ length: 9 }, (_, at) => (at + 1) / 10),
};

export const SHIFTS: readonly Shift[] = [canary(5), canary(10), canary(15), canary(30), linear];

/** Calls per second of both versions together. */
export const TRAFFICS = [0.2, 1, 5, 20, 100, 1000] as const;
