/** Lambda's API: aliases, resource policies, asynchronous settings and URLs, all of which hang on a qualifier. */
import { type Account, AwsError, type Json } from "../account.ts";
import { type Aliases, aliasShape } from "./aliases.ts";
import { EVENT_AGE_MAX_SECONDS, RETRIES_MAX } from "./async.ts";
import { pageOf } from "./function-operations.ts";
import type { Offer } from "./operation.ts";
import type { Permissions } from "./permissions.ts";
import { type EventInvokeConfig, type Fn, LATEST } from "./state.ts";
import type { Store } from "./store.ts";

const ALIASES = "/2015-03-31/functions/{FunctionName}/aliases";
const POLICY = "/2015-03-31/functions/{FunctionName}/policy";
const EVENT_INVOKE = "/2019-09-25/functions/{FunctionName}/event-invoke-config";
const URL = "/2021-10-31/functions/{FunctionName}/url";
const CREATED = 201;
const NO_CONTENT = 204;

const missing = (message: string): AwsError => new AwsError("ResourceNotFoundException", message, 404);

export const offerAliases = (offer: Offer, store: Store, aliases: Aliases): void => {
  offer.onFunction(
    "CreateAlias",
    `POST ${ALIASES}`,
    (fn, input) => aliasShape(fn, aliases.create(fn, input)),
    { status: CREATED },
  );
  offer.onFunction("GetAlias", `GET ${ALIASES}/{Name}`, (fn, input) =>
    aliasShape(fn, store.alias(fn, String(input.Name))),
  );
  offer.onFunction("UpdateAlias", `PUT ${ALIASES}/{Name}`, (fn, input) =>
    aliasShape(fn, aliases.update(fn, input)),
  );
  offer.onFunction("ListAliases", `GET ${ALIASES}`, (fn, input) => {
    const wanted = [...fn.aliases.values()].filter(
      (alias) => input.FunctionVersion === undefined || alias.version === input.FunctionVersion,
    );
    const { page, marker } = pageOf(wanted, input);
    return { Aliases: page.map((alias) => aliasShape(fn, alias)), ...marker };
  });
  offer.onFunction(
    "DeleteAlias",
    `DELETE ${ALIASES}/{Name}`,
    (fn, input) => {
      fn.aliases.delete(String(input.Name));
      return {};
    },
    { status: NO_CONTENT },
  );
};

export const offerPermissions = (offer: Offer, permissions: Permissions): void => {
  offer.onFunction(
    "AddPermission",
    `POST ${POLICY}`,
    (fn, input, _caller, qualifier) => ({ Statement: JSON.stringify(permissions.add(fn, qualifier, input)) }),
    { status: CREATED },
  );
  offer.onFunction(
    "RemovePermission",
    `DELETE ${POLICY}/{StatementId}`,
    (fn, input, _caller, qualifier) => {
      permissions.remove(fn, qualifier, String(input.StatementId));
      return {};
    },
    { status: NO_CONTENT },
  );
  offer.onFunction("GetPolicy", `GET ${POLICY}`, (fn, _input, _caller, qualifier) => ({
    Policy: JSON.stringify(permissions.policy(fn, qualifier)),
    RevisionId: fn.latest.revisionId,
  }));
};

const within = (value: number, name: string, least: number, most: number): number => {
  if (Number.isInteger(value) && value >= least && value <= most) return value;
  throw new AwsError(
    "ValidationException",
    `1 validation error detected: Value '${value}' at '${name}' must be between ${least} and ${most}`,
  );
};

/** Settings of asynchronous calls, from an API call or from CloudFormation; `base` is what is not said anew. */
export const readEventInvoke = (
  account: Account,
  input: Json,
  base?: EventInvokeConfig,
): EventInvokeConfig => {
  const onFailureArn = input.DestinationConfig?.OnFailure?.Destination ?? base?.onFailureArn;
  const onSuccessArn = input.DestinationConfig?.OnSuccess?.Destination ?? base?.onSuccessArn;
  const retries = Number(input.MaximumRetryAttempts ?? base?.retriesMax ?? RETRIES_MAX);
  const ageSeconds = Number(
    input.MaximumEventAgeInSeconds ?? base?.eventAgeMaxSeconds ?? EVENT_AGE_MAX_SECONDS,
  );
  return {
    retriesMax: within(retries, "maximumRetryAttempts", 0, RETRIES_MAX),
    eventAgeMaxSeconds: within(ageSeconds, "maximumEventAgeInSeconds", 60, EVENT_AGE_MAX_SECONDS),
    ...(onFailureArn && { onFailureArn: String(onFailureArn) }),
    ...(onSuccessArn && { onSuccessArn: String(onSuccessArn) }),
    modifiedAt: account.world.now(),
  };
};

const eventInvokeShape = (fn: Fn, qualifier: string, config: EventInvokeConfig): Json => ({
  FunctionArn: `${fn.arn}:${qualifier}`,
  LastModified: config.modifiedAt / 1000,
  MaximumRetryAttempts: config.retriesMax,
  MaximumEventAgeInSeconds: config.eventAgeMaxSeconds,
  DestinationConfig: {
    OnSuccess: config.onSuccessArn === undefined ? {} : { Destination: config.onSuccessArn },
    OnFailure: config.onFailureArn === undefined ? {} : { Destination: config.onFailureArn },
  },
});

export const offerEventInvoke = (account: Account, offer: Offer): void => {
  const known = (fn: Fn, qualifier = LATEST): EventInvokeConfig => {
    const config = fn.eventInvoke.get(qualifier);
    if (config === undefined)
      throw missing(`The function ${fn.arn}:${qualifier} doesn't have an EventInvokeConfig`);
    return config;
  };
  const keep = (fn: Fn, qualifier: string | undefined, config: EventInvokeConfig): Json => {
    fn.eventInvoke.set(qualifier ?? LATEST, config);
    return eventInvokeShape(fn, qualifier ?? LATEST, config);
  };
  offer.onFunction("PutFunctionEventInvokeConfig", `PUT ${EVENT_INVOKE}`, (fn, input, _caller, qualifier) =>
    keep(fn, qualifier, readEventInvoke(account, input)),
  );
  offer.onFunction(
    "UpdateFunctionEventInvokeConfig",
    `POST ${EVENT_INVOKE}`,
    (fn, input, _caller, qualifier) =>
      keep(fn, qualifier, readEventInvoke(account, input, known(fn, qualifier))),
  );
  offer.onFunction("GetFunctionEventInvokeConfig", `GET ${EVENT_INVOKE}`, (fn, _input, _caller, qualifier) =>
    eventInvokeShape(fn, qualifier ?? LATEST, known(fn, qualifier)),
  );
  offer.onFunction(
    "DeleteFunctionEventInvokeConfig",
    `DELETE ${EVENT_INVOKE}`,
    (fn, _input, _caller, qualifier) => {
      known(fn, qualifier);
      fn.eventInvoke.delete(qualifier ?? LATEST);
      return {};
    },
    { status: NO_CONTENT },
  );
};

export const offerUrls = (account: Account, offer: Offer, urlOf: (fn: Fn) => string): void => {
  const shape = (fn: Fn, qualifier: string | undefined): Json => {
    const url = fn.urls.get(qualifier ?? "");
    if (url === undefined) throw missing("The resource you requested does not exist.");
    return {
      FunctionUrl: urlOf(fn),
      FunctionArn: qualifier === undefined ? fn.arn : `${fn.arn}:${qualifier}`,
      AuthType: url.authType,
      CreationTime: new Date(url.createdAt).toISOString(),
      LastModifiedTime: new Date(url.createdAt).toISOString(),
      InvokeMode: "BUFFERED",
    };
  };
  offer.onFunction(
    "CreateFunctionUrlConfig",
    `POST ${URL}`,
    (fn, input, _caller, qualifier) => {
      fn.urls.set(qualifier ?? "", { authType: String(input.AuthType), createdAt: account.world.now() });
      return shape(fn, qualifier);
    },
    { status: CREATED },
  );
  offer.onFunction("GetFunctionUrlConfig", `GET ${URL}`, (fn, _input, _caller, qualifier) =>
    shape(fn, qualifier),
  );
  offer.onFunction(
    "DeleteFunctionUrlConfig",
    `DELETE ${URL}`,
    (fn, _input, _caller, qualifier) => {
      fn.urls.delete(qualifier ?? "");
      return {};
    },
    { status: NO_CONTENT },
  );
};
