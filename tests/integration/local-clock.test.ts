import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import type { Account } from "../../local/account.ts";
import { quietWatch } from "../../local/quiet-watch.ts";
import { startLive } from "../../local/up.ts";
import { createWorld } from "../../local/world.ts";

/** For machines that are busy with other things. */
const PATIENCE = { timeout: 20_000 };

const watched = () => quietWatch(createWorld({ seed: 1, startAt: 0 }));

describe("an account's time", () => {
  it("passes for one caller at a time", async () => {
    const { world, advance } = watched();
    const seen: number[] = [];
    world.at(500, "slow", async () => {
      await sleep(20);
      seen.push(world.now());
    });
    await Promise.all([advance(1_000), advance(1_000).then(() => seen.push(world.now()))]);
    expect(seen).toEqual([500, 2_000]);
  });

  it("goes on after a step that broke", async () => {
    const { world, advance } = watched();
    world.at(500, "broken", () => {
      throw new Error("broken");
    });
    await expect(advance(1_000)).rejects.toThrow("broken");
    await advance(1_000);
    expect(world.now()).toBe(1_500);
  });

  it("is let pass until no work waits", async () => {
    const { world, drain } = watched();
    let isDone = false;
    world.at(2_000, "event", () => {
      world.queue(60_000, "retry", async () => {
        isDone = true;
      });
    });
    expect(await drain(10_000)).toBe(false);
    expect([world.now(), isDone]).toEqual([10_000, false]);
    expect(await drain(120_000)).toBe(true);
    expect([world.now(), isDone]).toEqual([63_000, true]);
  });

  it("is over at once for an account where nothing waits", async () => {
    const { world, drain } = watched();
    expect([await drain(60_000), world.now()]).toEqual([true, 3_000]);
  });
});

describe("live mode", () => {
  const live = (speed: number) => {
    const { world, advance } = watched();
    const lines: string[] = [];
    const write = (_group: string, _stream: string, _at: number, line: string) => lines.push(line);
    const account = { world, logs: { write } } as unknown as Account;
    return { world, lines, running: startLive({ account, advance }, speed) };
  };

  it("lets account time pass faster than real time, until it is stopped", async () => {
    const { world, running } = live(1_000);
    await expect.poll(() => world.now(), PATIENCE).toBeGreaterThan(200_000);
    await running.stop();
    const at = world.now();
    await sleep(250);
    expect(world.now()).toBe(at);
  });

  it("keeps what breaks in the account's logs and goes on", async () => {
    const { world, lines, running } = live(1_000);
    world.at(10_000, "broken", () => {
      throw new Error("a timer broke");
    });
    let isLater = false;
    world.at(11_000, "later", () => {
      isLater = true;
    });
    await expect.poll(() => isLater, PATIENCE).toBe(true);
    await running.stop();
    expect(lines).toHaveLength(1);
    expect(lines[0]).toContain("a timer broke");
  });
});
