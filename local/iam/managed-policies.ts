/** Policies that AWS manages, as they are published in the AWS managed policy reference. */
import type { Json } from "../account.ts";

const allow = (
  Action: readonly string[],
  Resource: string | readonly string[] = "*",
  Condition?: Json,
): Json => ({
  Effect: "Allow",
  Action,
  Resource,
  ...(Condition !== undefined && { Condition }),
});

const policy = (...Statement: readonly Json[]): Json => ({ Version: "2012-10-17", Statement });

const LOGS = ["logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents"];
const S3_READS = ["s3:GetObject", "s3:GetObjectVersion"];

const codeDeployForLambda = (further: readonly string[]): Json =>
  policy(
    allow([
      "cloudwatch:DescribeAlarms",
      "lambda:UpdateAlias",
      "lambda:GetAlias",
      "lambda:GetProvisionedConcurrencyConfig",
      ...further,
    ]),
    allow(S3_READS, "arn:aws:s3:::*/CodeDeploy/*"),
    allow(S3_READS, "*", { StringEquals: { "s3:ExistingObjectTag/UseWithCodeDeploy": "true" } }),
    allow(["lambda:InvokeFunction"], "arn:aws:lambda:*:*:function:CodeDeployHook_*"),
  );

const BY_NAME: Readonly<Record<string, Json>> = {
  AdministratorAccess: policy(allow(["*"])),
  "service-role/AWSLambdaBasicExecutionRole": policy(allow(LOGS)),
  "service-role/AWSLambdaSQSQueueExecutionRole": policy(
    allow(["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes", ...LOGS]),
  ),
  "service-role/AWSLambdaDynamoDBExecutionRole": policy(
    allow([
      "dynamodb:DescribeStream",
      "dynamodb:GetRecords",
      "dynamodb:GetShardIterator",
      "dynamodb:ListStreams",
      ...LOGS,
    ]),
  ),
  "service-role/AWSLambdaRole": policy(allow(["lambda:InvokeFunction"])),
  AWSXRayDaemonWriteAccess: policy(
    allow([
      "xray:PutTraceSegments",
      "xray:PutTelemetryRecords",
      "xray:GetSamplingRules",
      "xray:GetSamplingTargets",
      "xray:GetSamplingStatisticSummaries",
    ]),
  ),
  "service-role/AWSCodeDeployRoleForLambda": codeDeployForLambda(["sns:Publish"]),
  "service-role/AWSCodeDeployRoleForLambdaLimited": codeDeployForLambda([]),
};

const PREFIX = "arn:aws:iam::aws:policy/";

/** Undefined for a policy that is not known here. */
export const managedPolicy = (arn: string): Json | undefined =>
  arn.startsWith(PREFIX) ? BY_NAME[arn.slice(PREFIX.length)] : undefined;
