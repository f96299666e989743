/** Looks at everything that must be right before a bad version can be taken back. Changes nothing. */
import {
  checkGroupAlarm,
  checkHasAlarms,
  checkPace,
  checkPollFailure,
  checkRollbackEvents,
} from "../checkup/group-checks.ts";
import type { GroupName, GroupSeen } from "../checkup/seen.ts";
import { checkPolicy } from "../checkup/stack-checks.ts";
import { checkAlias, checkInvocable, checkMayMove, checkWayBack } from "../checkup/way-back-checks.ts";
import { all, check, type ExaminePorts, type Results } from "./checkup-look.ts";
import { examineStack } from "./examine-stack.ts";

/** Groups that are looked at side by side. */
const GROUPS_AT_ONCE = 4;
const examineService = (ports: ExaminePorts, group: GroupSeen, deploymentId: string): Promise<Results> => {
  const { reader, router, deployer, policies } = ports;
  const { stage, account, region } = ports.stage;
  const arnOf = (name: string): string =>
    name.startsWith("arn:") ? name : `arn:aws:lambda:${region}:${account}:function:${name}`;
  const role = group.serviceRoleArn;
  return check(
    "last-deployment",
    deploymentId,
    "codedeploy:GetDeployment",
    () => deployer.read(deploymentId),
    (last) => {
      if (typeof last === "string") return [];
      const { name, alias, from } = last.function;
      const hooks = Object.values(last.hooks).map(arnOf);
      return all(
        check(
          "alias",
          `${name}:${alias}`,
          "lambda:GetAlias",
          () => router.read(name, alias),
          (seen) => checkAlias(last, seen),
        ),
        check(
          "way-back",
          name,
          "lambda:GetFunctionConfiguration",
          () => router.version(name, from),
          (version) => checkWayBack(last, version !== undefined),
        ),
        check(
          "role-moves-alias",
          arnOf(name),
          "iam:SimulatePrincipalPolicy",
          () => reader.allows(role, "lambda:UpdateAlias", arnOf(name)),
          (isAllowed) => checkMayMove(role, arnOf(name), isAllowed),
        ),
        ...hooks.map((hook) =>
          check(
            "hook-invocable",
            hook,
            "iam:SimulatePrincipalPolicy",
            () => reader.allows(role, "lambda:InvokeFunction", hook),
            (isAllowed) => checkInvocable(role, hook, isAllowed),
          ),
        ),
        check(
          "policy",
          name,
          "ssm:GetParameter",
          () => policies.read(name),
          (found) => checkPolicy(name, stage, found),
        ),
      );
    },
  );
};

const examineGroup = (ports: ExaminePorts, name: GroupName): Promise<Results> => {
  const subject = `${name.application}/${name.group}`;
  return check(
    "group",
    subject,
    "codedeploy:GetDeploymentGroup",
    () => ports.reader.group(name),
    async (seen) => {
      if (!seen.isLambda) return [];
      const { names } = seen.alarms;
      const { lastDeploymentId } = seen;
      const settings = [checkRollbackEvents, checkPollFailure, checkPace, checkHasAlarms].map((one) =>
        one(seen),
      );
      return all(
        Promise.resolve(settings),
        check(
          "group-alarm",
          subject,
          "cloudwatch:DescribeAlarms",
          () => ports.reader.alarms(names),
          (found) => names.map((alarm) => checkGroupAlarm(seen, alarm, found, ports.clock.now())),
        ),
        lastDeploymentId === undefined ? Promise.resolve([]) : examineService(ports, seen, lastDeploymentId),
      );
    },
  );
};

/**
 * Checks the stage's stack and every Lambda deployment group, or those named: by application, group, or
 * `application/group`. `progress` hears what is looked at.
 */
export const examine = async (
  ports: ExaminePorts,
  wanted: readonly string[],
  progress: (what: string) => void,
): Promise<Results> => {
  progress("Bellwether's own stack");
  const results = [...(await examineStack(ports))];
  const isWanted = ({ application, group }: GroupName): boolean =>
    wanted.length === 0 ||
    [application, group, `${application}/${group}`].some((name) => wanted.includes(name));
  let groups: readonly GroupName[] = [];
  results.push(
    ...(await check(
      "groups",
      "CodeDeploy",
      "codedeploy:ListApplications",
      () => ports.reader.groups(),
      (found) => {
        groups = found.filter(isWanted);
        return [];
      },
    )),
  );
  for (let start = 0; start < groups.length; start += GROUPS_AT_ONCE) {
    const batch = groups.slice(start, start + GROUPS_AT_ONCE);
    progress(batch.map(({ application, group }) => `${application}/${group}`).join(", "));
    results.push(...(await all(...batch.map((group) => examineGroup(ports, group)))));
  }
  return results;
};
