/** Lambda's API: functions, their versions, their share of concurrency, their tags. */
import { AwsError, type Json } from "../account.ts";
import { readConfig, shapeOf } from "./configuration.ts";
import { codeIn, type Functions, functionShape } from "./functions.ts";
import type { Offer } from "./operation.ts";
import { LATEST } from "./state.ts";
import { parseFunctionName, type Store } from "./store.ts";

const FUNCTIONS = "/2015-03-31/functions";
const CREATED = 201;
const NO_CONTENT = 204;
const PAGE_MOST = 50;

/** A page of a list; the marker is where the next one begins. */
export const pageOf = <T>(
  all: readonly T[],
  input: Json,
): { page: readonly T[]; marker: { NextMarker?: string } } => {
  const from = Number(input.Marker ?? 0);
  const size = Math.min(Number(input.MaxItems ?? PAGE_MOST), PAGE_MOST);
  const page = all.slice(from, from + size);
  return { page, marker: from + size < all.length ? { NextMarker: String(from + size) } : {} };
};

/** Versions are deleted by themselves; the function goes with all of them. */
const remove = (store: Store, functions: { name: string; qualifier: string | undefined }): void => {
  const fn = store.get(functions.name);
  if (functions.qualifier === undefined) {
    store.delete(fn);
    return;
  }
  if (functions.qualifier === LATEST)
    throw new AwsError(
      "InvalidParameterValueException",
      "$LATEST version cannot be deleted without deleting the function.",
    );
  const { version } = store.version(fn, functions.qualifier);
  const uses = [...fn.aliases.values()].some(
    (alias) => alias.version === version || version in alias.weights,
  );
  if (uses) throw new AwsError("ResourceConflictException", `Version ${version} is used by an alias.`, 409);
  fn.versions.delete(version);
};

const offerCode = (offer: Offer, functions: Functions): void => {
  offer.onFunction("UpdateFunctionCode", `PUT ${FUNCTIONS}/{FunctionName}/code`, (fn, input) => {
    const code = codeIn(input);
    if (input.DryRun === true) return shapeOf(fn, fn.latest);
    const updated = functions.updateCode(fn, code, input.RevisionId);
    return shapeOf(fn, input.Publish === true ? functions.publish(fn, {}) : updated);
  });
  offer.onFunction(
    "UpdateFunctionConfiguration",
    `PUT ${FUNCTIONS}/{FunctionName}/configuration`,
    (fn, input) => shapeOf(fn, functions.updateConfig(fn, input)),
  );
  offer.onFunction(
    "PublishVersion",
    `POST ${FUNCTIONS}/{FunctionName}/versions`,
    (fn, input) => shapeOf(fn, functions.publish(fn, input)),
    { status: CREATED },
  );
};

const offerReading = (offer: Offer, store: Store): void => {
  const versionOf = (fn: Parameters<typeof store.version>[0], qualifier: string | undefined) =>
    store.version(
      fn,
      qualifier !== undefined && fn.aliases.has(qualifier) ? store.alias(fn, qualifier).version : qualifier,
    );
  offer.onFunction("GetFunction", `GET ${FUNCTIONS}/{FunctionName}`, (fn, _input, _caller, qualifier) =>
    functionShape(fn, versionOf(fn, qualifier)),
  );
  offer.onFunction(
    "GetFunctionConfiguration",
    `GET ${FUNCTIONS}/{FunctionName}/configuration`,
    (fn, _input, _caller, qualifier) => shapeOf(fn, versionOf(fn, qualifier)),
  );
  offer.onFunction("ListVersionsByFunction", `GET ${FUNCTIONS}/{FunctionName}/versions`, (fn, input) => {
    const { page, marker } = pageOf([fn.latest, ...fn.versions.values()], input);
    return { Versions: page.map((version) => shapeOf(fn, version)), ...marker };
  });
  offer.other(
    "ListFunctions",
    `GET ${FUNCTIONS}`,
    () => [{ action: "lambda:ListFunctions", resource: "*" }],
    (input) => {
      const { page, marker } = pageOf(store.list(), input);
      return { Functions: page.map((fn) => shapeOf(fn, fn.latest)), ...marker };
    },
  );
};

const offerConcurrency = (offer: Offer): void => {
  const concurrency = (reserved: number | undefined): Json =>
    reserved === undefined ? {} : { ReservedConcurrentExecutions: reserved };
  offer.onFunction(
    "PutFunctionConcurrency",
    "PUT /2017-10-31/functions/{FunctionName}/concurrency",
    (fn, input) => {
      fn.reserved = Number(input.ReservedConcurrentExecutions);
      return concurrency(fn.reserved);
    },
  );
  offer.onFunction("GetFunctionConcurrency", "GET /2019-09-30/functions/{FunctionName}/concurrency", (fn) =>
    concurrency(fn.reserved),
  );
  offer.onFunction(
    "DeleteFunctionConcurrency",
    "DELETE /2017-10-31/functions/{FunctionName}/concurrency",
    (fn) => {
      delete fn.reserved;
      return {};
    },
    { status: NO_CONTENT },
  );
};

export const offerFunctions = (offer: Offer, store: Store, functions: Functions): void => {
  offer.other(
    "CreateFunction",
    `POST ${FUNCTIONS}`,
    (input) => [
      {
        action: "lambda:CreateFunction",
        resource: store.arnOf(parseFunctionName(String(input.FunctionName)).name),
      },
      {
        action: "iam:PassRole",
        resource: String(input.Role),
        context: { "iam:PassedToService": "lambda.amazonaws.com" },
      },
    ],
    (input) => {
      const { name } = parseFunctionName(String(input.FunctionName));
      readConfig(name, input);
      const fn = functions.create(name, input, codeIn(input.Code));
      return shapeOf(fn, input.Publish === true ? functions.publish(fn, {}) : fn.latest);
    },
    CREATED,
  );
  offer.other(
    "DeleteFunction",
    `DELETE ${FUNCTIONS}/{FunctionName}`,
    (input) => {
      const { name, qualifier } = parseFunctionName(String(input.FunctionName), input.Qualifier);
      return [{ action: "lambda:DeleteFunction", resource: store.arnOf(name, qualifier) }];
    },
    (input) => {
      const { name, qualifier } = parseFunctionName(String(input.FunctionName), input.Qualifier);
      remove(store, { name, qualifier });
      return {};
    },
    NO_CONTENT,
  );
  offerCode(offer, functions);
  offerReading(offer, store);
  offerConcurrency(offer);
  offer.other(
    "GetAccountSettings",
    "GET /2016-08-19/account-settings",
    () => [{ action: "lambda:GetAccountSettings", resource: "*" }],
    () => ({
      AccountLimit: { ConcurrentExecutions: 1000, UnreservedConcurrentExecutions: 1000 },
      AccountUsage: { FunctionCount: store.list().length },
    }),
  );
  offer.other(
    "ListTags",
    "GET /2017-03-31/tags/{Resource}",
    (input) => [{ action: "lambda:ListTags", resource: String(input.Resource) }],
    (input) => ({ Tags: store.get(parseFunctionName(String(input.Resource)).name).tags }),
  );
};
