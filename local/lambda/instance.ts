/** One execution environment of a function, seen from the account: a worker thread that answers one message after the other. */
import { Worker } from "node:worker_threads";
import type {
  Answer,
  ErrorDocument,
  FromWorker,
  Line,
  ManyAnswers,
  ToWorker,
  WorkerSettings,
} from "./worker/messages.ts";

const ENTRY = new URL("./worker/entry.ts", import.meta.url);
/** Real time after which a worker that gives no sign of life counts as stuck in its own code. */
const STUCK_MS = 20_000;
const PING_MS = 2_000;

export type CallEnd = Answer | { outcome: "died"; error: ErrorDocument } | { outcome: "stuck" };
/** `died`: the call after the last answer ended the process. */
export type ManyEnd = { answers: ManyAnswers; died?: ErrorDocument };

export type Instance = {
  readonly settings: WorkerSettings;
  isAlive(): boolean;
  /** Resolves when the module is loaded, with the error if it could not be. */
  readonly ready: Promise<ErrorDocument | undefined>;
  /** `pass` moves the account's clock when the function waits. */
  call(message: Extract<ToWorker, { kind: "call" }>, pass: (at: number) => Promise<void>): Promise<CallEnd>;
  many(message: Extract<ToWorker, { kind: "many" }>): Promise<ManyEnd>;
  /** When the function wants to act next, while it waits for somebody else who moves the clock. */
  nextAt(): Promise<number | undefined>;
  /** Lets it act at that instant; resolves with the next one. */
  act(at: number): Promise<number | undefined>;
  /** Ends it at once, as an instance that dies. */
  kill(): void;
};

const exitError = (requestId: string): ErrorDocument => ({
  errorType: "Runtime.ExitError",
  errorMessage: `RequestId: ${requestId} Error: Runtime exited with error: signal: killed`,
});

type Waiting = {
  call?: ((end: CallEnd) => void) | undefined;
  many?: ((end: ManyEnd) => void) | undefined;
  next?: ((at: number | undefined) => void) | undefined;
  pass?: ((at: number) => Promise<void>) | undefined;
};

export const startInstance = (
  settings: WorkerSettings,
  env: Readonly<Record<string, string>>,
  onLines: (lines: readonly Line[]) => void,
): Instance => {
  const worker = new Worker(ENTRY, {
    workerData: settings,
    env: { ...env },
    argv: [],
    execArgv: ["--disable-warning=ExperimentalWarning"],
    resourceLimits: { maxOldGenerationSizeMb: settings.memorySizeMb },
    stdout: true,
    stderr: true,
  });
  // Threads of an account that nobody closes must not keep the process alive.
  worker.unref();

  const waiting: Waiting = {};
  let isAlive = true;
  let lastWords: { error: ErrorDocument; answers?: ManyAnswers } | undefined;
  let requestId = "";
  let onReady: (error: ErrorDocument | undefined) => void = () => {};
  const ready = new Promise<ErrorDocument | undefined>((resolve) => {
    onReady = resolve;
  });

  const endAll = (end: CallEnd, error: ErrorDocument): void => {
    isAlive = false;
    onReady(error);
    waiting.call?.(end);
    waiting.many?.({ answers: lastWords?.answers ?? { durationsMs: [], failed: [] }, died: error });
    waiting.next?.(undefined);
  };

  const onExit = (): void => {
    const error = lastWords?.error ?? exitError(requestId);
    endAll({ outcome: "died", error }, error);
  };

  /** Watches over a worker that has something to do; a loop without end in its code is ended here. */
  const watch = (): (() => void) => {
    let heardAt = performance.now();
    const hear = (): void => {
      heardAt = performance.now();
    };
    worker.on("message", hear);
    const timer = setInterval(() => {
      if (performance.now() - heardAt < STUCK_MS) worker.postMessage({ kind: "ping" } satisfies ToWorker);
      else {
        endAll(
          { outcome: "stuck" },
          { errorType: "Sandbox.Timedout", errorMessage: "the code never came to rest" },
        );
        void worker.terminate();
      }
    }, PING_MS);
    return () => {
      clearInterval(timer);
      worker.off("message", hear);
    };
  };

  const onMessage = (message: FromWorker): void => {
    switch (message.kind) {
      case "ready":
        onReady(undefined);
        return;
      case "unready":
        onReady(message.error);
        return;
      case "pass":
        void waiting.pass?.(message.at).then(() => worker.postMessage({ kind: "passed" } satisfies ToWorker));
        return;
      case "next":
        waiting.next?.(message.at);
        return;
      case "answered":
        waiting.call?.(message.answer);
        waiting.next?.(undefined);
        return;
      case "many-answered":
        waiting.many?.({ answers: message.answers });
        return;
      case "lines":
        onLines(message.lines);
        return;
      case "dying":
        lastWords = message;
        return;
      case "pong":
        return;
      default:
        message satisfies never;
    }
  };
  worker.on("message", onMessage);
  worker.on("error", (error: Error & { code?: string }) => {
    const isMemory = error.code === "ERR_WORKER_OUT_OF_MEMORY";
    lastWords ??= {
      error: isMemory
        ? {
            errorType: "Runtime.OutOfMemory",
            errorMessage: `RequestId: ${requestId} Error: Runtime exited with error: signal: killed`,
          }
        : { errorType: "Runtime.ExitError", errorMessage: `RequestId: ${requestId} Error: ${error.message}` },
    };
  });
  worker.on("exit", onExit);

  const ask = (message: ToWorker): Promise<number | undefined> =>
    new Promise((resolve) => {
      if (!isAlive) {
        resolve(undefined);
        return;
      }
      waiting.next = (at) => {
        waiting.next = undefined;
        resolve(at);
      };
      worker.postMessage(message);
    });

  const during = async <T>(run: (resolve: (end: T) => void) => void, dead: T): Promise<T> => {
    if (!isAlive) return dead;
    const unwatch = watch();
    worker.ref();
    try {
      return await new Promise<T>(run);
    } finally {
      worker.unref();
      unwatch();
      waiting.call = undefined;
      waiting.many = undefined;
      waiting.pass = undefined;
    }
  };

  return {
    settings,
    isAlive: () => isAlive,
    ready: during<ErrorDocument | undefined>((resolve) => void ready.then(resolve), undefined),
    call: (message, pass) => {
      requestId = message.context.requestId;
      return during<CallEnd>(
        (resolve) => {
          waiting.call = resolve;
          waiting.pass = pass;
          worker.postMessage(message);
        },
        { outcome: "died", error: exitError(requestId) },
      );
    },
    many: (message) =>
      during<ManyEnd>(
        (resolve) => {
          waiting.many = resolve;
          worker.postMessage(message);
        },
        { answers: { durationsMs: [], failed: [] }, died: exitError("") },
      ),
    nextAt: () => ask({ kind: "when" }),
    act: (at) => ask({ kind: "act", at }),
    kill: () => {
      isAlive = false;
      void worker.terminate();
    },
  };
};
