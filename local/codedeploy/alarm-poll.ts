/** Whether a group's alarms stop a deployment. */
import type { Account } from "../account.ts";
import { alarmsActive, alarmsUnknown, rolePermissions } from "./problems.ts";
import type { Deployment, Problem } from "./state.ts";

/** A measured incident took 11 s from ALARM to Stopped. */
export const POLL_MS = 10_000;

/** The deployment's override, if it has one, else its group's settings. */
const alarmsOf = (deployment: Deployment): { names: string[]; ignoresFailure: boolean } => {
  const config = deployment.overrideAlarms ?? deployment.group.settings.alarmConfiguration;
  const names: string[] = (config?.alarms ?? []).map((alarm: { name?: string }) => String(alarm.name));
  return {
    names: config?.enabled === true ? names : [],
    ignoresFailure: config?.ignorePollAlarmFailure === true,
  };
};

/** INSUFFICIENT_DATA stops nothing; a state that cannot be had does, unless the group ignores that. */
export const alarmProblem = (account: Account, deployment: Deployment): Problem | undefined => {
  const { names, ignoresFailure } = alarmsOf(deployment);
  if (names.length === 0) return undefined;
  const role = deployment.group.settings.serviceRoleArn;
  const isAllowed = names.every((name) =>
    account.iam.allows(role, {
      action: "cloudwatch:DescribeAlarms",
      resource: `arn:aws:cloudwatch:${account.region}:${account.id}:alarm:${name}`,
    }),
  );
  if (!isAllowed) return ignoresFailure ? undefined : rolePermissions(role, "AmazonCloudWatch");
  const states = names.map((name) => ({ name, state: account.cloudwatch.alarmState(name) }));
  const active = states.filter(({ state }) => state === "ALARM").map(({ name }) => name);
  if (active.length > 0) return alarmsActive(active);
  const unknown = states.filter(({ state }) => state === undefined).map(({ name }) => name);
  return unknown.length > 0 && !ignoresFailure ? alarmsUnknown(unknown) : undefined;
};
