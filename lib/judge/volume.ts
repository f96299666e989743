/**
 * Whether the canary got the calls that its weight asks for. A canary that is throttled, or not routed to, has few calls
 * and no errors: without this it would look healthy.
 * The alias draws each call's version at random, so of n calls a canary with at least share w gets no fewer than a
 * binomial draw. For some smaller shares v*w a minute pays its likelihood ratio; the mean of their products is an
 * e-process (the ratio falls with the canary's calls, and those are stochastically the fewest at exactly w), so that a
 * canary that is served as it should be is ever called short with a chance of at most 1/VOLUME_BAR.
 */

/** The least share (0-1) of calls the alias had for the canary in all of a minute, and the calls of both versions. */
export type Routed = { readonly share: number; readonly all: number; readonly canary: number } | null;

export type Volume = {
  /** Calls the canary should at least have had, and had. */
  readonly expected: number;
  readonly got: number;
  /** Odds against "it got its share". */
  readonly evidence: number;
  readonly isShort: boolean;
};

/** Odds of a thousand to one: this says that something else is broken, so it must not cry wolf. */
const VOLUME_BAR = 1_000;
/** Missing less than a tenth of its calls is not this finding's business. */
const SHORT_SHARE = 0.9;
const FEWER = [0.8, 0.5, 0.2, 0.02] as const;

/** Adds up the minutes with a known share; undefined when there is none. */
export const volumeOf = (minutes: readonly Routed[]): Volume | undefined => {
  const known = minutes.filter((minute) => minute !== null && minute.share > 0 && minute.share < 1);
  if (known.length === 0) return undefined;
  let [expected, got] = [0, 0];
  const logs = FEWER.map(() => 0);
  for (const minute of known) {
    if (minute === null) continue;
    const { share, all, canary } = minute;
    expected += share * all;
    got += canary;
    FEWER.forEach((fewer, at) => {
      logs[at] =
        (logs[at] ?? 0) +
        canary * Math.log(fewer) +
        (all - canary) * (Math.log1p(-fewer * share) - Math.log1p(-share));
    });
  }
  const mean = logs.reduce((sum, log) => sum + Math.exp(log), 0) / FEWER.length;
  const evidence = Math.min(Number.MAX_VALUE, mean);
  return { expected, got, evidence, isShort: evidence >= VOLUME_BAR && got < SHORT_SHARE * expected };
};
