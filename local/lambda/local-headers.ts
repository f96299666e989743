/** Headers between workers and the account's endpoint that AWS does not have. */

/** Names a worker's request, so that the account can answer requests in the order they were made: `worker/number`. */
export const CALL_HEADER = "x-local-call";
/** The account time at which an answer came, when the call took any. */
export const NOW_HEADER = "x-local-now";
