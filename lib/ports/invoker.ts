/** Calls one version of a function directly, past the alias. */
export type Answer = {
  ok: boolean;
  /** The function's answer as JSON text, or its error document. */
  payload: string;
  error?: string;
  executedVersion: string;
  durationMs: number;
};

export type Invoker = {
  /** Never throws for what the function does; throws UnavailableError when it could not be called. */
  invoke(functionName: string, version: string, payload: unknown): Promise<Answer>;
};
