/** CodeDeploy for Lambda: a state machine on the account's clock. JSON 1.1. */
import type { Account, CodeDeploy, Service } from "../account.ts";
import { shiftAlias } from "./alias-shift.ts";
import { applicationOperations } from "./application-operations.ts";
import { configOperations, createConfigBook } from "./config-operations.ts";
import { deploymentOperations } from "./deployment-operations.ts";
import { groupOperations } from "./group-operations.ts";
import { createLifecycle } from "./lifecycle.ts";
import { createMoveFaults } from "./move-faults.ts";
import { codeDeployResources } from "./resources.ts";
import type { Store } from "./state.ts";

export const createCodeDeploy = (account: Account): CodeDeploy & { service: Service } => {
  const store: Store = { applications: new Map(), deployments: new Map() };
  const faults = createMoveFaults();
  const configs = createConfigBook(account, store);
  const lifecycle = createLifecycle({
    account,
    store,
    faults,
    routingOf: (name) => configs.get(name).routing,
  });
  const parts = { account, store, configs, lifecycle };
  return {
    name: "codedeploy",
    shiftAlias: (shift) => shiftAlias(parts, shift),
    failMoves: (fault) => faults.add(fault),
    service: {
      name: "codedeploy",
      signingName: "codedeploy",
      protocol: "json-1.1",
      targetPrefix: "CodeDeploy_20141006",
      operations: {
        ...applicationOperations(account, store),
        ...configOperations(account, configs),
        ...groupOperations({ account, store, hasConfig: (name) => configs.has(name) }),
        ...deploymentOperations(parts),
      },
      resources: codeDeployResources(account, store, configs),
    },
  };
};
