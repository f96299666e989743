/** Three errors, named by what the caller must do. Expected outcomes are values, not errors. */

/** The input is wrong: count it, quarantine it, never retry. */
export class InputError extends Error {
  override readonly name = "InputError";
}

/** Something we depend on did not answer: retry later. */
export class UnavailableError extends Error {
  override readonly name = "UnavailableError";
}

/** Our own invariant is broken: stop and page a human. */
export class BugError extends Error {
  override readonly name = "BugError";
}

/** Throws a BugError when a condition that the code relies on does not hold. */
export function assert(condition: unknown, message: string): asserts condition {
  if (!condition) throw new BugError(message);
}

/** The end of an exhaustive switch: does not compile while a case is missing. */
export const unreachable = (value: never): never => {
  throw new BugError(`unreachable: ${JSON.stringify(value)}`);
};

/** The message of anything that was thrown, for a log line or a reason. */
export const messageOf = (thrown: unknown): string =>
  thrown instanceof Error ? thrown.message : String(thrown);
