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

/** Every action and resource that the functions' roles allow, one by one. */
export const grantsIn = (template: Template): Grant[] =>
  resourcesOf(template, "AWS::IAM::Role").flatMap(({ logicalId, Properties }) =>
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
