/** The thread that runs one instance of a function: the code of the customer, living by the account's time. */
import { parentPort, workerData } from "node:worker_threads";
import { pathToFileURL } from "node:url";
import { createClock, real } from "./clock.ts";
import { contextOf } from "./context.ts";
import { callHandler, errorDocument, type Handler, loadHandler } from "./handler.ts";
import { trackInFlight } from "./in-flight.ts";
import { installChance } from "./install-chance.ts";
import { installTime } from "./install-time.ts";
import { runMany } from "./many.ts";
import {
  type CallResult,
  CELL_NEXT,
  CELL_NOW,
  type ErrorDocument,
  type FromWorker,
  type Invoke,
  LOADING,
  type Many,
  type Outcome,
  type Setup,
  type ToWorker,
} from "./messages.ts";
import { captureOutput } from "./output.ts";
import { untilStopped } from "./quiet.ts";
import { createTimers } from "./timers.ts";

/** Exit codes of Lambda's Node runtime. */
const EXIT_UNHANDLED_REJECTION = 128;
const EXIT_UNCAUGHT = 129;
const REAL_EXIT = process.exit;

const setup = workerData as Setup;
const port = parentPort;
if (port === null) throw new Error("runs as a worker thread only");
const cells = new Float64Array(setup.cells);

const clock = createClock(() => cells[CELL_NOW] ?? 0);
const timers = createTimers(clock, (at) => {
  cells[CELL_NEXT] = at;
});
const codeUrl = pathToFileURL(setup.taskRoot).href;
const hideFolder = (text: string): string =>
  text.replaceAll(codeUrl, "file:///var/task").replaceAll(setup.taskRoot, "/var/task");
const inFlight = trackInFlight();
installTime(clock, timers);
const reseed = installChance();
const output = captureOutput(clock, setup.isJsonLog, hideFolder);

let manyResults: CallResult[] = [];
let stopRuns = 0;

const send = (message: FromWorker): void => port.postMessage(message);

const hideTrace = (error: ErrorDocument): ErrorDocument => ({
  ...error,
  errorMessage: hideFolder(error.errorMessage),
  ...(error.trace && { trace: error.trace.map(hideFolder) }),
});
const shown = (outcome: Outcome): Outcome =>
  outcome.ok ? outcome : { ok: false, error: hideTrace(outcome.error) };

const exit = (exitCode: number, error?: ErrorDocument): never => {
  const lines = output.take();
  send({ kind: "exiting", exitCode, results: manyResults, lines, ...(error && { error: hideTrace(error) }) });
  return REAL_EXIT.call(process, exitCode);
};
process.exit = (code) => exit(Number(code ?? process.exitCode ?? 0));
process.abort = () => exit(134);
process.on("uncaughtException", (error) => exit(EXIT_UNCAUGHT, errorDocument(error)));
process.on("unhandledRejection", (reason) =>
  exit(EXIT_UNHANDLED_REJECTION, {
    ...errorDocument(reason),
    errorType: "Runtime.UnhandledPromiseRejection",
    errorMessage: String(reason),
  }),
);

/** In a turn of its own: what a timer throws must be nobody's but the process's. */
const fireOne = (): Promise<boolean> =>
  new Promise((resolve) => {
    real.setImmediate(() => {
      let hasFired = false;
      try {
        hasFired = timers.fireOne();
      } finally {
        resolve(hasFired);
      }
    });
  });

const fireDue = async (): Promise<void> => {
  let hasFired = true;
  while (hasFired) hasFired = await fireOne();
};

let handler: Handler | undefined;
const loaded = (): Handler => {
  if (handler === undefined) throw new Error("called before the code was loaded");
  return handler;
};

let running: { requestId: string; outcome?: Outcome } | undefined;

/** Waits until nothing moves, then says so; a later call takes over from an earlier one. */
const stop = async (): Promise<void> => {
  stopRuns += 1;
  const run = stopRuns;
  const isOver = (): boolean => run !== stopRuns || running === undefined || running.outcome !== undefined;
  await untilStopped(inFlight, isOver, () => timers.nextAt() !== Number.POSITIVE_INFINITY);
  if (run !== stopRuns || running === undefined) return;
  const { requestId, outcome } = running;
  const requests = inFlight.requests();
  send({
    kind: "stopped",
    requestId,
    inFlight: requests,
    lines: output.take(),
    ...(outcome && { outcome: shown(outcome) }),
  });
  if (outcome !== undefined) {
    running = undefined;
    return;
  }
  if (requests === 0) return;
  await inFlight.change();
  if (run === stopRuns) await stop();
};

/** Starts something that ends with an outcome: loading the code, or an invocation. */
const run = async (requestId: string, outcome: Promise<Outcome>): Promise<void> => {
  const mine: { requestId: string; outcome?: Outcome } = { requestId };
  running = mine;
  outcome.then(async (value) => {
    mine.outcome = value;
    await stop();
  }, exit);
  await stop();
};

const invoke = (message: Invoke): Promise<void> => {
  reseed(message.seed);
  output.setRequest(message.requestId);
  return run(
    message.requestId,
    callHandler(loaded(), message.payload, contextOf(setup, clock, message)),
  );
};

const callAll = async (message: Many): Promise<void> => {
  manyResults = [];
  const call = (index: number, deadlineAt: number): Promise<Outcome> => {
    const requestId = `${message.seed}/${index}`;
    reseed(requestId);
    output.setRequest(requestId);
    const context = contextOf(setup, clock, { requestId, functionArn: message.functionArn, deadlineAt });
    return callHandler(loaded(), message.calls[index]?.payload ?? "null", context);
  };
  await runMany(message, { clock, timers, inFlight }, call, manyResults);
  send({ kind: "many-done", results: manyResults, lines: output.take() });
  manyResults = [];
};

const timeHasCome = async (): Promise<void> => {
  inFlight.setAside();
  await fireDue();
  await stop();
};

const receive = (message: ToWorker): Promise<void> => {
  switch (message.kind) {
    case "invoke":
      return invoke(message);
    case "many":
      return callAll(message);
    case "time":
      return timeHasCome();
  }
};

const load = async (): Promise<Outcome> => {
  try {
    handler = await loadHandler(setup.taskRoot, setup.handler);
    return { ok: true, payload: "null" };
  } catch (error) {
    return { ok: false, error: errorDocument(error) };
  }
};

port.on("message", (message: ToWorker) => {
  receive(message).catch((error) => exit(EXIT_UNCAUGHT, errorDocument(error)));
});
reseed(setup.seed);
await run(LOADING, load());
