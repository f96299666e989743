/** One worker: runs its share of the cells and sends their results back in one message. */
import { parentPort, workerData } from "node:worker_threads";
import { runCell } from "./cells.ts";

type Task = { readonly cells: readonly (readonly [at: number, runs: number])[]; readonly seed: number };

const { cells, seed }: Task = workerData;
parentPort?.postMessage(cells.map(([at, runs]) => runCell(at, runs, seed)));
