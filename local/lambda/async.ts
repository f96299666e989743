/** Asynchronous calls: queued, tried again after one and after two minutes, and in the end told to a destination. */
import { type Account, AwsError, type Json } from "../account.ts";
import { randomUuid } from "../random-id.ts";
import { deliverDeadLetter, deliverToDestination } from "./destination.ts";
import type { Invocations, Ran } from "./invoke.ts";
import { recordOne } from "./metrics.ts";
import { type EventInvokeConfig, LATEST } from "./state.ts";
import { parseFunctionName, type Store } from "./store.ts";

/** "The first two attempts are one minute apart, the second and third two minutes." */
const RETRY_DELAYS_MS = [60_000, 120_000];
export const RETRIES_MAX = RETRY_DELAYS_MS.length;
export const EVENT_AGE_MAX_SECONDS = 21_600;
/** Throttled events come back after one second at first, five minutes at last. */
const THROTTLED_LEAST_MS = 1_000;
const THROTTLED_MOST_MS = 300_000;

type Queued = {
  name: string;
  qualifier: string | undefined;
  event: Json;
  requestId: string;
  queuedAt: number;
  /** How often the function has run. */
  tries: number;
  throttles: number;
};

export type AsyncCalls = {
  /** Gives back the request id. Throws ResourceNotFoundException. */
  queue(functionArn: string, event: Json): string;
};

type Condition = "RetriesExhausted" | "EventAgeExceeded" | "Success";

export const createAsyncCalls = (account: Account, store: Store, invocations: Invocations): AsyncCalls => {
  const { world } = account;

  const configOf = ({ name, qualifier }: Queued): EventInvokeConfig => {
    const known = store.find(name)?.eventInvoke.get(qualifier ?? LATEST);
    return known ?? { retriesMax: RETRIES_MAX, eventAgeMaxSeconds: EVENT_AGE_MAX_SECONDS, modifiedAt: 0 };
  };

  const recordOf = (one: Queued, condition: Condition, ran: Ran | undefined): Json => ({
    version: "1.0",
    timestamp: new Date(world.now()).toISOString(),
    requestContext: {
      requestId: one.requestId,
      functionArn: store.arnOf(one.name, one.qualifier ?? LATEST),
      condition,
      approximateInvokeCount: one.tries,
    },
    requestPayload: one.event,
    ...(ran !== undefined && {
      responseContext: {
        statusCode: 200,
        executedVersion: ran.executedVersion,
        ...(ran.functionError !== undefined && { functionError: ran.functionError }),
      },
      responsePayload: JSON.parse(ran.payload),
    }),
  });

  const tell = (one: Queued, arn: string | undefined, condition: Condition, ran: Ran | undefined): void => {
    const fn = store.find(one.name);
    if (fn === undefined || arn === undefined) return;
    deliverToDestination(account, fn.latest.config.role, arn, recordOf(one, condition, ran));
  };

  const giveUp = (one: Queued, condition: Condition, ran: Ran | undefined): void => {
    recordOne(account, one.name, "AsyncEventsDropped");
    tell(one, configOf(one).onFailureArn, condition, ran);
    const config = store.find(one.name)?.latest.config;
    if (config?.deadLetterArn === undefined) return;
    deliverDeadLetter(account, config.role, config.deadLetterArn, one.event, {
      RequestID: one.requestId,
      ErrorCode: "200",
      ErrorMessage: ran === undefined ? condition : String(JSON.parse(ran.payload).errorMessage ?? ""),
    });
  };

  const later = (one: Queued, delayMs: number): void => {
    world.queue(world.now() + delayMs, `async ${one.name}`, () => attempt(one));
  };

  const throttled = (one: Queued, error: unknown): void => {
    if (!(error instanceof AwsError)) throw error;
    // A function that is gone has nobody left to try.
    if (error.code !== "TooManyRequestsException") return;
    later(
      { ...one, throttles: one.throttles + 1 },
      Math.min(THROTTLED_LEAST_MS * 2 ** one.throttles, THROTTLED_MOST_MS),
    );
  };

  const attempt = async (one: Queued): Promise<void> => {
    const config = configOf(one);
    if (world.now() - one.queuedAt > config.eventAgeMaxSeconds * 1000) {
      giveUp(one, "EventAgeExceeded", undefined);
      return;
    }
    let ran: Ran;
    try {
      const payload = JSON.stringify(one.event);
      ran = await invocations.run({
        functionName: one.name,
        qualifier: one.qualifier,
        payload,
        requestId: one.requestId,
      });
    } catch (error) {
      throttled(one, error);
      return;
    }
    const tried = { ...one, tries: one.tries + 1 };
    if (ran.ok) tell(tried, config.onSuccessArn, "Success", ran);
    else if (one.tries >= config.retriesMax) giveUp(tried, "RetriesExhausted", ran);
    else later(tried, RETRY_DELAYS_MS[one.tries] ?? 0);
  };

  return {
    queue: (functionArn, event) => {
      const { name, qualifier } = parseFunctionName(functionArn);
      store.get(name);
      const requestId = randomUuid(world.random("lambda-requests"));
      later({ name, qualifier, event, requestId, queuedAt: world.now(), tries: 0, throttles: 0 }, 0);
      return requestId;
    },
  };
};
