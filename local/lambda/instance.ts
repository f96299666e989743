/** One instance of a function: a worker thread with the function's environment and nothing else of this process. */
import { Worker } from "node:worker_threads";
import {
  type CallResult,
  CELL_NEXT,
  CELL_NOW,
  type ErrorDocument,
  type FromWorker,
  type Line,
  type Many,
  type Outcome,
  type Setup,
  type ToWorker,
} from "./worker/messages.ts";

const MAIN = new URL("./worker/main.ts", import.meta.url);
const BYTES_PER_CELL = 8;
const CELLS = 2;

/** What became of the code that runs in an instance. */
export type Stop =
  | { kind: "stopped"; inFlight: number; outcome?: Outcome }
  | { kind: "gone"; exitCode: number; error?: ErrorDocument };

export type ManyAnswer = { results: readonly CallResult[]; isGone: boolean };

export type Instance = {
  readonly logStream: string;
  /** What the code last came to; undefined while it runs. */
  stop(): Stop | undefined;
  /** Resolves at the next stop, or when `wake` is called. */
  change(): Promise<void>;
  wake(): void;
  /** Epoch ms of the code's next timer; Infinity for none. */
  nextAt(): number;
  setNow(at: number): void;
  send(message: ToWorker): void;
  /** Results come short of the calls when the process ends on the way. */
  callMany(message: Many): Promise<ManyAnswer>;
  end(): Promise<void>;
};

/** `onLines` hears what the code writes. */
export const startInstance = (
  setup: Omit<Setup, "cells">,
  env: Readonly<Record<string, string>>,
  onLines: (lines: readonly Line[]) => void,
): Instance => {
  const buffer = new SharedArrayBuffer(CELLS * BYTES_PER_CELL);
  const cells = new Float64Array(buffer);
  cells[CELL_NEXT] = Number.POSITIVE_INFINITY;
  const worker = new Worker(MAIN, {
    workerData: { ...setup, cells: buffer } satisfies Setup,
    env: { ...env },
    execArgv: ["--disable-warning=ExperimentalWarning"],
    resourceLimits: { maxOldGenerationSizeMb: setup.memoryMb },
    stdout: true,
    stderr: true,
  });
  // Threads of an account nobody closes must not keep the process alive.
  worker.unref();

  let current: Stop | undefined;
  let waiting: (() => void)[] = [];
  let onMany: ((answer: ManyAnswer) => void) | undefined;

  const wake = (): void => {
    const woken = waiting;
    waiting = [];
    for (const resolve of woken) resolve();
  };
  const gone = (exitCode: number, error: ErrorDocument | undefined, results: readonly CallResult[]): void => {
    if (current?.kind === "gone") return;
    current = { kind: "gone", exitCode, ...(error && { error }) };
    onMany?.({ results, isGone: true });
    wake();
  };

  worker.on("message", (message: FromWorker) => {
    onLines(message.lines);
    switch (message.kind) {
      case "stopped":
        current = {
          kind: "stopped",
          inFlight: message.inFlight,
          ...(message.outcome && { outcome: message.outcome }),
        };
        wake();
        return;
      case "many-done":
        onMany?.({ results: message.results, isGone: false });
        return;
      case "exiting":
        gone(message.exitCode, message.error, message.results);
    }
  });
  // Out of memory, or code that does not even start: Node says so here.
  worker.on("error", (error) => gone(1, { errorType: "Runtime.ExitError", errorMessage: error.message }, []));
  worker.on("exit", (exitCode) => gone(exitCode, undefined, []));

  return {
    logStream: setup.logStream,
    stop: () => current,
    change: () => new Promise((resolve) => waiting.push(resolve)),
    wake,
    nextAt: () => cells[CELL_NEXT] ?? Number.POSITIVE_INFINITY,
    setNow: (at) => {
      cells[CELL_NOW] = at;
    },
    send: (message) => {
      if (current?.kind === "gone") return;
      current = undefined;
      worker.postMessage(message);
    },
    callMany: (message) =>
      new Promise((resolve) => {
        onMany = (answer) => {
          onMany = undefined;
          resolve(answer);
        };
        if (current?.kind === "gone") onMany({ results: [], isGone: true });
        else worker.postMessage(message);
      }),
    end: async () => {
      await worker.terminate();
    },
  };
};
