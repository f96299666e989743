/** What the account and a function's worker tell each other. Payloads are JSON text; times are account time. */

export type WorkerSettings = {
  /** Names this execution environment; also the first part of the `x-local-call` header of its requests. */
  workerId: string;
  functionName: string;
  version: string;
  /** `path/of/file.export`, as in the function's configuration. */
  handler: string;
  /** Folder that holds the unzipped code. */
  codeDir: string;
  runtime: string;
  memorySizeMb: number;
  logFormat: "Text" | "JSON";
  logGroup: string;
  logStream: string;
  /** Host and port of the account's endpoint: only requests to it are put in order. */
  endpointHost: string;
  /** Seeds what is random while the module is loaded. */
  seed: string;
  /** Account time at which the module is loaded. */
  at: number;
};

export type CallContext = {
  requestId: string;
  invokedFunctionArn: string;
  /** Base64 JSON, as the caller gave it. */
  clientContext?: string;
  timeoutMs: number;
};

export type ManyContext = {
  /** Request ids are this and the call's number. */
  requestPrefix: string;
  invokedFunctionArn: string;
  timeoutMs: number;
};

export type ErrorDocument = { errorType: string; errorMessage: string; trace?: readonly string[] };

/** `at` is account time; `requestId` is absent outside calls. */
export type Line = { at: number; message: string };

/** How one call ended. `elapsedMs` is the function's own time, not below 0. */
export type Answer = { elapsedMs: number } & (
  | { outcome: "returned"; payload: string }
  | { outcome: "failed"; error: ErrorDocument }
  | { outcome: "timed-out" }
);

/** Ends of many calls, by their place; a worker that died answers for those before `durationsMs.length`. */
export type ManyAnswers = { durationsMs: readonly number[]; failed: readonly boolean[] };

export type ToWorker =
  | { kind: "call"; at: number; payload: string; seed: string; context: CallContext }
  | {
      kind: "many";
      calls: readonly { at: number; payload: string }[];
      seed: string;
      context: ManyContext;
    }
  /** The account's clock has reached the instant that was asked for. */
  | { kind: "passed" }
  /** Somebody else moves the clock: at which instant does this worker want to act next? */
  | { kind: "when" }
  /** The clock has reached this instant while somebody else moves it: act. */
  | { kind: "act"; at: number }
  | { kind: "ping" };

export type FromWorker =
  | { kind: "ready" }
  | { kind: "unready"; error: ErrorDocument }
  /** Nothing can happen before `at`: move the account's clock there. */
  | { kind: "pass"; at: number }
  | { kind: "next"; at: number | undefined }
  | { kind: "answered"; answer: Answer }
  | { kind: "many-answered"; answers: ManyAnswers }
  | { kind: "lines"; lines: readonly Line[] }
  /** The last words of a worker whose code ended the process; `answers` of the many calls before the fatal one. */
  | { kind: "dying"; error: ErrorDocument; answers?: ManyAnswers }
  | { kind: "pong" };
