/** The query protocol of SNS, STS and IAM: a form in, XML out. The head of `sns.ts` shows what operations take and give. */
import XMLBuilder from "fast-xml-builder";
import { AwsError, type Json, type Service } from "../account.ts";
import type { Protocol, WireRequest } from "./wire.ts";

const HEADERS = { "content-type": "text/xml" };
/** Names such as `a.b.c` nest at most this deep; the services use five. */
const MAX_DEPTH = 12;

const builder = new XMLBuilder({
  ignoreAttributes: false,
  attributeNamePrefix: "@",
  suppressEmptyNode: true,
});

/** A form's dotted names as a tree. */
type Node = { text?: string; children: Map<string, Node> };

const treeOf = (form: URLSearchParams): Node => {
  const root: Node = { children: new Map() };
  for (const [name, text] of form) {
    const parts = name.split(".");
    if (parts.length > MAX_DEPTH)
      throw new AwsError("MalformedInput", `The parameter ${name} is nested too deep.`);
    let node = root;
    for (const part of parts) {
      const next = node.children.get(part) ?? { children: new Map() };
      node.children.set(part, next);
      node = next;
    }
    node.text = text;
  }
  return root;
};

const numbered = (node: Node): Json[] =>
  [...node.children]
    .sort(([left], [right]) => Number(left) - Number(right))
    .map(([, child]) => fieldsOf(child));

const mapOf = (entries: readonly Json[]): Json =>
  Object.fromEntries(
    entries.map((entry) => [String(entry.key ?? entry.Name), entry.value ?? entry.Value ?? ""]),
  );

/** `member.N` is a list, `entry.N` a map of key and value or of Name and Value, everything else a structure. */
const fieldsOf = (node: Node): Json => {
  if (node.children.size === 0) return node.text ?? "";
  const member = node.children.get("member");
  if (member !== undefined && node.children.size === 1) return numbered(member);
  const entry = node.children.get("entry");
  if (entry !== undefined && node.children.size === 1) return mapOf(numbered(entry));
  return Object.fromEntries([...node.children].map(([name, child]) => [name, fieldsOf(child)]));
};

const decode = (service: Service, request: WireRequest) => {
  const body = request.method === "GET" ? request.query : request.body.toString("utf8");
  const { Action: action, Version: _, ...input } = fieldsOf(treeOf(new URLSearchParams(body || "Action=")));
  const operation = String(action);
  if (!Object.hasOwn(service.operations, operation))
    throw new AwsError("InvalidAction", `${service.name} knows no operation ${operation} here.`);
  return { operation, input, status: 200 };
};

const mapXml = (map: Json, mapFields: readonly string[]): Json => ({
  entry: Object.entries(map).map(([key, value]) => ({ key, value: xmlOf(value, mapFields) })),
});

const fieldXml = (name: string, value: Json, mapFields: readonly string[]): Json =>
  mapFields.includes(name) && !Array.isArray(value) ? mapXml(value, mapFields) : xmlOf(value, mapFields);

const xmlOf = (value: Json, mapFields: readonly string[]): Json => {
  if (Array.isArray(value))
    return value.length === 0 ? "" : { member: value.map((one) => xmlOf(one, mapFields)) };
  if (typeof value !== "object" || value === null) return String(value ?? "");
  const fields = Object.entries(value).filter(([, inner]) => inner !== undefined);
  return Object.fromEntries(fields.map(([name, inner]) => [name, fieldXml(name, inner, mapFields)]));
};

export const queryProtocol: Protocol = {
  decode,
  encode: (service, asked, output, requestId) => {
    const fields = xmlOf(output ?? {}, service.mapFields ?? []);
    const namespace = `https://${service.name}.amazonaws.com/doc/${service.targetPrefix ?? ""}/`;
    return {
      status: asked.status,
      headers: { ...HEADERS, "x-amzn-requestid": requestId },
      body: builder.build({
        [`${asked.operation}Response`]: {
          "@xmlns": namespace,
          ...(Object.keys(fields).length > 0 && { [`${asked.operation}Result`]: fields }),
          ResponseMetadata: { RequestId: requestId },
        },
      }),
    };
  },
  encodeError: (error, requestId) => ({
    status: error.status,
    headers: { ...HEADERS, "x-amzn-requestid": requestId },
    body: builder.build({
      ErrorResponse: {
        Error: {
          Type: error.status < 500 ? "Sender" : "Receiver",
          Code: error.code,
          Message: error.message,
        },
        RequestId: requestId,
      },
    }),
  }),
  throttled: () => new AwsError("Throttling", "Rate exceeded"),
};
