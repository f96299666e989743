/** Waits until the code can go no further by itself: only time, or an answer that takes time, would let it go on. */
import { real } from "./clock.ts";
import { type InFlight, turn } from "./in-flight.ts";

/** Turns of the event loop without anything under way before the code counts as waiting. */
const QUIET_TURNS = 4;
/** Real milliseconds between looks at files and the like. */
const LOOK_MS = 1;
/** Code that waits for no timer and no request is looked at for this long (real time) before it counts as hanging. */
const PATIENCE_MS = 60;

const pause = (ms: number): Promise<void> => new Promise((resolve) => real.setTimeout(resolve, ms));

/** Resolves once nothing moves, or at once when `isOver`. */
export const untilQuiet = async (inFlight: InFlight, isOver: () => boolean): Promise<void> => {
  let calm = 0;
  while (calm < QUIET_TURNS && !isOver()) {
    if (inFlight.count() > 0) {
      await inFlight.change();
      calm = 0;
      continue;
    }
    await turn();
    calm += 1;
    if (calm === QUIET_TURNS && inFlight.hasHidden()) {
      await pause(LOOK_MS);
      calm = 0;
    }
  }
};

/** As above, and waits a little longer when there is no timer to wait for either. */
export const untilStopped = async (
  inFlight: InFlight,
  isOver: () => boolean,
  hasTimer: () => boolean,
): Promise<void> => {
  await untilQuiet(inFlight, isOver);
  const giveUpAt = real.now() + PATIENCE_MS;
  while (!isOver() && !hasTimer() && inFlight.requests() === 0 && real.now() < giveUpAt) {
    await pause(LOOK_MS);
    await untilQuiet(inFlight, isOver);
  }
};
