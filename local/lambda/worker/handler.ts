/** Finds and calls the function's handler, and words its failures as Lambda's Node runtime does. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { ErrorDocument, Outcome } from "./messages.ts";

export type Handler = (event: unknown, context: unknown, callback?: unknown) => unknown;

const EXTENSIONS = [".mjs", ".js", ".cjs"];
/** A handler that declares a third parameter answers through it. */
const CALLBACK_PARAMETERS = 3;

export class LoadError extends Error {
  override readonly name: string;
  constructor(type: string, message: string) {
    super(message);
    this.name = type;
  }
}

export const errorDocument = (error: unknown): ErrorDocument =>
  error instanceof Error
    ? { errorType: error.name, errorMessage: error.message, trace: (error.stack ?? "").split("\n") }
    : { errorType: typeof error, errorMessage: String(error), trace: [] };

/** Throws LoadError when there is no such file or export; what the code itself throws comes out as it is. */
export const loadHandler = async (taskRoot: string, handler: string): Promise<Handler> => {
  const dot = handler.lastIndexOf(".");
  const [module, name] = [handler.slice(0, dot), handler.slice(dot + 1)];
  const file = EXTENSIONS.map((extension) => join(taskRoot, module + extension)).find(existsSync);
  if (file === undefined)
    throw new LoadError("Runtime.ImportModuleError", `Error: Cannot find module '${module}'`);
  const loaded = await import(pathToFileURL(file).href);
  const found = loaded[name] ?? loaded.default?.[name];
  if (typeof found !== "function")
    throw new LoadError("Runtime.HandlerNotFound", `${handler} is undefined or not exported`);
  return found;
};

const answerOf = (handler: Handler, event: unknown, context: unknown): unknown => {
  if (handler.length < CALLBACK_PARAMETERS) return handler(event, context);
  return new Promise((resolve, reject) => {
    const answer = handler(event, context, (error: unknown, value: unknown) =>
      error === null || error === undefined ? resolve(value) : reject(error),
    );
    if (answer instanceof Promise) answer.then(resolve, reject);
  });
};

const textOf = (answer: unknown): string => {
  try {
    return JSON.stringify(answer) ?? "null";
  } catch (error) {
    throw new LoadError("Runtime.MarshalError", `Unable to stringify response body: ${String(error)}`);
  }
};

/** Never rejects. */
export const callHandler = async (handler: Handler, payload: string, context: unknown): Promise<Outcome> => {
  try {
    return { ok: true, payload: textOf(await answerOf(handler, JSON.parse(payload), context)) };
  } catch (error) {
    return { ok: false, error: errorDocument(error) };
  }
};
