/** Runs the benchmark's cells on several threads. The outcome depends on the seed and the sizes, not on the threads. */
import { Worker } from "node:worker_threads";
import { CELLS, type CellResult } from "./cells.ts";

export type Size = {
  /** Runs in each same-version and each bad-version cell. */
  readonly sameRuns: number;
  readonly badRuns: number;
  /** Every how-many-th cell is run. */
  readonly stride: number;
};

export const FULL: Size = { sameRuns: 1_000, badRuns: 200, stride: 1 };
export const QUICK: Size = { sameRuns: 100, badRuns: 40, stride: 7 };
export const SEED = 20_260_101;

type Task = readonly [at: number, runs: number];

const onWorker = (cells: readonly Task[], seed: number): Promise<readonly CellResult[]> =>
  new Promise((resolve, reject) => {
    const worker = new Worker(new URL("./worker.ts", import.meta.url), { workerData: { cells, seed } });
    worker.once("message", resolve);
    worker.once("error", reject);
    worker.once("exit", (code) => {
      if (code !== 0) reject(new Error(`a benchmark worker ended with ${code}`));
    });
  });

/** Results in the order of CELLS. `threads` is how many cores may be used. */
export const bench = async (size: Size, seed: number, threads: number): Promise<readonly CellResult[]> => {
  const tasks = CELLS.flatMap(({ kind }, at): Task[] =>
    at % size.stride === 0 ? [[at, kind === "same" ? size.sameRuns : size.badRuns]] : [],
  );
  const shares = Array.from({ length: threads }, (_, thread) =>
    tasks.filter((_task, at) => at % threads === thread),
  );
  const results = await Promise.all(shares.map((share) => onWorker(share, seed)));
  return tasks.map((_, at) => {
    const result = results[at % threads]?.[Math.floor(at / threads)];
    if (result === undefined) throw new Error(`no result for cell ${at}`);
    return result;
  });
};
