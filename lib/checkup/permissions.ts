/** Every call that a checkup makes, as the IAM action it needs. All of them read. */
export const CHECKUP_ACTIONS = [
  "cloudwatch:DescribeAlarms",
  "cloudwatch:GetMetricData",
  "codedeploy:GetApplicationRevision",
  "codedeploy:GetDeployment",
  "codedeploy:GetDeploymentGroup",
  "codedeploy:GetDeploymentTarget",
  "codedeploy:ListApplications",
  "codedeploy:ListDeploymentGroups",
  "codedeploy:ListDeploymentTargets",
  "dynamodb:DescribeTable",
  "events:DescribeRule",
  "iam:SimulatePrincipalPolicy",
  "lambda:GetAlias",
  "lambda:GetFunctionConfiguration",
  "sns:ListSubscriptionsByTopic",
  "ssm:GetParameter",
] as const;

export type CheckupAction = (typeof CHECKUP_ACTIONS)[number];

/** The policy of who may run a checkup. Parameters, some of which are secrets, only those of the stage. */
export const checkupPolicy = (stage: string): object => ({
  Version: "2012-10-17",
  Statement: [
    {
      Sid: "Reads",
      Effect: "Allow",
      Action: CHECKUP_ACTIONS.filter((action) => action !== "ssm:GetParameter"),
      Resource: "*",
    },
    {
      Sid: "ReadsSettings",
      Effect: "Allow",
      Action: "ssm:GetParameter",
      Resource: `arn:aws:ssm:*:*:parameter/bellwether/${stage}/*`,
    },
  ],
});
