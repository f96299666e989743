/** Resources that have no effect here, but answer Ref and GetAtt: nothing in the account asks for what they do. */
import type { Account, ResourceMaker } from "../account.ts";
import { physicalName } from "../physical-name.ts";

const MAX_BUCKET_LENGTH = 63;

/** A service's own maker goes before these. */
export const quietTypes = (account: Account): Record<string, ResourceMaker> => {
  const nameOnly: ResourceMaker = (_properties, context) => ({ ref: physicalName(context) });
  return {
    "AWS::S3::Bucket": (properties, context) => {
      const name = properties.BucketName ?? physicalName(context, MAX_BUCKET_LENGTH).toLowerCase();
      const attributes = {
        Arn: `arn:aws:s3:::${name}`,
        DomainName: `${name}.s3.amazonaws.com`,
        RegionalDomainName: `${name}.s3.${account.region}.amazonaws.com`,
      };
      return { ref: name, attributes };
    },
    "AWS::S3::BucketPolicy": nameOnly,
    "AWS::CloudWatch::Dashboard": nameOnly,
    "AWS::SQS::QueuePolicy": nameOnly,
    "AWS::SNS::TopicPolicy": nameOnly,
    "AWS::SSM::ResourcePolicy": nameOnly,
    "AWS::CloudFormation::WaitConditionHandle": nameOnly,
  };
};
