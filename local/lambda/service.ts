/** Lambda: functions that really run, each in threads of its own, on the account's clock. REST with JSON. */
import type { Account, Lambda, Service } from "../account.ts";
import { offerAliases, offerEventInvoke, offerPermissions, offerUrls } from "./alias-operations.ts";
import { createAliases } from "./aliases.ts";
import { createAsyncCalls } from "./async.ts";
import { createCallMany } from "./call-many.ts";
import { createCodeFolders } from "./code-folder.ts";
import { deliverToDestination } from "./destination.ts";
import { createEnvironments } from "./environments.ts";
import { createEventSources } from "./event-source/service.ts";
import { offerFunctions } from "./function-operations.ts";
import { createFunctions } from "./functions.ts";
import { createInvocations } from "./invoke.ts";
import { createTurns, offerInvoke } from "./invoke-operation.ts";
import { createLane } from "./lane.ts";
import { createOffer } from "./operation.ts";
import { createPermissions } from "./permissions.ts";
import { lambdaResources } from "./resources.ts";
import { createRunningCalls } from "./running.ts";
import { LATEST } from "./state.ts";
import { createStore, parseFunctionName } from "./store.ts";
import { createUrls } from "./urls.ts";

/** `close` ends all workers and removes what was unzipped for them. */
export const createLambda = (account: Account): Lambda & { service: Service; close(): Promise<void> } => {
  const store = createStore(account);
  const functions = createFunctions(account, store);
  const aliases = createAliases(store);
  const permissions = createPermissions(account, store);
  const folders = createCodeFolders();
  const environments = createEnvironments(account, folders);
  const running = createRunningCalls(account);
  const invocations = createInvocations({ account, store, environments, running });
  const asyncCalls = createAsyncCalls(account, store, invocations);
  const outside = createLane();
  const turns = { account, invocations, running, outside };
  const inTurn = createTurns(turns);
  const urls = createUrls(
    account,
    permissions,
    (functionName, qualifier, payload, requestId) =>
      inTurn({ functionName, qualifier, payload, requestId }, undefined),
    store.newId,
  );
  const eventSources = createEventSources(account, {
    find: (functionName) => {
      const { name, qualifier } = parseFunctionName(functionName);
      const fn = store.get(name);
      return { arn: store.arnOf(name, qualifier), roleArn: fn.latest.config.role };
    },
    discard: (roleArn, destinationArn, record) =>
      deliverToDestination(account, roleArn, destinationArn, record),
  });

  const offer = createOffer(store);
  offerFunctions(offer, store, functions);
  offerAliases(offer, store, aliases);
  offerPermissions(offer, permissions);
  offerEventInvoke(account, offer);
  offerUrls(account, offer, urls.urlOf);
  offerInvoke({ ...turns, asyncCalls }, offer);

  return {
    invoke: (functionName, qualifier, payload) => invocations.run({ functionName, qualifier, payload }),
    invokeAsync: (functionArn, event) => {
      asyncCalls.queue(functionArn, event);
    },
    callMany: createCallMany({ account, store, environments, invocations }),
    alias: (functionName, name) => {
      const alias = store.find(functionName)?.aliases.get(name);
      return alias === undefined ? undefined : { functionName, ...alias };
    },
    moveAlias: (functionName, name, to) => aliases.move(store.get(functionName), name, to),
    permits: permissions.permits,
    has: (functionName, version) => {
      const fn = store.find(functionName);
      return fn !== undefined && (version === LATEST || fn.versions.has(version));
    },
    running: (functionName) => running.innermost(functionName)?.invocationId,
    kill: (invocationId) => running.find(invocationId)?.instance.kill(),
    functionUrl: (functionName, request) => urls.answer(store.find(functionName), request),
    service: {
      name: "lambda",
      signingName: "lambda",
      protocol: "rest-json",
      operations: { ...offer.offered.operations, ...eventSources.operations },
      routes: [...offer.offered.routes, ...eventSources.routes],
      resources: {
        ...lambdaResources({ account, store, functions, aliases, permissions, urlOf: urls.urlOf }),
        ...eventSources.resources,
      },
    },
    close: async () => {
      environments.close();
      folders.close();
    },
  };
};
