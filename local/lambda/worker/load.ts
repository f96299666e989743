/** Finds and loads the handler that a function's configuration names. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { ErrorDocument } from "./messages.ts";

export type Handler = (event: unknown, context: unknown, callback: unknown) => unknown;

const EXTENSIONS = [".js", ".mjs", ".cjs"];

/** The first runtime that refuses handlers with a callback. */
const FIRST_WITHOUT_CALLBACKS = 24;

const failed = (errorType: string, errorMessage: string): { error: ErrorDocument } => ({
  error: { errorType, errorMessage, trace: [] },
});

const exportAt = (module: Record<string, unknown>, path: string): unknown =>
  path
    .split(".")
    .reduce<unknown>((value, name) => (value as Record<string, unknown> | undefined)?.[name], module);

/** Rejects with whatever the module itself throws while it loads. */
export const loadHandler = async (
  codeDir: string,
  handler: string,
  runtime: string,
): Promise<{ handler: Handler } | { error: ErrorDocument }> => {
  const dot = handler.indexOf(".", handler.lastIndexOf("/") + 1);
  const [file, name] = dot < 0 ? [handler, ""] : [handler.slice(0, dot), handler.slice(dot + 1)];
  if (name === "") return failed("Runtime.MalformedHandlerName", "Bad handler");
  const path = EXTENSIONS.map((extension) => join(codeDir, file + extension)).find(existsSync);
  if (path === undefined) return failed("Runtime.ImportModuleError", `Error: Cannot find module '${file}'`);
  const module = await import(pathToFileURL(path).href);
  const found = exportAt(module, name) ?? exportAt(module.default ?? {}, name);
  if (typeof found !== "function")
    return failed("Runtime.HandlerNotFound", `${handler} is undefined or not exported`);
  const version = Number(/nodejs(\d+)/.exec(runtime)?.[1] ?? FIRST_WITHOUT_CALLBACKS);
  if (version >= FIRST_WITHOUT_CALLBACKS && found.length > 2)
    return failed(
      "Runtime.CallbackHandlerDeprecated",
      "ERROR: AWS Lambda has removed support for callback-based function handlers starting with Node.js 24.",
    );
  return { handler: found as Handler };
};
