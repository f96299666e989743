/** How long a hook may check before it must answer. */
import type { Context } from "aws-lambda";

/** Kept back for storing and reporting the verdict: thirty seconds, half of a very short time, or a fifth of a long one. */
const RESERVE_MS = 30_000;
const RESERVE_SHARE = 0.2;

/** A signal that fires while there is still time to answer. */
export const answerBefore = (context: Context): AbortSignal => {
  const remainingMs = context.getRemainingTimeInMillis();
  const deadline = new AbortController();
  const timer = setTimeout(
    () => deadline.abort(),
    Math.max(0, remainingMs - Math.max(Math.min(RESERVE_MS, remainingMs / 2), remainingMs * RESERVE_SHARE)),
  );
  timer.unref();
  return deadline.signal;
};
