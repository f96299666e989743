/** JSON 1.0 and 1.1: the operation is named in x-amz-target, input and output are JSON bodies, times are epoch seconds. */
import { AwsError, type Json, type Service } from "../account.ts";
import { isRaw, type Protocol, type WireRequest } from "./wire.ts";

const CONTENT_TYPES = { "json-1.0": "application/x-amz-json-1.0", "json-1.1": "application/x-amz-json-1.1" };

const parse = (body: Buffer): Json => {
  if (body.length === 0) return {};
  let input: Json;
  try {
    input = JSON.parse(body.toString("utf8"));
  } catch {
    throw new AwsError("SerializationException", "The request body is not JSON.");
  }
  if (typeof input === "object" && input !== null && !Array.isArray(input)) return input;
  throw new AwsError("SerializationException", "Start of structure or map found where not expected.");
};

const decode = (service: Service, request: WireRequest) => {
  const operation = (request.headers["x-amz-target"] ?? "").split(".").at(-1) ?? "";
  if (!Object.hasOwn(service.operations, operation))
    throw new AwsError("UnknownOperationException", `${service.name} knows no operation ${operation} here.`);
  return { operation, input: parse(request.body), status: 200 };
};

export const createJsonProtocol = (version: "json-1.0" | "json-1.1"): Protocol => {
  const headersOf = (requestId: string): Record<string, string> => ({
    "content-type": CONTENT_TYPES[version],
    "x-amzn-requestid": requestId,
  });
  return {
    decode,
    encode: (_service, asked, output, requestId) =>
      isRaw(output)
        ? { status: output.status, headers: { ...headersOf(requestId), ...output.headers }, body: output.raw }
        : { status: asked.status, headers: headersOf(requestId), body: JSON.stringify(output ?? {}) },
    encodeError: (error, requestId) => ({
      status: error.status,
      headers: {
        ...headersOf(requestId),
        // Clients of services that once spoke the query protocol read the code from here.
        "x-amzn-query-error": `${error.code};${error.status < 500 ? "Sender" : "Receiver"}`,
      },
      body: JSON.stringify({ __type: error.code, message: error.message, ...error.fields }),
    }),
    throttled: () => new AwsError("ThrottlingException", "Rate exceeded"),
  };
};
