/** What CloudFormation asks of CodeDeploy when an alias with an UpdatePolicy gets another version. */
import { createDeployment, type DeploymentParts } from "./create-deployment.ts";
import { type Deployment, isOver, type Store } from "./state.ts";

export type AliasShift = {
  applicationName: string;
  deploymentGroupName: string;
  functionName: string;
  alias: string;
  from: string;
  to: string;
  /** Names or ARNs of hook functions. */
  hooks: { BeforeAllowTraffic?: string; AfterAllowTraffic?: string };
};

/** `failed` says why, once the rollback is over too. */
export type ShiftState = { kind: "under way" } | { kind: "done" } | { kind: "failed"; why: string };

/** As CloudFormation writes it: a revision of type String whose version is text. */
const revisionOf = ({ functionName, alias, from, to, hooks }: AliasShift) => ({
  revisionType: "String",
  string: {
    content: JSON.stringify({
      version: "0.0",
      Resources: [
        {
          [functionName]: {
            Type: "AWS::Lambda::Function",
            Properties: { Name: functionName, Alias: alias, CurrentVersion: from, TargetVersion: to },
          },
        },
      ],
      Hooks: Object.entries(hooks).map(([event, hook]) => ({ [event]: hook })),
    }),
  },
});

const stateOf = (store: Store, deployment: Deployment): ShiftState => {
  const rollback = store.deployments.get(deployment.rollbackInfo?.rollbackDeploymentId ?? "");
  if (!isOver(deployment) || (rollback !== undefined && !isOver(rollback))) return { kind: "under way" };
  if (deployment.status === "Succeeded") return { kind: "done" };
  return { kind: "failed", why: `${deployment.id} ${deployment.status}: ${deployment.error?.message}` };
};

/** Starts the deployment, and answers how to ask for its state. Throws as CreateDeployment does. */
export const shiftAlias = (parts: DeploymentParts, shift: AliasShift): (() => ShiftState) => {
  const { applicationName, deploymentGroupName } = shift;
  const input = { applicationName, deploymentGroupName, revision: revisionOf(shift) };
  const deployment = createDeployment(parts, input, "CloudFormation");
  return () => stateOf(parts.store, deployment);
};
