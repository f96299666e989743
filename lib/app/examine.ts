/** Looks at everything that must be right before a bad version can be taken back. Changes nothing. */
import {
  checkGroupAlarm,
  checkHasAlarms,
  checkPace,
  checkPollFailure,
  checkRollbackEvents,
} from "../checkup/group-checks.ts";
import type { CheckupAction } from "../checkup/permissions.ts";
import type { CheckResult } from "../checkup/result.ts";
import type { GroupName, GroupSeen } from "../checkup/seen.ts";
import * as stack from "../checkup/stack-checks.ts";
import { checkAlias, checkInvocable, checkMayMove, checkWayBack } from "../checkup/way-back-checks.ts";
import { UnavailableError } from "../kit/errors.ts";
import { DAY_MS, MINUTE_MS } from "../kit/time.ts";
import type { AccountReader, SlackProbe } from "../ports/account-reader.ts";
import type { Deployer } from "../ports/deployer.ts";
import type { Policies } from "../ports/policies.ts";
import type { Router } from "../ports/router.ts";

export type ExaminePorts = {
  stage: { stage: string; account: string; region: string };
  reader: AccountReader;
  slack: SlackProbe;
  deployer: Pick<Deployer, "read">;
  router: Pick<Router, "read" | "digest">;
  policies: Pick<Policies, "read">;
  clock: { now(): number };
};

/** Groups that are looked at side by side. */
const GROUPS_AT_ONCE = 4;
const JUDGE_MINUTES = 10;
const FUNCTIONS = [
  "track-deployment",
  "judge-canary",
  "route-alarm",
  "reconcile",
  "send-notices",
  "slack-action",
];
const RULES = ["deployment-changed", "judge-every-minute", "alarm-changed", "reconcile-every-5-minutes"];
const TOPICS = ["critical", "warning", "info", "dlq"];
/** The names in stack/alarms.yml. */
const ALARMS = [
  ...["dead-letters", "judge-stopped", "function-errors", "notices-late", "rollback-failed", "hook-silent"],
  ...["judge-blind", "notice-undelivered", "events-lost", "input-rejected", "destination-failures"],
];

const DENIED = /not authorized to perform:? ([a-z0-9-]+:\w+)/i;

type Results = readonly CheckResult[];

/** One look and what follows from it. A look that fails is a result, whatever it was about. */
const check = async <T>(
  id: string,
  subject: string,
  action: CheckupAction | "slack auth.test",
  see: () => Promise<T>,
  judge: (seen: T) => CheckResult | Results | Promise<Results>,
): Promise<Results> => {
  let seen: T;
  try {
    seen = await see();
  } catch (error) {
    if (!(error instanceof UnavailableError)) throw error;
    const denied = DENIED.exec(error.message)?.[1];
    return [{ kind: "could-not-look", id, subject, what: error.message, action: denied ?? action }];
  }
  return [await judge(seen)].flat();
};

const all = async (...looks: readonly Promise<Results>[]): Promise<Results> =>
  (await Promise.all(looks)).flat();

const examineStack = (ports: ExaminePorts): Promise<Results> => {
  const { reader, router, clock } = ports;
  const { stage, account, region } = ports.stage;
  const prefix = `bellwether-${stage}`;
  const now = clock.now();
  const judge = `${prefix}-judge-canary`;
  const functions = [
    ...FUNCTIONS.map((name) => `${prefix}-${name}`),
    ...["before", "after"].map((name) => `CodeDeployHook_${prefix}-${name}`),
  ];
  const alarmNames = ALARMS.map((name) => `${prefix}-${name}`);
  const table = `${prefix}-deployments`;
  return all(
    check(
      "present",
      table,
      "dynamodb:DescribeTable",
      () => reader.hasTable(table),
      (isThere) => stack.checkPresent("table", table, stage, isThere),
    ),
    ...functions.map((name) =>
      check(
        "present",
        name,
        "lambda:GetFunctionConfiguration",
        () => router.digest(name, "$LATEST"),
        (digest) => stack.checkPresent("function", name, stage, digest !== undefined),
      ),
    ),
    ...RULES.map((rule) => `${prefix}-${rule}`).map((name) =>
      check(
        "rule",
        name,
        "events:DescribeRule",
        () => reader.rule(name),
        (state) => stack.checkRule(name, stage, state),
      ),
    ),
    ...TOPICS.map((topic) => `arn:aws:sns:${region}:${account}:${prefix}-${topic}`).map((arn) =>
      check(
        "topic",
        arn,
        "sns:ListSubscriptionsByTopic",
        () => reader.subscriptions(arn),
        (seen) => stack.checkTopic(arn, stage, seen),
      ),
    ),
    check(
      "own-alarm",
      prefix,
      "cloudwatch:DescribeAlarms",
      () => reader.alarms(alarmNames),
      (found) => alarmNames.map((name) => stack.checkOwnAlarm(name, stage, found, now)),
    ),
    check(
      "judge-ran",
      judge,
      "cloudwatch:GetMetricData",
      () =>
        reader.metricSum(
          { namespace: "AWS/Lambda", name: "Invocations", dimension: { name: "FunctionName", value: judge } },
          now - JUDGE_MINUTES * MINUTE_MS,
          now,
        ),
      (runs) => stack.checkJudgeRan(judge, runs, JUDGE_MINUTES),
    ),
    check(
      "events-lost",
      "EventBridge",
      "cloudwatch:GetMetricData",
      () =>
        reader.metricSum(
          { namespace: "Bellwether", name: "EventLost", dimension: { name: "service", value: prefix } },
          now - DAY_MS,
          now,
        ),
      (lost) => stack.checkEventsLost(stage, lost),
    ),
    examineSlack(ports),
    Promise.resolve([stack.noteApproval(stage)]),
  );
};

const examineSlack = ({ reader, slack, stage: { stage } }: ExaminePorts): Promise<Results> => {
  const nameOf = (name: string): string => `/bellwether/${stage}/slack/${name}`;
  const token = nameOf("token");
  const kept = (name: string, why: string): Promise<Results> =>
    check(
      "parameter",
      nameOf(name),
      "ssm:GetParameter",
      () => reader.parameter(nameOf(name)),
      (value) => stack.checkParameter(nameOf(name), "risk", why, value),
    );
  return all(
    check(
      "parameter",
      token,
      "ssm:GetParameter",
      () => reader.parameter(token),
      async (value) =>
        (value ?? "").trim() === ""
          ? [
              stack.checkParameter(
                token,
                "risk",
                "Slack hears nothing, or only what a webhook can post",
                value,
              ),
            ]
          : check(
              "slack",
              "Slack",
              "slack auth.test",
              () => slack(value ?? ""),
              (seen) => stack.checkSlack(token, seen),
            ),
    ),
    kept("signing-secret", "every press of a button in Slack is refused"),
    kept("operators", "nobody may press a button in Slack"),
  );
};

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
          () => router.digest(name, from),
          (digest) => checkWayBack(last, digest !== undefined),
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
          (found) => stack.checkPolicy(name, stage, found),
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
