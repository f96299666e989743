/** Errors as Lambda's Node.js runtime words them. */
import type { ErrorDocument } from "./messages.ts";

/** Where a function's code lies on AWS; folders of this machine do not show. */
const TASK_DIR = "/var/task";

const traceOf = (stack: string | undefined, codeDir: string): string[] =>
  (stack ?? "")
    .split("\n")
    .filter((line) => !line.includes(import.meta.dirname))
    .map((line) => line.replaceAll(codeDir, TASK_DIR));

/** What a handler threw, or rejected with. Things that are no errors are named by their type. */
export const errorDocument = (thrown: unknown, codeDir: string): ErrorDocument =>
  thrown instanceof Error
    ? { errorType: thrown.name, errorMessage: thrown.message, trace: traceOf(thrown.stack, codeDir) }
    : { errorType: typeof thrown, errorMessage: String(thrown), trace: [] };

/** The code ended its process. */
export const exitDocument = (requestId: string, code: number): ErrorDocument => ({
  errorType: "Runtime.ExitError",
  errorMessage:
    code === 0
      ? `RequestId: ${requestId} Error: Runtime exited without providing a reason`
      : `RequestId: ${requestId} Error: Runtime exited with error: exit status ${code}`,
});

export const unhandledRejection = (reason: unknown, codeDir: string): ErrorDocument => {
  const { errorType, errorMessage, trace = [] } = errorDocument(reason, codeDir);
  return {
    errorType: "Runtime.UnhandledPromiseRejection",
    errorMessage: reason instanceof Error ? `${errorType}: ${errorMessage}` : errorMessage,
    trace: [...trace],
  };
};
