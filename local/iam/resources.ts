/** CloudFormation's IAM resources. Making one that exists changes it, as a stack update does. */
import type { Json, ResourceMaker } from "../account.ts";
import { physicalName } from "../physical-name.ts";
import type { Role, Roles } from "./roles.ts";

const MAX_NAME_LENGTH = 64;

const eachRole = (roles: Roles, names: Json, act: (role: Role) => void): void => {
  for (const name of names ?? []) act(roles.named(String(name)));
};

export const iamResources = (roles: Roles): Record<string, ResourceMaker> => ({
  "AWS::IAM::Role": (properties, context) => {
    const name = String(properties.RoleName ?? physicalName(context, MAX_NAME_LENGTH));
    const role = roles.put(name, properties.Path ?? "/", properties.AssumeRolePolicyDocument);
    role.inline.clear();
    role.attached.clear();
    for (const policy of properties.Policies ?? [])
      roles.putInline(role, String(policy.PolicyName), policy.PolicyDocument);
    for (const arn of properties.ManagedPolicyArns ?? []) roles.attach(role, String(arn));
    return { ref: role.name, attributes: { Arn: role.arn, RoleId: role.id } };
  },
  "AWS::IAM::Policy": (properties, context) => {
    const name = String(properties.PolicyName);
    eachRole(roles, properties.Roles, (role) => roles.putInline(role, name, properties.PolicyDocument));
    return { ref: physicalName(context) };
  },
  "AWS::IAM::RolePolicy": (properties, context) => {
    const role = roles.named(String(properties.RoleName));
    roles.putInline(role, String(properties.PolicyName), properties.PolicyDocument);
    return { ref: physicalName(context) };
  },
  "AWS::IAM::ManagedPolicy": (properties, context) => {
    const name = String(properties.ManagedPolicyName ?? physicalName(context, MAX_NAME_LENGTH));
    const arn = roles.putManaged(name, properties.Path ?? "/", properties.PolicyDocument);
    eachRole(roles, properties.Roles, (role) => roles.attach(role, arn));
    return { ref: arn, attributes: { PolicyArn: arn } };
  },
});
