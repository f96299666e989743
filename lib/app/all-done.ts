/** Makes a round that could not do everything fail in the end, after all else is done: Lambda retries it, and alarms see it. */
import { UnavailableError } from "../kit/errors.ts";

/** Names shown in the error; the log has each with its reason. */
const NAMES_MAX = 5;

export const allDone = <R extends { failed: readonly { id: string }[] }>(round: R): R => {
  const { failed } = round;
  if (failed.length === 0) return round;
  const names = failed.slice(0, NAMES_MAX).map(({ id }) => id);
  throw new UnavailableError(`${failed.length} could not be dealt with: ${names.join(", ")}`);
};
