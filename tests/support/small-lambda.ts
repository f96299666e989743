/** A Lambda that keeps aliases, routes calls by weight, records their metrics and notes asynchronous calls. */
import type { Account, AliasState, Json, Lambda } from "../../local/account.ts";

/** What one version does with a call. */
export type Behaviour = (payload: Json) => { durationMs: number; isError: boolean };

export type Move = { at: number; version: string; weights: Readonly<Record<string, number>> };

export type SmallLambda = Lambda & {
  addFunction(name: string, versions?: readonly string[]): void;
  addAlias(functionName: string, name: string, version: string): void;
  behave(functionName: string, version: string, behaviour: Behaviour): void;
  /** Runs when the function is called asynchronously. */
  onAsync(functionName: string, handler: (event: Json) => Promise<void> | void): void;
  /** Function and principal pairs that no resource policy admits. */
  refused: Set<string>;
  readonly moves: readonly Move[];
  readonly asyncCalls: readonly { at: number; arn: string; event: Json }[];
  readonly calls: readonly { at: number; version: string; payload: string }[];
};

type Fn = { versions: Set<string>; aliases: Map<string, AliasState>; behaviours: Map<string, Behaviour> };

const DEFAULT: Behaviour = () => ({ durationMs: 20, isError: false });
const nameOf = (arn: string): string => arn.split(":function:")[1]?.split(":")[0] ?? arn;

export const createSmallLambda = (account: Account): SmallLambda => {
  const functions = new Map<string, Fn>();
  const handlers = new Map<string, (event: Json) => Promise<void> | void>();
  const moves: Move[] = [];
  const asyncCalls: { at: number; arn: string; event: Json }[] = [];
  const calls: { at: number; version: string; payload: string }[] = [];
  const refused = new Set<string>();

  const fn = (name: string): Fn => {
    const found = functions.get(name);
    if (found === undefined) throw new Error(`no function ${name}`);
    return found;
  };

  const versionFor = (alias: AliasState): string => {
    let rest = account.world.random(`routing/${alias.functionName}`).next();
    for (const [version, weight] of Object.entries(alias.weights)) {
      rest -= weight;
      if (rest < 0) return version;
    }
    return alias.version;
  };

  const record = (
    functionName: string,
    alias: string,
    version: string,
    at: number,
    one: ReturnType<Behaviour>,
  ) => {
    const dimensions = {
      FunctionName: functionName,
      Resource: `${functionName}:${alias}`,
      ExecutedVersion: version,
    };
    const put = (name: string, value: number) =>
      account.cloudwatch.record({ namespace: "AWS/Lambda", name, dimensions }, at, value);
    put("Invocations", 1);
    put("Errors", Number(one.isError));
    put("Duration", one.durationMs);
  };

  return {
    addFunction: (name, versions = []) => {
      functions.set(name, {
        versions: new Set(["$LATEST", ...versions]),
        aliases: new Map(),
        behaviours: new Map(),
      });
    },
    addAlias: (functionName, name, version) => {
      fn(functionName).aliases.set(name, { functionName, name, version, weights: {}, revisionId: "1" });
    },
    behave: (functionName, version, behaviour) => {
      fn(functionName).behaviours.set(version, behaviour);
    },
    onAsync: (functionName, handler) => {
      handlers.set(functionName, handler);
    },
    refused,
    moves,
    asyncCalls,
    calls,
    invoke: async () => ({ ok: true, payload: "null", executedVersion: "1", durationMs: 1 }),
    invokeAsync: (arn, event) => {
      asyncCalls.push({ at: account.world.now(), arn, event });
      const handler = handlers.get(nameOf(arn));
      if (handler === undefined) return;
      account.world.queue(account.world.now(), `async ${arn}`, async () => {
        await handler(event);
      });
    },
    callMany: async (functionName, aliasName, many) => {
      for (const { at, payload } of many) {
        const alias = fn(functionName).aliases.get(aliasName);
        if (alias === undefined) throw new Error(`no alias ${aliasName}`);
        const version = versionFor(alias);
        calls.push({ at, version, payload });
        const behaviour = fn(functionName).behaviours.get(version) ?? DEFAULT;
        record(functionName, aliasName, version, at, behaviour(JSON.parse(payload)));
      }
    },
    alias: (functionName, name) => functions.get(functionName)?.aliases.get(name),
    moveAlias: (functionName, name, to) => {
      moves.push({ at: account.world.now(), ...to });
      fn(functionName).aliases.set(name, { functionName, name, ...to, revisionId: String(moves.length + 1) });
    },
    permits: (arn, principal) => !refused.has(`${nameOf(arn)} ${principal}`),
    has: (functionName, version) => functions.get(functionName)?.versions.has(version) === true,
    running: () => undefined,
    kill: () => {},
  };
};
