/** Live mode: account time goes on by itself, faster than real time. */
import { setTimeout as sleep } from "node:timers/promises";
import type { LocalAccount } from "./start.ts";

export const SPEED_DEFAULT = 60;
const TICK_MS = 100;
/** The most real time that one step makes up for: after a pause of the machine no hour passes at once. */
const MAX_PAUSE_MS = 1_000;

/**
 * Moves the account's clock `speed` times as fast as the real one, one step after the other; a step that takes longer than
 * its time slows the account down. `stop` resolves when the last step is over.
 */
export const startLive = (
  local: Pick<LocalAccount, "account" | "advance">,
  speed = SPEED_DEFAULT,
): { stop(): Promise<void> } => {
  const ended = new AbortController();

  /** What breaks one step must not stop the clock: it is kept in the account's logs and told once. */
  const report = (error: unknown): void => {
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
    local.account.logs.write("/local/clock", "errors", local.account.world.now(), text);
    process.stderr.write(`local account: ${error instanceof Error ? error.message : error}\n`);
  };

  const run = async (): Promise<void> => {
    let lastAt = performance.now();
    while (!ended.signal.aborted) {
      await sleep(TICK_MS, undefined, { signal: ended.signal }).catch(() => {});
      const nowAt = performance.now();
      const stepMs = Math.min(nowAt - lastAt, MAX_PAUSE_MS) * speed;
      lastAt = nowAt;
      if (!ended.signal.aborted) await local.advance(Math.round(stepMs)).catch(report);
    }
  };

  local.account.isLive = true;
  const running = run();
  return {
    stop: async () => {
      ended.abort();
      await running;
      local.account.isLive = false;
    },
  };
};
