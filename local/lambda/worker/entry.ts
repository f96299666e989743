/** A function's execution environment: a thread of its own, in which time, randomness and output are the account's. */
import { syncBuiltinESMExports } from "node:module";
import { parentPort, workerData } from "node:worker_threads";
import { createCalls } from "./calls.ts";
import { createClock, installClock } from "./clock.ts";
import { errorDocument, exitDocument, unhandledRejection } from "./error-document.ts";
import { createInFlight } from "./in-flight.ts";
import { installTimers } from "./install-timers.ts";
import { loadHandler } from "./load.ts";
import type { ErrorDocument, FromWorker, ToWorker, WorkerSettings } from "./messages.ts";
import { createOutput } from "./output.ts";
import { createPump } from "./pump.ts";
import { createRandomness, installRandomness } from "./randomness.ts";
import { createTimers } from "./timers.ts";

/** How long, in the function's own time, its module may take to load. */
const LOAD_LIMIT_MS = 10_000;

const settings = workerData as WorkerSettings;
const tell = (message: FromWorker): void => parentPort?.postMessage(message);

const clock = createClock(settings.at);
const timers = createTimers(clock);
const random = createRandomness(settings.seed);
installClock(clock);
const inFlight = createInFlight({ ...settings, onNow: (at) => clock.moveTo(at) });
installTimers(timers);
installRandomness(random);
const output = createOutput({ format: settings.logFormat, now: () => clock.peek(), onLine: () => {} });
syncBuiltinESMExports();
const pump = createPump(clock, timers, inFlight);

const tellLines = (): void => {
  const lines = output.take();
  if (lines.length > 0) tell({ kind: "lines", lines });
};

let acknowledge = (): void => {};
const pass = (at: number): Promise<void> =>
  new Promise((resolve) => {
    acknowledge = resolve;
    tellLines();
    tell({ kind: "pass", at });
  });

const calls = createCalls({ settings, clock, timers, random, inFlight, output, pump, pass });

const exit = process.exit.bind(process);
const die = (error: ErrorDocument, code: number): never => {
  output.write("ERROR", "Invoke Error", JSON.stringify(error));
  tellLines();
  const answers = calls.soFar();
  tell({ kind: "dying", error, ...(answers !== undefined && { answers }) });
  return exit(code);
};

process.exit = (code) => die(exitDocument(calls.requestId(), Number(code ?? 0)), Number(code ?? 0));
process.abort = () => die(exitDocument(calls.requestId(), 134), 134);
process.kill = () => die(exitDocument(calls.requestId(), 137), 137);
process.on("uncaughtException", (error) => die(errorDocument(error, settings.codeDir), 1));
process.on("unhandledRejection", (reason) => die(unhandledRejection(reason, settings.codeDir), 1));

const answer = async (run: () => Promise<FromWorker>): Promise<void> => {
  try {
    const message = await run();
    await inFlight.drained();
    tellLines();
    tell(message);
  } catch (thrown) {
    // A timer's callback threw: nobody could have caught it.
    die(errorDocument(thrown, settings.codeDir), 1);
  }
};

const onMessage = (message: ToWorker): void => {
  switch (message.kind) {
    case "call":
      void answer(() => calls.one(message));
      return;
    case "many":
      void answer(() => calls.many(message));
      return;
    case "passed":
      acknowledge();
      return;
    case "when":
      tell({ kind: "next", at: pump.nextAt() });
      return;
    case "act":
      pump.act(message.at, () => tell({ kind: "next", at: pump.nextAt() }));
      return;
    case "ping":
      tell({ kind: "pong" });
      return;
    default:
      message satisfies never;
  }
};
parentPort?.on("message", onMessage);

const load = async (): Promise<FromWorker> => {
  const loading = loadHandler(settings.codeDir, settings.handler, settings.runtime);
  const end = await pump.run(loading, settings.at + LOAD_LIMIT_MS);
  if (end === "late")
    return {
      kind: "unready",
      error: { errorType: "Sandbox.Timedout", errorMessage: "Init phase timed out" },
    };
  try {
    const loaded = await loading;
    if ("error" in loaded) return { kind: "unready", error: loaded.error };
    calls.use(loaded.handler);
    return { kind: "ready" };
  } catch (thrown) {
    return { kind: "unready", error: errorDocument(thrown, settings.codeDir) };
  }
};

await answer(load);
