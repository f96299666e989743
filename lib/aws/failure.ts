/** What an SDK call that failed means for the caller. */
import { UnavailableError } from "../kit/errors.ts";

/** Whether a thrown thing is the named AWS error. Names are compared, not classes: two copies of a client must not matter. */
export const isNamed = (thrown: unknown, ...names: readonly string[]): boolean =>
  thrown instanceof Error && names.includes(thrown.name);

/** Runs a call; whatever it throws becomes an UnavailableError that says which call it was. */
export const reach = async <T>(what: string, call: () => Promise<T>): Promise<T> => {
  try {
    return await call();
  } catch (error) {
    const reason = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
    throw new UnavailableError(`${what}: ${reason}`, { cause: error });
  }
};

/** Runs a call; the named errors become `otherwise`, all others an UnavailableError. */
export const reachUnless = async <T, O>(
  what: string,
  names: readonly string[],
  otherwise: O,
  call: () => Promise<T>,
): Promise<T | O> => {
  try {
    return await call();
  } catch (error) {
    if (isNamed(error, ...names)) return otherwise;
    return reach(what, () => Promise.reject(error));
  }
};
