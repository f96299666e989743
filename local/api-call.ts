/** One API call, from a read request to its answer: who calls, may they, what befalls the call, then the call itself. */
import { type Account, AwsError, type Caller, type Operation, type Service } from "./account.ts";
import { createJsonProtocol } from "./protocol/json.ts";
import { queryProtocol } from "./protocol/query.ts";
import { restJsonProtocol } from "./protocol/rest-json.ts";
import { restXmlProtocol } from "./protocol/rest-xml.ts";
import { credentialOf } from "./protocol/service-for.ts";
import type { Asked, Protocol, WireAnswer, WireRequest } from "./protocol/wire.ts";
import { randomUuid } from "./random-id.ts";

const PROTOCOLS: Readonly<Record<Service["protocol"], Protocol>> = {
  "json-1.0": createJsonProtocol("json-1.0"),
  "json-1.1": createJsonProtocol("json-1.1"),
  "rest-json": restJsonProtocol,
  "rest-xml": restXmlProtocol,
  query: queryProtocol,
};

/** "never": the caller died over this call, and nobody is left to answer. */
export type ApiAnswer = WireAnswer | "never";

type Bound = { account: Account; service: Service; caller: Caller; asked: Asked; operation: Operation };

const INTERNAL_STATUS = 500;

const internal = (message: string): AwsError => new AwsError("InternalFailure", message, INTERNAL_STATUS);

/** A fault of the account itself: kept in its logs, answered as AWS would. */
const asAwsError = (account: Account, error: unknown): AwsError => {
  if (error instanceof AwsError) return error;
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  account.logs.write("/local/server", "errors", account.world.now(), text);
  return internal(error instanceof Error ? error.message : String(error));
};

/** Runs the operation under the faults that are set for it. */
const run = async (bound: Bound, protocol: Protocol): Promise<{ output: unknown } | "never"> => {
  const { account, service, caller, asked, operation } = bound;
  const fault = account.faults.ofCall({
    service: service.name,
    operation: asked.operation,
    ...(caller.functionName !== undefined && { functionName: caller.functionName }),
  });
  if (fault === "throttle") throw protocol.throttled();
  if (fault === "error") throw internal("We encountered an internal error. Please try again.");
  // Only a function's instance can die: for every other caller the call goes its way.
  const dying = fault === undefined ? undefined : caller.invocationId;
  if (dying !== undefined && fault === "crash-before") {
    account.lambda.kill(dying);
    return "never";
  }
  if (dying === undefined) return { output: await operation.run(asked.input, caller) };
  try {
    await operation.run(asked.input, caller);
  } catch (error) {
    // Nobody is left to hear of a refusal; a fault of the account itself is kept.
    asAwsError(account, error);
  }
  account.lambda.kill(dying);
  return "never";
};

/** Answers a request to a service; what goes wrong is answered in the service's protocol. */
export const answerCall = async (
  account: Account,
  service: Service,
  request: WireRequest,
): Promise<ApiAnswer> => {
  const protocol = PROTOCOLS[service.protocol];
  const requestId = randomUuid(account.world.random("request-ids"));
  try {
    const asked = protocol.decode(service, request);
    const operation = service.operations[asked.operation] as Operation;
    const caller = account.iam.callerOf(credentialOf(request.headers.authorization)?.accessKeyId);
    account.iam.check(caller, service, operation.needs(asked.input));
    const ran = await run({ account, service, caller, asked, operation }, protocol);
    return ran === "never" ? ran : protocol.encode(service, asked, ran.output, requestId);
  } catch (error) {
    return protocol.encodeError(asAwsError(account, error), requestId);
  }
};

/** The answer to a request that no service here is meant by, in the form that its sender reads. */
export const answerUnknown = (account: Account, request: WireRequest): WireAnswer => {
  const requestId = randomUuid(account.world.random("request-ids"));
  const signingName = credentialOf(request.headers.authorization)?.signingName;
  const what =
    request.headers["x-amz-target"] ?? `${request.method} ${request.path} of ${signingName ?? "nobody"}`;
  const error = (code: string): AwsError =>
    new AwsError(code, `The local account has no service for ${what}.`);
  if (request.headers["x-amz-target"] !== undefined)
    return PROTOCOLS["json-1.1"].encodeError(error("UnknownOperationException"), requestId);
  const isForm = request.headers["content-type"]?.startsWith("application/x-www-form-urlencoded") === true;
  return isForm
    ? queryProtocol.encodeError(error("InvalidAction"), requestId)
    : restJsonProtocol.encodeError(error("UnknownOperationException"), requestId);
};
