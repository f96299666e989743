import type { CloudWatchClient } from "@aws-sdk/client-cloudwatch";
import {
  type CodeDeployClient,
  GetDeploymentConfigCommand,
  GetDeploymentGroupCommand,
  type TrafficRoutingConfig,
} from "@aws-sdk/client-codedeploy";
import { HOUR_MS } from "../kit/time.ts";
import type { Router } from "../ports/router.ts";
import type { Usage } from "../ports/usage.ts";
import type { Ask } from "../signals/ask.ts";
import { type DeploymentConfig, predefinedNamed } from "../traffic/config.ts";
import { reachUnless } from "./failure.ts";
import { askSafely, isUnreadable } from "./metric-data.ts";

const GONE = [
  "ApplicationDoesNotExistException",
  "DeploymentGroupDoesNotExistException",
  "DeploymentConfigDoesNotExistException",
];

/** Without the executed version CloudWatch adds up all versions that the alias served. */
const sumThroughAlias = (name: string, alias: string, metric: string): Ask => ({
  id: metric.toLowerCase(),
  namespace: "AWS/Lambda",
  metric,
  dimensions: { FunctionName: name, Resource: `${name}:${alias}` },
  stat: "Sum",
});

const customFrom = (
  name: string,
  routing: TrafficRoutingConfig | undefined,
): DeploymentConfig | undefined => {
  const { timeBasedCanary: canary, timeBasedLinear: linear } = routing ?? {};
  if (routing?.type === "AllAtOnce") return { kind: "all-at-once", name };
  if (canary?.canaryPercentage !== undefined && canary.canaryInterval !== undefined)
    return { kind: "canary", name, percent: canary.canaryPercentage, intervalMinutes: canary.canaryInterval };
  if (linear?.linearPercentage !== undefined && linear.linearInterval !== undefined)
    return { kind: "linear", name, percent: linear.linearPercentage, intervalMinutes: linear.linearInterval };
  return undefined;
};

export const aliasUsage = (
  cloudwatch: CloudWatchClient,
  codedeploy: CodeDeployClient,
  router: Pick<Router, "read">,
): Usage => ({
  hours: async ({ name, alias, fromAt, untilAt }) => {
    if ((await router.read(name, alias)) === "unknown") return "missing";
    const found = await askSafely(cloudwatch, { fromAt, untilAt, periodMs: HOUR_MS }, [
      sumThroughAlias(name, alias, "Invocations"),
      sumThroughAlias(name, alias, "Errors"),
    ]);
    if (isUnreadable(found)) return found;
    const hours = [...(found.get("invocations") ?? [])].map(([at, calls]) => ({
      at,
      calls: Math.round(calls),
      bad: Math.min(Math.round(calls), Math.round(found.get("errors")?.get(at) ?? 0)),
    }));
    return { hours: hours.filter(({ calls }) => calls > 0).sort((left, right) => left.at - right.at) };
  },

  config: (applicationName, deploymentGroupName) =>
    reachUnless("reading a deployment group", GONE, undefined, async () => {
      const group = await codedeploy.send(
        new GetDeploymentGroupCommand({ applicationName, deploymentGroupName }),
      );
      const name = group.deploymentGroupInfo?.deploymentConfigName ?? "";
      const predefined = predefinedNamed(name);
      if (predefined !== undefined || name === "") return predefined;
      const { deploymentConfigInfo } = await codedeploy.send(
        new GetDeploymentConfigCommand({ deploymentConfigName: name }),
      );
      return customFrom(name, deploymentConfigInfo?.trafficRoutingConfig);
    }),
});
