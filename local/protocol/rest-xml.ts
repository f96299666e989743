/**
 * REST with XML, as S3 speaks it: the path is `/bucket/key`, a query's bare name chooses among operations. Clients with an
 * endpoint that is an IP address put the bucket into the path, never into the host.
 */
import XMLBuilder from "fast-xml-builder";
import { AwsError, type Json } from "../account.ts";
import type { Protocol, WireRequest } from "./wire.ts";

const NAMESPACE = "http://s3.amazonaws.com/doc/2006-03-01/";
const HEADERS = { "content-type": "application/xml" };
const SLOW_DOWN_STATUS = 503;
const MALFORMED = (message: string): AwsError => new AwsError("IncompleteBody", message);

const builder = new XMLBuilder({
  ignoreAttributes: false,
  attributeNamePrefix: "@",
  suppressEmptyNode: true,
});

const decoded = (text: string): string => {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new AwsError("InvalidURI", "Couldn't parse the specified URI.");
  }
};

/** `size[;signature]CRLF bytes CRLF …`, ended by a chunk of none and its trailers. */
const unchunked = (body: Buffer): Buffer => {
  const chunks: Buffer[] = [];
  let at = 0;
  for (;;) {
    const end = body.indexOf("\r\n", at);
    const size = Number.parseInt(body.subarray(at, end).toString(), 16);
    if (end < 0 || Number.isNaN(size)) throw MALFORMED("The chunks of the body cannot be read.");
    if (size === 0) return Buffer.concat(chunks);
    chunks.push(body.subarray(end + 2, end + 2 + size));
    at = end + 2 + size + 2;
  }
};

const bytesOf = ({ headers, body }: WireRequest): Buffer =>
  headers["x-amz-decoded-content-length"] === undefined ? body : unchunked(body);

const onBucket = (method: string, query: URLSearchParams): string => {
  switch (method) {
    case "GET":
      if (query.has("object-lock")) return "GetObjectLockConfiguration";
      if (query.has("versioning")) return "GetBucketVersioning";
      return query.has("versions") ? "ListObjectVersions" : query.has("list-type") ? "ListObjectsV2" : "";
    case "HEAD":
      return "HeadBucket";
    case "PUT":
      return query.size === 0 ? "CreateBucket" : "";
    default:
      return "";
  }
};

const onObject = (method: string, query: URLSearchParams): string => {
  switch (method) {
    case "GET":
      return query.has("retention") ? "GetObjectRetention" : "GetObject";
    case "HEAD":
      return "HeadObject";
    case "PUT":
      return query.has("retention") || query.has("partNumber") ? "" : "PutObject";
    case "DELETE":
      return query.has("versionId") ? "DeleteObjectVersion" : "DeleteObject";
    default:
      return "";
  }
};

type BytesAnswer = { bytes: Buffer; headers: Record<string, string>; status: number };

const isBytes = (output: Json): output is BytesAnswer => Buffer.isBuffer(output?.bytes);

const withNamespace = (output: Json): Json =>
  Object.fromEntries(
    Object.entries(output).map(([name, fields]) => [name, { "@xmlns": NAMESPACE, ...(fields as object) }]),
  );

export const restXmlProtocol: Protocol = {
  decode: (service, request) => {
    const [, bucket = "", key = ""] = /^\/([^/]*)\/?(.*)$/s.exec(request.path) ?? [];
    const query = new URLSearchParams(request.query);
    // Later SDKs name the operation in the query; S3 reads no more from it.
    query.delete("x-id");
    const operation = key === "" ? onBucket(request.method, query) : onObject(request.method, query);
    if (!Object.hasOwn(service.operations, operation))
      throw new AwsError(
        "NotImplemented",
        `${service.name} knows no operation ${request.method} ${request.path}?${query} here.`,
        501,
      );
    const input: Json = {
      ...Object.fromEntries(query),
      Bucket: decoded(bucket),
      ...(key !== "" && { Key: decoded(key) }),
      $headers: request.headers,
      $bytes: bytesOf(request),
    };
    return { operation, input, status: 200 };
  },
  encode: (_service, asked, output, requestId) => {
    const ids = { "x-amz-request-id": requestId };
    return isBytes(output)
      ? { status: output.status, headers: { ...ids, ...output.headers }, body: output.bytes }
      : {
          status: asked.status,
          headers: { ...HEADERS, ...ids },
          body: builder.build(withNamespace(output ?? {})),
        };
  },
  encodeError: (error, requestId) => ({
    status: error.status,
    headers: { ...HEADERS, "x-amz-request-id": requestId },
    body: builder.build({
      Error: { Code: error.code, Message: error.message, ...error.fields, RequestId: requestId },
    }),
  }),
  throttled: () => new AwsError("SlowDown", "Please reduce your request rate.", SLOW_DOWN_STATUS),
};
