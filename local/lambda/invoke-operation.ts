/** Lambda's API: Invoke, synchronous, asynchronous or as a dry run. */
import { type Account, AwsError, type Caller, type Json, type RawAnswer } from "../account.ts";
import type { AsyncCalls } from "./async.ts";
import type { Asked, Invocations, Ran } from "./invoke.ts";
import type { Lane } from "./lane.ts";
import { NOW_HEADER } from "./local-headers.ts";
import type { Offer } from "./operation.ts";
import type { RunningCalls } from "./running.ts";
import { parseFunctionName } from "./store.ts";

const SYNC_BYTES_MAX = 6_291_456;
const ASYNC_BYTES_MAX = 1_048_576;
const TOO_LARGE_STATUS = 413;
const ACCEPTED = 202;
const NO_CONTENT = 204;

type Parts = {
  account: Account;
  invocations: Invocations;
  asyncCalls: AsyncCalls;
  running: RunningCalls;
  /** Calls from outside the account run one after the other. */
  outside: Lane;
};

/** A call without a payload brings an empty object. */
const payloadIn = (body: string, bytesMax: number): string => {
  if (Buffer.byteLength(body) > bytesMax)
    throw new AwsError(
      "RequestTooLargeException",
      `${Buffer.byteLength(body)} byte payload is too large (limit ${bytesMax} bytes)`,
      TOO_LARGE_STATUS,
    );
  if (body === "") return "{}";
  try {
    JSON.parse(body);
    return body;
  } catch (error) {
    throw new AwsError(
      "InvalidRequestContentException",
      `Could not parse request body into json: ${error instanceof Error ? error.message : error}`,
    );
  }
};

const empty = (status: number): RawAnswer => ({ raw: "", headers: {}, status });

const answerOf = (ran: Ran, wantsTail: boolean): RawAnswer => ({
  raw: ran.payload,
  status: 200,
  headers: {
    "x-amzn-requestid": ran.requestId,
    "x-amz-executed-version": ran.executedVersion,
    [NOW_HEADER]: String(ran.endedAt),
    ...(ran.functionError !== undefined && { "x-amz-function-error": ran.functionError }),
    ...(wantsTail && { "x-amz-log-result": Buffer.from(ran.logTail).toString("base64") }),
  },
});

/** Runs a call in its turn: after others of the same function, or, from outside, when the account's own work lets it. */
export const createTurns = ({ account, invocations, running, outside }: Omit<Parts, "asyncCalls">) => {
  /** While time goes on by itself, only queued work keeps out of the way of what runs. */
  const queued = (run: () => Promise<Ran>): Promise<Ran> =>
    new Promise((resolve, reject) => {
      account.world.queue(account.world.now(), "call from outside", async () => {
        await run().then(resolve, reject);
      });
    });

  return (asked: Asked, caller: Caller | undefined): Promise<Ran> => {
    const at = account.world.now();
    const by = caller?.invocationId === undefined ? undefined : running.find(caller.invocationId);
    if (by !== undefined)
      return running.within(by, async () => {
        const ran = await invocations.run({ ...asked, at });
        by.reachedAt = Math.max(by.reachedAt, ran.endedAt);
        return ran;
      });
    const run = (): Promise<Ran> => invocations.run(asked);
    return outside.run(() => (account.isLive === true ? queued(run) : run()));
  };
};

export const offerInvoke = (parts: Parts, offer: Offer): void => {
  const inTurn = createTurns(parts);
  const { invocations, asyncCalls } = parts;

  const sync = async (input: Json, caller: Caller): Promise<RawAnswer> => {
    const clientContext = input.$headers["x-amz-client-context"];
    const asked: Asked = {
      functionName: String(input.FunctionName),
      qualifier: input.Qualifier,
      payload: payloadIn(input.$body, SYNC_BYTES_MAX),
      ...(clientContext !== undefined && { clientContext }),
    };
    return answerOf(await inTurn(asked, caller), input.$headers["x-amz-log-type"] === "Tail");
  };

  offer.onFunction(
    "Invoke",
    "POST /2015-03-31/functions/{FunctionName}/invocations",
    (fn, input, caller) => {
      const type = String(input.$headers["x-amz-invocation-type"] ?? "RequestResponse");
      const { qualifier } = parseFunctionName(String(input.FunctionName), input.Qualifier);
      switch (type) {
        case "RequestResponse":
          return sync(input, caller);
        case "Event": {
          const event = JSON.parse(payloadIn(input.$body, ASYNC_BYTES_MAX));
          const { arn } = invocations.targetOf(fn.name, qualifier);
          return { ...empty(ACCEPTED), headers: { "x-amzn-requestid": asyncCalls.queue(arn, event) } };
        }
        case "DryRun":
          return empty(NO_CONTENT);
        default:
          throw new AwsError("InvalidParameterValueException", `Unknown invocation type ${type}`);
      }
    },
    { action: "InvokeFunction" },
  );
};
