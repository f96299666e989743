import { InvokeCommand, type LambdaClient } from "@aws-sdk/client-lambda";
import type { Invoker } from "../ports/invoker.ts";
import { reach } from "./failure.ts";

/** Marks smoke calls so that a handler can tell them from a customer's, and stay dry if it wants to. */
const SMOKE_CONTEXT = Buffer.from(JSON.stringify({ custom: { caller: "bellwether-smoke" } })).toString(
  "base64",
);

const errorOf = (payload: string): string => {
  try {
    const { errorType, errorMessage } = JSON.parse(payload) as { errorType?: string; errorMessage?: string };
    return [errorType, errorMessage].filter((part) => part !== undefined).join(": ") || payload;
  } catch {
    return payload;
  }
};

/** `monotonicMs` measures the call; a cold start is part of what is measured from outside. */
export const lambdaInvoker = (client: LambdaClient, monotonicMs: () => number): Invoker => ({
  invoke: (functionName, version, payload) =>
    reach(`calling ${functionName}:${version}`, async () => {
      const startedMs = monotonicMs();
      const answer = await client.send(
        new InvokeCommand({
          FunctionName: functionName,
          Qualifier: version,
          Payload: Buffer.from(JSON.stringify(payload ?? null)),
          ClientContext: SMOKE_CONTEXT,
        }),
      );
      const body = Buffer.from(answer.Payload ?? new Uint8Array()).toString("utf8");
      return {
        ok: answer.FunctionError === undefined,
        payload: body,
        ...(answer.FunctionError !== undefined && { error: errorOf(body) }),
        executedVersion: answer.ExecutedVersion ?? "",
        durationMs: monotonicMs() - startedMs,
      };
    }),
});
