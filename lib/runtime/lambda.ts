/** The shell around every function: parse, run, and say what became of it. Middy is named here and nowhere else. */
import middy from "@middy/core";
import type { Context } from "aws-lambda";
import { InputError, messageOf } from "../kit/errors.ts";
import { redact } from "../kit/redact.ts";
import { flushCounts, functionLog, setRequest } from "./log.ts";

/** Characters of a refused event that are kept for whoever wonders. */
const QUARANTINE_MAX = 2_000;

const quarantine = (raw: unknown, reason: string): "refused" => {
  functionLog.warn("input refused", {
    reason,
    raw: (JSON.stringify(redact({ raw }).raw) ?? "").slice(0, QUARANTINE_MAX),
  });
  functionLog.count("InputRejected");
  return "refused";
};

/**
 * A handler: `parse` turns the raw event into ours, `run` does the work. What `parse` refuses is quarantined in the log
 * and counted, never retried; everything else that is thrown goes to Lambda, which retries and then to the destination.
 */
export const lambda = <E, R>(parse: (raw: unknown) => E, run: (event: E, context: Context) => Promise<R>) =>
  middy<unknown, R | "refused">()
    .before((request) => setRequest(request.context.awsRequestId))
    .after(() => flushCounts())
    .onError((request) => {
      const { error } = request;
      if (error instanceof InputError) request.response = quarantine(request.event, error.message);
      else functionLog.error("failed", { reason: messageOf(error) });
      flushCounts();
    })
    .handler(async (raw: unknown, context: Context) => run(parse(raw), context));
