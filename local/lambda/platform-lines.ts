/** The lines that Lambda itself writes around a call, in the function's log format. */
import type { FunctionConfig } from "./state.ts";

export type CallFacts = {
  requestId: string;
  version: string;
  startedAt: number;
  endedAt: number;
  durationMs: number;
  /** Of a cold start. */
  initMs?: number;
  status: "success" | "error" | "timeout";
};

const isoTime = (at: number): string => new Date(at).toISOString();

const jsonLine = (at: number, type: string, record: object): string =>
  JSON.stringify({ time: isoTime(at), type, record });

export const startLine = ({ logFormat }: FunctionConfig, call: CallFacts): string =>
  logFormat === "JSON"
    ? jsonLine(call.startedAt, "platform.start", { requestId: call.requestId, version: call.version })
    : `START RequestId: ${call.requestId} Version: ${call.version}`;

/** What was used of the memory is not said: it would differ from run to run. */
export const endLines = ({ logFormat, memorySizeMb }: FunctionConfig, call: CallFacts): string[] => {
  const { requestId, durationMs, initMs, status } = call;
  const billedMs = Math.ceil(durationMs + (initMs ?? 0));
  if (logFormat === "JSON") {
    const metrics = {
      durationMs,
      billedDurationMs: billedMs,
      memorySizeMB: memorySizeMb,
      ...(initMs !== undefined && { initDurationMs: initMs }),
    };
    return [jsonLine(call.endedAt, "platform.report", { requestId, metrics, status })];
  }
  const init = initMs === undefined ? "" : `\tInit Duration: ${initMs.toFixed(2)} ms`;
  const state = status === "success" ? "" : `\tStatus: ${status}`;
  return [
    `END RequestId: ${requestId}`,
    `REPORT RequestId: ${requestId}\tDuration: ${durationMs.toFixed(2)} ms\tBilled Duration: ${billedMs} ms\tMemory Size: ${memorySizeMb} MB${init}${state}`,
  ];
};

export const timeoutLine = (call: CallFacts): string =>
  `${isoTime(call.endedAt)} ${call.requestId} Task timed out after ${(call.durationMs / 1000).toFixed(2)} seconds`;
