/** What the roles of the packaged stack grant, as the local account evaluates it, and which of it nobody ever used. */
import { type Json, listOf, resolved, resourcesOf, type Template } from "./stack.ts";

export type Grant = { role: string; action: string; resource: string };

const HERE = "eu-west-1:000000000000";
const NAME = "bellwether-local";

/** Resources of the stack under the ARNs that the local account gives them. */
const ARNS: Readonly<Record<string, string>> = {
  "DeploymentsTable.Arn": `arn:aws:dynamodb:${HERE}:table/${NAME}-deployments`,
  "DeploymentsTable.StreamArn": `arn:aws:dynamodb:${HERE}:table/${NAME}-deployments/stream/*`,
  "DeadLetters.Arn": `arn:aws:sqs:${HERE}:${NAME}-dlq`,
  CriticalTopic: `arn:aws:sns:${HERE}:${NAME}-critical`,
  WarningTopic: `arn:aws:sns:${HERE}:${NAME}-warning`,
  InfoTopic: `arn:aws:sns:${HERE}:${NAME}-info`,
  "TopicsKey.Arn": `arn:aws:kms:${HERE}:key/*`,
};

const arnOf = (text: string): string => {
  const [, resource = text, rest = ""] = /^([A-Za-z]+\.Arn)(\/.+)?$/.exec(text) ?? [];
  const known = ARNS[resource] ?? resource;
  if (known !== "*" && !known.startsWith("arn:"))
    throw new Error(`no ARN is known for ${text}: add it to ARNS`);
  return known + rest;
};

/** Every action and resource that the functions' roles allow, one by one. CodeDeploy's is tried by ship-ourselves.test.ts. */
export const grantsIn = (template: Template): Grant[] => {
  const ofFunctions = new Set(rolesOf(template).values());
  const roles = resourcesOf(template, "AWS::IAM::Role").filter(({ logicalId }) => ofFunctions.has(logicalId));
  return roles.flatMap(({ logicalId, Properties }) =>
    Properties.Policies.flatMap((policy: Json) => resolved(policy.PolicyDocument.Statement)).flatMap(
      ({ Action, Resource }: Json) =>
        listOf(Action).flatMap((action: string) =>
          listOf(Resource).map((resource: string) => ({
            role: logicalId,
            action,
            resource: arnOf(resource),
          })),
        ),
    ),
  );
};

/** Function name to the logical id of its role. */
const rolesOf = (template: Template): Map<string, string> =>
  new Map(
    resourcesOf(template, "AWS::Lambda::Function").map(({ Properties }) => [
      Properties.FunctionName,
      resolved(Properties.Role).replace(".Arn", ""),
    ]),
  );

const matcher = (pattern: string): RegExp =>
  new RegExp(`^${pattern.replace(/[.+?^${}()|[\]\\]/g, "\\$&").replaceAll("*", ".*")}$`);

/**
 * The grants that no call ever needed. `used` holds what the account allowed, as `who action resource`, where `who` is a
 * function, or the ARN of its role when Lambda acted in its name.
 */
export const unusedGrants = (template: Template, used: Iterable<string>): Grant[] => {
  const roles = rolesOf(template);
  const logicalIds = [...roles.values()];
  const calls = [...used].map((line) => {
    const [who = "", action = "", ...resource] = line.split(" ");
    const role = roles.get(who) ?? logicalIds.find((id) => who.includes(`-${id}`));
    return { role, action, resource: resource.join(" ") };
  });
  return grantsIn(template).filter(
    (grant) =>
      !calls.some(
        ({ role, action, resource }) =>
          role === grant.role && action === grant.action && matcher(grant.resource).test(resource),
      ),
  );
};

/** What these scenarios do not bring about, as `role action` or, for every role, `action`; and why the grant stands nonetheless. */
const OUT_OF_REACH: Readonly<Record<string, string>> = {
  "sqs:SendMessage":
    "Lambda's, for an event that failed three times: hook-crashes shows it for one function, the others are alike",
  "dynamodb:ListStreams":
    "Lambda wants it of whoever reads a stream; the local account's reader knows its stream",
  "kms:Decrypt": "SNS asks for it in the name of whoever publishes to an encrypted topic",
  "kms:GenerateDataKey": "SNS asks for it in the name of whoever publishes to an encrypted topic",
  "BeforeAllowTrafficRole lambda:GetFunctionConfiguration":
    "describes a deployment that it is the first to see: here track-deployment always is",
  "AfterAllowTrafficRole lambda:GetFunctionConfiguration":
    "describes a deployment that it is the first to see: here track-deployment always is",
  "ReconcileRole lambda:GetFunctionConfiguration":
    "describes a deployment that it is the first to see: here track-deployment always is",
  "AfterAllowTrafficRole ssm:GetParameter":
    "describes a deployment that it is the first to see: here track-deployment always is",
  "ReconcileRole ssm:GetParameter":
    "describes a deployment that it is the first to see: here track-deployment always is",
  "ReconcileRole dynamodb:PutItem": "records what was lost: in events-lost the judge's minute comes first",
  "ReconcileRole lambda:GetAlias": "verifies a way back that nobody else saw the end of",
  "ReconcileRole dynamodb:Query":
    "asks whether a later deployment has taken over: here none has when these two look",
  "TrackDeploymentRole dynamodb:Query":
    "asks whether a later deployment has taken over: here none has when these two look",
  "ArchiveAuditRole dynamodb:Query":
    "reads the lines of a deployment that is over: these are younger than an hour, see tests/scenario/audit.test.ts",
  "ArchiveAuditRole s3:GetObject":
    "reads the root of the hour before: these accounts live for less than an hour, see tests/scenario/audit.test.ts",
  "SlackActionRole logs:CreateLogStream":
    "what a person asked for in Slack: nobody presses a button in a scenario",
  "SlackActionRole logs:PutLogEvents":
    "what a person asked for in Slack: nobody presses a button in a scenario",
  "SlackActionRole dynamodb:PutItem":
    "what a person asked for in Slack: nobody presses a button in a scenario",
  "SlackActionRole ssm:GetParameter":
    "what a person asked for in Slack: nobody presses a button in a scenario",
  "JudgeCanaryRole dynamodb:GetItem":
    "what a person asked for in Slack: nobody presses a button in a scenario",
  "JudgeCanaryRole dynamodb:UpdateItem":
    "what a person asked for in Slack: nobody presses a button in a scenario",
  "JudgeCanaryRole lambda:UpdateAlias":
    "pins the alias where neither CodeDeploy nor a deployment of ours takes it back",
  "RouteAlarmRole lambda:UpdateAlias":
    "pins the alias where neither CodeDeploy nor a deployment of ours takes it back",
  "JudgeCanaryRole codedeploy:CreateDeployment":
    "takes back a version that has all calls: here an alarm, and so route-alarm, comes first",
  "JudgeCanaryRole codedeploy:UpdateDeploymentGroup":
    "takes back a version that has all calls: here an alarm, and so route-alarm, comes first",
  "JudgeCanaryRole codedeploy:RegisterApplicationRevision":
    "takes back a version that has all calls: here an alarm, and so route-alarm, comes first",
  "JudgeCanaryRole codedeploy:GetDeploymentConfig":
    "takes back a version that has all calls: here an alarm, and so route-alarm, comes first",
  "RouteAlarmRole codedeploy:StopDeployment":
    "an alarm in the middle of a shift: scenario alarm-while-shifting",
};

/** Why a grant may stand although no scenario used it; undefined when nothing says so. */
export const reasonFor = ({ role, action }: Grant): string | undefined =>
  OUT_OF_REACH[`${role} ${action}`] ?? OUT_OF_REACH[action];

/** Reasons for what no role is granted any more. */
export const idleReasons = (template: Template): string[] => {
  const held = new Set(grantsIn(template).flatMap(({ role, action }) => [action, `${role} ${action}`]));
  return Object.keys(OUT_OF_REACH).filter((key) => !held.has(key));
};
