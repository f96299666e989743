/** The local account's own time, which may run faster than ours: it stands in the Date header of every answer. */
import { messageOf, UnavailableError } from "../lib/kit/errors.ts";
import type { Clock } from "../lib/ports/clock.ts";
import { monotonicMs, systemClock } from "../lib/runtime/clock.ts";

const POLL_MS = 100;

const readTime = async (endpoint: string): Promise<{ at: number; readMs: number }> => {
  try {
    const answer = await fetch(endpoint, { method: "HEAD" });
    const at = Date.parse(answer.headers.get("date") ?? "");
    if (Number.isNaN(at)) throw new Error("it does not say what time it is");
    return { at, readMs: monotonicMs() };
  } catch (error) {
    throw new UnavailableError(
      `no local account answers at ${endpoint} (${messageOf(error)}); start it with: bellwether local up`,
    );
  }
};

/** Sleeps in account time, and never longer than in ours. Throws UnavailableError when no account answers. */
export const accountClock = async (endpoint: string): Promise<Clock> => {
  let last = await readTime(endpoint);
  const now = (): number => last.at + (monotonicMs() - last.readMs);
  return {
    now,
    sleep: async (durationMs) => {
      const [until, giveUpMs] = [now() + durationMs, monotonicMs() + durationMs];
      do {
        await systemClock.sleep(Math.min(POLL_MS, durationMs));
        last = await readTime(endpoint);
      } while (last.at < until && monotonicMs() < giveUpMs);
    },
  };
};
