/** Many calls through an alias at once, each at its own instant: what traffic is made of. */
import { type Account, AwsError } from "../account.ts";
import { randomUuid } from "../random-id.ts";
import type { Environments } from "./environments.ts";
import type { Invocations } from "./invoke.ts";
import { concurrencyOf, type Observed, recordCalls } from "./metrics.ts";
import type { Fn, Version } from "./state.ts";
import type { Store } from "./store.ts";

type Call = { at: number; payload: string };
type Ended = { at: number; durationMs: number; isError: boolean };

/** Request ids are a UUID whose last digits count the calls. */
const COUNTED_DIGITS = 4;
/** As many as those digits can count. */
export const CALLS_MAX = 16 ** COUNTED_DIGITS;
const SHORTEST_MS = 1;

type Parts = { account: Account; store: Store; environments: Environments; invocations: Invocations };

/** How a call ends whose answer never came: its process died over it, or never stood. */
const dead = ({ at }: Call): Ended => ({ at, durationMs: SHORTEST_MS, isError: true });

export const createCallMany = ({ account, store, environments, invocations }: Parts) => {
  const byVersion = (fn: Fn, alias: string, calls: readonly Call[]): Map<Version, Call[]> => {
    const groups = new Map<Version, Call[]>();
    for (const call of calls) {
      const version = invocations.route(fn, alias);
      const group = groups.get(version);
      if (group === undefined) groups.set(version, [call]);
      else group.push(call);
    }
    return groups;
  };

  /** Answers of one environment; fewer than calls when the code ended its process on the way. */
  const runSome = async (
    fn: Fn,
    version: Version,
    alias: string,
    calls: readonly Call[],
  ): Promise<Ended[]> => {
    const { environment } = await environments.acquire(fn, version);
    if (environment.initError !== undefined) {
      environments.discard(environment);
      return calls.map(dead);
    }
    const requestId = randomUuid(account.world.random("lambda-requests"));
    const { answers, died } = await environment.instance.many({
      kind: "many",
      calls,
      seed: `${environment.instance.settings.seed}/${requestId}`,
      context: {
        requestPrefix: requestId.slice(0, -COUNTED_DIGITS),
        invokedFunctionArn: `${fn.arn}:${alias}`,
        timeoutMs: version.config.timeoutSeconds * 1000,
      },
    });
    environments.release(environment);
    const ended = answers.durationsMs.map((durationMs, index) => ({
      at: calls[index]?.at ?? 0,
      durationMs: Math.max(SHORTEST_MS, durationMs),
      isError: answers.failed[index] === true,
    }));
    const fatal = calls[ended.length];
    return died === undefined || fatal === undefined ? ended : [...ended, dead(fatal)];
  };

  const runAll = async (
    fn: Fn,
    version: Version,
    alias: string,
    calls: readonly Call[],
  ): Promise<Ended[]> => {
    const ended: Ended[] = [];
    while (ended.length < calls.length)
      ended.push(...(await runSome(fn, version, alias, calls.slice(ended.length))));
    return ended;
  };

  /** `calls` come in order of time. Throws ResourceNotFoundException. */
  return async (functionName: string, alias: string, calls: readonly Call[]): Promise<void> => {
    if (calls.length > CALLS_MAX)
      throw new AwsError("InvalidParameterValueException", `more than ${CALLS_MAX} calls at once`);
    const fn = store.get(functionName);
    for (const [version, mine] of byVersion(fn, alias, calls)) {
      const target = { functionName, resource: `${functionName}:${alias}`, executedVersion: version.version };
      if (fn.reserved === 0) {
        recordCalls(
          account,
          target,
          mine.map(({ at }): Observed => ({ at, isThrottled: true })),
        );
        continue;
      }
      const ended = await runAll(fn, version, alias, mine);
      const concurrency = concurrencyOf(ended);
      recordCalls(
        account,
        target,
        ended.map((one, index) => ({ ...one, concurrent: concurrency[index] ?? 1 })),
      );
    }
  };
};
