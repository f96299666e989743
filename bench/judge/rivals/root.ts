/**
 * Brent's root finder in the form of netlib's zeroin (as in R's uniroot), step for step: on tied data Kayenta's
 * verdicts depend on where this very iteration stops, so no other root finder will do.
 */

const TOLERANCE = 1e-4;
const ITERATIONS_MAX = 1_000;
const EPSILON = 2.220446049250313e-16;

type State = { a: number; fa: number; b: number; fb: number; c: number; fc: number };

/** The interpolation step (secant or inverse quadratic) as p / q, q of either sign. */
const interpolate = ({ a, fa, b, fb, c, fc }: State): { p: number; q: number } => {
  const gap = c - b;
  const t1 = a === c ? fb / fa : fb / fc;
  if (a === c) return { p: gap * t1, q: 1 - t1 };
  const q = fa / fc;
  const t2 = fb / fa;
  return { p: t2 * (gap * q * (q - t1) - (b - a) * (t1 - 1)), q: (q - 1) * (t1 - 1) * (t2 - 1) };
};

const stepOf = (state: State, previous: number, least: number): number => {
  const bisection = (state.c - state.b) / 2;
  if (Math.abs(previous) < least || Math.abs(state.fa) <= Math.abs(state.fb)) return bisection;
  const raw = interpolate(state);
  const p = Math.abs(raw.p);
  const q = raw.p > 0 ? -raw.q : raw.q;
  const isInside =
    p < 0.75 * (state.c - state.b) * q - Math.abs(least * q) / 2 && p < Math.abs((previous * q) / 2);
  return isInside ? p / q : bisection;
};

/** A root of `f` between `low` and `high`, where its signs differ, to an absolute 1e-4. */
export const rootBetween = (f: (at: number) => number, low: number, high: number): number => {
  const state: State = { a: low, fa: f(low), b: high, fb: f(high), c: low, fc: 0 };
  if (state.fa === 0) return low;
  if (state.fb === 0) return high;
  state.fc = state.fa;
  for (let iteration = 0; iteration <= ITERATIONS_MAX; iteration += 1) {
    const previous = state.b - state.a;
    if (Math.abs(state.fc) < Math.abs(state.fb)) {
      Object.assign(state, { a: state.b, b: state.c, fa: state.fb, fb: state.fc });
      Object.assign(state, { c: state.a, fc: state.fa });
    }
    const least = 2 * EPSILON * Math.abs(state.b) + TOLERANCE / 2;
    if (Math.abs((state.c - state.b) / 2) <= least || state.fb === 0) return state.b;
    const wanted = stepOf(state, previous, least);
    const step = Math.abs(wanted) < least ? (wanted > 0 ? least : -least) : wanted;
    state.a = state.b;
    state.fa = state.fb;
    state.b += step;
    state.fb = f(state.b);
    if ((state.fb > 0 && state.fc > 0) || (state.fb < 0 && state.fc < 0)) {
      state.c = state.a;
      state.fc = state.fa;
    }
  }
  return state.b;
};
