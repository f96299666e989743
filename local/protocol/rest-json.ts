/** REST with JSON bodies, as Lambda speaks it: method and path name the operation, errors are named in a header. */
import { AwsError, type Json, type Route, type Service } from "../account.ts";
import { isRaw, type Protocol, type WireRequest } from "./wire.ts";

const segments = (path: string): string[] => path.split("/").filter((part) => part !== "");

const decoded = (text: string): string => {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new AwsError("SerializationException", "The path is not correctly encoded.");
  }
};

/** The named parts of a path, or undefined if the path is another one. */
const partsOf = (route: Route, path: string): Record<string, string> | undefined => {
  const wanted = segments(route.path);
  const given = segments(path);
  if (wanted.length !== given.length) return undefined;
  const parts: Record<string, string> = {};
  for (const [index, segment] of wanted.entries()) {
    const value = given[index] ?? "";
    const name = /^\{(.+)\}$/.exec(segment)?.[1];
    if (name !== undefined) parts[name] = decoded(value);
    else if (segment !== value) return undefined;
  }
  return parts;
};

/** The route that a request takes, with the path's named parts. */
export const routeOf = (
  service: Service,
  request: WireRequest,
): { route: Route; parts: Record<string, string> } | undefined => {
  for (const route of service.routes ?? []) {
    if (route.method !== request.method) continue;
    const parts = partsOf(route, request.path);
    if (parts !== undefined) return { route, parts };
  }
  return undefined;
};

/** Parameters given once are text, those given more often are lists. */
const queryFields = (query: string): Json => {
  const parameters = new URLSearchParams(query);
  return Object.fromEntries(
    [...new Set(parameters.keys())].map((name) => {
      const values = parameters.getAll(name);
      return [name, values.length === 1 ? values[0] : values];
    }),
  );
};

/** A body that is no JSON document, such as an invocation's payload, has no fields. */
const bodyFields = (request: WireRequest): Json => {
  const isJson = request.headers["content-type"]?.startsWith("application/json") === true;
  if (!isJson || request.body.length === 0) return {};
  try {
    return JSON.parse(request.body.toString("utf8"));
  } catch {
    throw new AwsError("InvalidRequestContentException", "Could not parse request body into json.");
  }
};

const decode = (service: Service, request: WireRequest) => {
  const found = routeOf(service, request);
  if (found === undefined || !Object.hasOwn(service.operations, found.route.operation))
    throw new AwsError(
      "UnknownOperationException",
      `${service.name} knows no operation ${request.method} ${request.path} here.`,
      404,
    );
  const input: Json = {
    ...bodyFields(request),
    ...queryFields(request.query),
    ...found.parts,
    $body: request.body.toString("utf8"),
    $headers: request.headers,
  };
  return { operation: found.route.operation, input, status: found.route.status ?? 200 };
};

const headersOf = (requestId: string): Record<string, string> => ({
  "content-type": "application/json",
  "x-amzn-requestid": requestId,
});

export const restJsonProtocol: Protocol = {
  decode,
  encode: (_service, asked, output, requestId) => {
    const headers = headersOf(requestId);
    if (isRaw(output))
      return { status: output.status, headers: { ...headers, ...output.headers }, body: output.raw };
    return { status: asked.status, headers, body: asked.status === 204 ? "" : JSON.stringify(output ?? {}) };
  },
  encodeError: (error, requestId) => ({
    status: error.status,
    headers: { ...headersOf(requestId), "x-amzn-errortype": error.code },
    body: JSON.stringify({
      Type: error.status < 500 ? "User" : "Service",
      Message: error.message,
      message: error.message,
      ...error.fields,
    }),
  }),
  throttled: () =>
    new AwsError("TooManyRequestsException", "Rate exceeded", 429, { Reason: "CallerRateLimitExceeded" }),
};
