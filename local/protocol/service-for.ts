/** Which service a request means: by x-amz-target, else by path, else by the service its signature names. */
import type { Service } from "../account.ts";
import { routeOf } from "./rest-json.ts";
import type { WireRequest } from "./wire.ts";

/** `AWS4-HMAC-SHA256 Credential=<key>/<date>/<region>/<service>/aws4_request, …`: the signature itself is not checked. */
export const credentialOf = (
  authorization: string | undefined,
): { accessKeyId: string; signingName: string } | undefined => {
  const [, accessKeyId, signingName] =
    /Credential=([^/,\s]+)\/[^/,\s]+\/[^/,\s]+\/([^/,\s]+)\//.exec(authorization ?? "") ?? [];
  return accessKeyId === undefined || signingName === undefined ? undefined : { accessKeyId, signingName };
};

const byTarget = (services: readonly Service[], target: string): Service | undefined => {
  const prefix = target.split(".").slice(0, -1).join(".");
  return services.find((one) => one.protocol.startsWith("json") && one.targetPrefix === prefix);
};

/** Undefined when no service here is meant. */
export const serviceFor = (services: readonly Service[], request: WireRequest): Service | undefined => {
  const target = request.headers["x-amz-target"];
  if (target !== undefined) return byTarget(services, target);
  const signingName = credentialOf(request.headers.authorization)?.signingName;
  return (
    services.find((one) => one.protocol === "rest-json" && routeOf(one, request) !== undefined) ??
    services.find((one) => !one.protocol.startsWith("json") && one.signingName === signingName)
  );
};
