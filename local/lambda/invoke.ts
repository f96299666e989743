/** One call of a function, from its name to its answer: routing, cold start, the worker's run, metrics and logs. */
import { type Account, AwsError, type Invoked } from "../account.ts";
import { randomUuid } from "../random-id.ts";
import type { Acquired, Environments } from "./environments.ts";
import type { CallEnd } from "./instance.ts";
import { recordCalls } from "./metrics.ts";
import { type CallFacts, endLines, startLine, timeoutLine } from "./platform-lines.ts";
import type { RunningCalls } from "./running.ts";
import type { Fn, Version } from "./state.ts";
import { parseFunctionName, type Store } from "./store.ts";
import type { ErrorDocument } from "./worker/messages.ts";

const THROTTLED_STATUS = 429;
/** A call that takes no account time at all is billed as this. */
const SHORTEST_MS = 1;

export type Target = { fn: Fn; version: Version; resource: string; isAlias: boolean; arn: string };

export type Asked = {
  functionName: string;
  qualifier?: string | undefined;
  payload: string;
  /** Retries of an asynchronous call keep theirs. */
  requestId?: string;
  /** Base64 JSON. */
  clientContext?: string;
  /** When the call came, if it had to wait since. */
  at?: number;
};

export type Ran = Invoked & { requestId: string; logTail: string; endedAt: number };

export type Invocations = {
  /** Throws ResourceNotFoundException, and TooManyRequestsException when the function may not run. */
  run(asked: Asked): Promise<Ran>;
  targetOf(functionName: string, qualifier: string | undefined): Target;
  /** The version that an alias gives its next call to. */
  route(fn: Fn, aliasName: string): Version;
  throttle(target: Target, at: number): AwsError;
};

/** A call that has its environment. `at` is when it came, `startedAt` when the environment stood. */
type Begun = { target: Target; requestId: string; at: number; startedAt: number; concurrent: number };

type Parts = { account: Account; store: Store; environments: Environments; running: RunningCalls };

const killed = (requestId: string): ErrorDocument => ({
  errorType: "Runtime.ExitError",
  errorMessage: `RequestId: ${requestId} Error: Runtime exited with error: signal: killed`,
});

const timedOut = (requestId: string, timeoutMs: number): ErrorDocument => ({
  errorType: "Sandbox.Timedout",
  errorMessage: `RequestId: ${requestId} Error: Task timed out after ${(timeoutMs / 1000).toFixed(2)} seconds`,
});

type Outcome = { payload: string; isError: boolean; elapsedMs: number; status: CallFacts["status"] };

const outcomeOf = (end: CallEnd, requestId: string, timeoutMs: number, elapsedMs: number): Outcome => {
  const failed = (error: ErrorDocument, status: CallFacts["status"], ms: number): Outcome => ({
    payload: JSON.stringify(error),
    isError: true,
    elapsedMs: ms,
    status,
  });
  switch (end.outcome) {
    case "returned":
      return { payload: end.payload, isError: false, elapsedMs: end.elapsedMs, status: "success" };
    case "failed":
      return failed(end.error, "error", end.elapsedMs);
    case "timed-out":
    case "stuck":
      return failed(timedOut(requestId, timeoutMs), "timeout", timeoutMs);
    case "died":
      return failed(end.error ?? killed(requestId), "error", elapsedMs);
    default:
      return end satisfies never;
  }
};

export const createInvocations = ({ account, store, environments, running }: Parts): Invocations => {
  const { world } = account;

  const route = (fn: Fn, aliasName: string): Version => {
    const alias = store.alias(fn, aliasName);
    const [second] = Object.entries(alias.weights);
    const draw = world.random(`routing/${fn.name}:${aliasName}`).next();
    const version = second !== undefined && draw < second[1] ? second[0] : alias.version;
    return store.version(fn, version);
  };

  const targetOf = (functionName: string, qualifier: string | undefined): Target => {
    const named = parseFunctionName(functionName, qualifier);
    const fn = store.get(named.name);
    const isAlias = named.qualifier !== undefined && fn.aliases.has(named.qualifier);
    return {
      fn,
      version: isAlias ? route(fn, named.qualifier ?? "") : store.version(fn, named.qualifier),
      resource: named.qualifier === undefined ? fn.name : `${fn.name}:${named.qualifier}`,
      isAlias,
      arn: named.qualifier === undefined ? fn.arn : `${fn.arn}:${named.qualifier}`,
    };
  };

  const metricTarget = ({ fn, version, resource, isAlias }: Target) => ({
    functionName: fn.name,
    resource,
    ...(isAlias && { executedVersion: version.version }),
  });

  const throttle = (target: Target, at: number): AwsError => {
    recordCalls(account, metricTarget(target), [{ at, isThrottled: true }]);
    return new AwsError("TooManyRequestsException", "Rate Exceeded.", THROTTLED_STATUS, {
      Reason: "ReservedFunctionConcurrentInvocationLimitExceeded",
    });
  };

  /** What the worker came to, and the function's own time that passed. */
  const execute = async (begun: Begun, asked: Asked, { environment }: Acquired): Promise<Outcome> => {
    const { target, requestId, startedAt } = begun;
    const timeoutMs = target.version.config.timeoutSeconds * 1000;
    if (environment.initError !== undefined)
      return {
        payload: JSON.stringify(environment.initError),
        isError: true,
        elapsedMs: SHORTEST_MS,
        status: "error",
      };
    const under = running.begin(requestId, target.fn.name, environment.instance, startedAt);
    try {
      const end = await environment.instance.call(
        {
          kind: "call",
          at: startedAt,
          payload: asked.payload,
          seed: `${environment.instance.settings.seed}/${requestId}`,
          context: {
            requestId,
            invokedFunctionArn: target.arn,
            timeoutMs,
            ...(asked.clientContext !== undefined && { clientContext: asked.clientContext }),
          },
        },
        async (at) => {
          await world.passTo(at);
          under.reachedAt = at;
        },
      );
      // Calls it made and no longer waits for come to their end all the same.
      await under.lane.empty();
      return outcomeOf(end, requestId, timeoutMs, under.reachedAt - startedAt);
    } finally {
      running.end(under);
    }
  };

  /** Writes the lines around a call, lets its time pass, and keeps its environment or ends it. */
  const runIn = async (begun: Begun, asked: Asked, acquired: Acquired): Promise<Ran> => {
    const { target, requestId, startedAt, at } = begun;
    const { environment, initMs } = acquired;
    const { config, version } = target.version;
    const facts: CallFacts = {
      requestId,
      version,
      startedAt,
      endedAt: startedAt,
      durationMs: 0,
      status: "success",
      ...(initMs !== undefined && { initMs }),
    };
    await world.passTo(startedAt);
    environment.write(startedAt, startLine(config, facts));
    const { payload, isError, elapsedMs, status } = await execute(begun, asked, acquired);
    const durationMs = Math.max(SHORTEST_MS, elapsedMs);
    const endedAt = startedAt + elapsedMs;
    await world.passTo(endedAt);
    const ended = { ...facts, endedAt, durationMs, status };
    if (status === "timeout") environment.write(endedAt, timeoutLine(ended));
    for (const line of endLines(config, ended)) environment.write(endedAt, line);
    const logTail = environment.tail.text;
    if (status === "timeout") environments.discard(environment);
    else environments.release(environment);
    const { concurrent } = begun;
    recordCalls(account, metricTarget(target), [{ at, durationMs, isError, concurrent }]);
    return {
      ok: !isError,
      payload,
      ...(isError && { functionError: "Unhandled" as const }),
      executedVersion: version,
      durationMs,
      requestId,
      logTail,
      endedAt,
    };
  };

  const run = async (asked: Asked): Promise<Ran> => {
    const at = asked.at ?? world.now();
    const target = targetOf(asked.functionName, asked.qualifier);
    const { fn, version } = target;
    if (fn.reserved !== undefined && running.countOf(fn.name) >= fn.reserved) throw throttle(target, at);
    const requestId = asked.requestId ?? randomUuid(world.random("lambda-requests"));
    const concurrent = running.count() + 1;
    const acquired = await environments.acquire(fn, version);
    const begun = { target, requestId, at, startedAt: at + (acquired.initMs ?? 0), concurrent };
    try {
      return await runIn(begun, asked, acquired);
    } catch (error) {
      environments.discard(acquired.environment);
      throw error;
    }
  };

  return { run, targetOf, route, throttle };
};
