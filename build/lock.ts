/** One builder at a time: several processes of one checkout may want the same package at once. */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

const POLL_MS = 100;
const WAIT_MAX_MS = 180_000;

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};

/** Whether the lock's owner is gone. A lock without an owner's id was taken this very moment, or its owner died just then. */
const isOrphaned = (lock: string): boolean => {
  try {
    return !isAlive(Number(readFileSync(join(lock, "pid"), "utf8")));
  } catch {
    return false;
  }
};

const take = (lock: string): boolean => {
  try {
    mkdirSync(lock);
    writeFileSync(join(lock, "pid"), String(process.pid));
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    return false;
  }
};

/** Runs `work` while holding the directory `lock`. Throws when another process holds it for too long. */
export const withLock = async <T>(lock: string, work: () => Promise<T>): Promise<T> => {
  const waitedUntil = performance.now() + WAIT_MAX_MS;
  while (!take(lock)) {
    if (isOrphaned(lock)) rmSync(lock, { recursive: true, force: true });
    else if (performance.now() > waitedUntil)
      throw new Error(
        `${lock} is held for more than ${WAIT_MAX_MS / 1000} s; remove it if nothing is building`,
      );
    else await sleep(POLL_MS);
  }
  try {
    return await work();
  } finally {
    rmSync(lock, { recursive: true, force: true });
  }
};
