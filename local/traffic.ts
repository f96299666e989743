/**
 * Callers of the account's functions. A model is set from code, or through the SSM parameter
 * `/local/traffic/<function>/<alias>` whose value is the model as JSON; deleting the parameter ends the traffic.
 */
import type { Account, Json, Traffic } from "./account.ts";
import { type Arrivals, createArrivals } from "./traffic-arrivals.ts";
import type { TrafficModel } from "./traffic-model.ts";

/** How often arrivals are made up for, in account time. */
export const TICK_MS = 10_000;
export const MAX_CALLS_PER_SECOND = 5_000;
const MAX_PHASES = 100;
const BATCH = 1_000;
const PARAMETER = /^\/local\/traffic\/([^/]+)\/([^/]+)$/;

const isRate = (value: Json): boolean =>
  typeof value === "number" && value >= 0 && value <= MAX_CALLS_PER_SECOND;

const isInput = (input: Json): boolean =>
  typeof input?.weight === "number" &&
  input.weight > 0 &&
  Number.isFinite(input.weight) &&
  "payload" in input;

const isPhase = (phase: Json, index: number, phases: readonly Json[]): boolean =>
  Number.isFinite(phase?.afterMs) &&
  phase.afterMs >= 0 &&
  (index === 0 || phase.afterMs > phases[index - 1].afterMs) &&
  (phase.callsPerSecond === undefined || isRate(phase.callsPerSecond)) &&
  Array.isArray(phase.inputs) &&
  phase.inputs.length > 0 &&
  phase.inputs.every(isInput);

/** Whether the value is a traffic model within the limits above. */
export const isTrafficModel = (value: Json): value is TrafficModel =>
  isRate(value?.callsPerSecond) &&
  Array.isArray(value.phases) &&
  value.phases.length > 0 &&
  value.phases.length <= MAX_PHASES &&
  value.phases.every(isPhase);

const parseModel = (text: string): TrafficModel | undefined => {
  try {
    const value: Json = JSON.parse(text);
    return isTrafficModel(value) ? value : undefined;
  } catch {
    return undefined;
  }
};

type Stream = { functionName: string; alias: string; arrivals: Arrivals };

export const createTraffic = (account: Account): Traffic => {
  const streams = new Map<string, Stream>();
  let isTicking = false;
  let isListening = false;

  const call = async (stream: Stream, at: number): Promise<void> => {
    const calls = stream.arrivals.before(at);
    if (account.lambda.alias(stream.functionName, stream.alias) === undefined) return;
    for (let index = 0; index < calls.length; index += BATCH)
      await account.lambda.callMany(stream.functionName, stream.alias, calls.slice(index, index + BATCH));
  };

  const settle = async (at: number): Promise<void> => {
    for (const stream of [...streams.values()]) await call(stream, at);
  };

  /** On whole multiples of the tick, so that a full minute's calls are made as it ends. */
  const tick = (): void => {
    const at = (Math.floor(account.world.now() / TICK_MS) + 1) * TICK_MS;
    account.world.at(at, "traffic", async () => {
      await settle(at);
      isTicking = streams.size > 0;
      if (isTicking) tick();
    });
  };

  const set: Traffic["set"] = (functionName, alias, model) => {
    const key = `${functionName}:${alias}`;
    if (model === undefined) {
      streams.delete(key);
      return;
    }
    const random = account.world.random(`traffic/${key}`);
    streams.set(key, { functionName, alias, arrivals: createArrivals(model, account.world.now(), random) });
    if (isTicking) return;
    isTicking = true;
    tick();
  };

  const onParameter = (name: string, value: string | undefined): void => {
    const [, functionName, alias] = PARAMETER.exec(name) ?? [];
    if (functionName === undefined || alias === undefined) return;
    const model = value === undefined ? undefined : parseModel(value);
    if (value !== undefined && model === undefined) {
      account.logs.write(
        "/local/traffic",
        "parameters",
        account.world.now(),
        `${name} is no traffic model: ignored`,
      );
      return;
    }
    set(functionName, alias, model);
  };

  /** Follows the traffic parameters. To be called once the account's services are all there; further calls do nothing. */
  const listen = (): void => {
    if (isListening) return;
    isListening = true;
    account.ssm.onChange(onParameter);
  };

  return { set, settle, listen };
};
