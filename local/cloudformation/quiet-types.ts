/** Resources that have no effect here, but answer Ref and GetAtt: nothing in the account asks for what they do. */
import type { ResourceMaker } from "../account.ts";
import { physicalName } from "../physical-name.ts";

const nameOnly: ResourceMaker = (_properties, context) => ({ ref: physicalName(context) });

/** A service's own maker goes before these. */
export const QUIET_TYPES: Readonly<Record<string, ResourceMaker>> = {
  "AWS::CloudWatch::Dashboard": nameOnly,
  "AWS::SQS::QueuePolicy": nameOnly,
  "AWS::SNS::TopicPolicy": nameOnly,
  "AWS::SSM::ResourcePolicy": nameOnly,
  "AWS::CloudFormation::WaitConditionHandle": nameOnly,
};
