import { beforeAll, describe, expect, it } from "vitest";
import { type Json, listOf, resolved, resourcesOf, type Template, templateOf } from "../../support/stack.ts";

const HERE = "eu-west-1:000000000000";
const GROUPS = `arn:aws:codedeploy:${HERE}:deploymentgroup:*`;
const APPLICATIONS = `arn:aws:codedeploy:${HERE}:application:*`;
const CONFIGURATIONS = `arn:aws:codedeploy:${HERE}:deploymentconfig:*`;
const FUNCTIONS = `arn:aws:lambda:${HERE}:function:*`;
const TABLE = "DeploymentsTable.Arn";
const OPEN_WORK = "DeploymentsTable.Arn/index/open-work";
const STREAM = "DeploymentsTable.StreamArn";
const POLICIES = `arn:aws:ssm:${HERE}:parameter/bellwether/dev/services/*`;
const SLACK = `arn:aws:ssm:${HERE}:parameter/bellwether/dev/slack/*`;

const logsOf = (functionName: string): Record<string, string[]> => ({
  [`arn:aws:logs:${HERE}:log-group:/aws/lambda/${functionName}:*`]: [
    "logs:CreateLogStream",
    "logs:PutLogEvents",
  ],
});
const DEAD_LETTERS = { "DeadLetters.Arn": ["sqs:SendMessage"] };
const READS_GROUPS = [
  "codedeploy:GetDeployment",
  "codedeploy:GetDeploymentTarget",
  "codedeploy:ListDeploymentTargets",
];
const ANSWERS = "codedeploy:PutLifecycleEventHookExecutionStatus";
const ROLLS_BACK = [
  "codedeploy:CreateDeployment",
  "codedeploy:StopDeployment",
  "codedeploy:UpdateDeploymentGroup",
];
const READS_REVISIONS = { [APPLICATIONS]: ["codedeploy:GetApplicationRevision"] };
const REGISTERS_REVISIONS = {
  [APPLICATIONS]: ["codedeploy:GetApplicationRevision", "codedeploy:RegisterApplicationRevision"],
};
const READS_CONFIGURATIONS = { [CONFIGURATIONS]: ["codedeploy:GetDeploymentConfig"] };
const READS_FUNCTIONS = { [FUNCTIONS]: ["lambda:GetAlias", "lambda:GetFunctionConfiguration"] };
const PINS_ALIASES = {
  [FUNCTIONS]: ["lambda:GetAlias", "lambda:GetFunctionConfiguration", "lambda:UpdateAlias"],
};
const READS_METRICS = { "*": ["cloudwatch:GetMetricData"] };
const KEEPS_RECORD = {
  [TABLE]: ["dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:Query", "dynamodb:UpdateItem"],
};
const ADDS_TO_RECORD = { [TABLE]: ["dynamodb:PutItem", "dynamodb:Query"] };
const READS_HISTORY = { "DeploymentsTable.Arn/index/service-history": ["dynamodb:Query"] };
const READS_OPEN_WORK = { [OPEN_WORK]: ["dynamodb:Query"] };
const READS_STREAM = {
  [STREAM]: [
    "dynamodb:DescribeStream",
    "dynamodb:GetRecords",
    "dynamodb:GetShardIterator",
    "dynamodb:ListStreams",
  ],
};
const READS_POLICIES = { [POLICIES]: ["ssm:GetParameter"] };
const ARCHIVE = "arn:aws:s3:::bellwether-dev-audit-000000000000-eu-west-1";
const READS_SLACK = { [SLACK]: ["ssm:GetParameter"] };

/** What each role may do: resource, then actions. A call that is not here is refused, on AWS and in the local account. */
const EXPECTED: Record<string, Record<string, string[]>> = {
  BeforeAllowTrafficRole: {
    ...logsOf("CodeDeployHook_bellwether-dev-before"),
    ...DEAD_LETTERS,
    [GROUPS]: [...READS_GROUPS, ANSWERS],
    ...READS_REVISIONS,
    [FUNCTIONS]: ["lambda:GetFunctionConfiguration", "lambda:InvokeFunction"],
    ...ADDS_TO_RECORD,
    ...READS_POLICIES,
  },
  AfterAllowTrafficRole: {
    ...logsOf("CodeDeployHook_bellwether-dev-after"),
    ...DEAD_LETTERS,
    [GROUPS]: [...READS_GROUPS, ANSWERS],
    ...READS_REVISIONS,
    ...READS_FUNCTIONS,
    ...READS_METRICS,
    ...ADDS_TO_RECORD,
    ...READS_POLICIES,
  },
  TrackDeploymentRole: {
    ...logsOf("bellwether-dev-track-deployment"),
    ...DEAD_LETTERS,
    [GROUPS]: READS_GROUPS,
    ...READS_REVISIONS,
    ...READS_FUNCTIONS,
    ...ADDS_TO_RECORD,
    ...READS_HISTORY,
    ...READS_POLICIES,
  },
  JudgeCanaryRole: {
    ...logsOf("bellwether-dev-judge-canary"),
    ...DEAD_LETTERS,
    [GROUPS]: [...READS_GROUPS, "codedeploy:ListDeployments", ANSWERS, ...ROLLS_BACK],
    ...REGISTERS_REVISIONS,
    ...READS_CONFIGURATIONS,
    ...PINS_ALIASES,
    ...READS_METRICS,
    ...KEEPS_RECORD,
    ...READS_OPEN_WORK,
    ...READS_STREAM,
    ...READS_HISTORY,
    ...READS_POLICIES,
  },
  RouteAlarmRole: {
    ...logsOf("bellwether-dev-route-alarm"),
    ...DEAD_LETTERS,
    [GROUPS]: [...READS_GROUPS, "codedeploy:ListDeployments", ...ROLLS_BACK],
    ...REGISTERS_REVISIONS,
    ...READS_CONFIGURATIONS,
    ...PINS_ALIASES,
    ...READS_METRICS,
    ...ADDS_TO_RECORD,
    ...READS_OPEN_WORK,
    ...READS_HISTORY,
    ...READS_POLICIES,
  },
  ReconcileRole: {
    ...logsOf("bellwether-dev-reconcile"),
    ...DEAD_LETTERS,
    [GROUPS]: [...READS_GROUPS, "codedeploy:ListDeployments"],
    ...READS_REVISIONS,
    ...READS_FUNCTIONS,
    ...ADDS_TO_RECORD,
    ...READS_OPEN_WORK,
    ...READS_HISTORY,
    ...READS_POLICIES,
  },
  // Who archives the trail cannot write it. The right to sign is in the key's own policy.
  ArchiveAuditRole: {
    ...logsOf("bellwether-dev-archive-audit"),
    ...DEAD_LETTERS,
    [TABLE]: ["dynamodb:Query"],
    ...READS_OPEN_WORK,
    "DeploymentsTable.Arn/index/month-history": ["dynamodb:Query"],
    [ARCHIVE]: ["s3:ListBucket"],
    [`${ARCHIVE}/v1/*`]: ["s3:GetObject", "s3:PutObject"],
  },
  SendNoticesRole: {
    ...logsOf("bellwether-dev-send-notices"),
    ...DEAD_LETTERS,
    ...KEEPS_RECORD,
    ...READS_OPEN_WORK,
    ...READS_STREAM,
    CriticalTopic: ["sns:Publish"],
    WarningTopic: ["sns:Publish"],
    InfoTopic: ["sns:Publish"],
    "TopicsKey.Arn": ["kms:Decrypt", "kms:GenerateDataKey"],
    ...READS_SLACK,
  },
  SlackActionRole: {
    ...logsOf("bellwether-dev-slack-action"),
    ...DEAD_LETTERS,
    [TABLE]: ["dynamodb:PutItem"],
    ...READS_SLACK,
  },
};

/** Who takes on a role, where it is not Lambda. Its own rights: tests/unit/stack/canary.test.ts. */
const OTHER_PRINCIPALS: Record<string, string> = { CodeDeployRole: "codedeploy.amazonaws.com" };

/** Resources that IAM cannot name more narrowly, with the reason. */
const WILDCARDS: Record<string, string> = {
  "cloudwatch:GetMetricData": "CloudWatch knows no resource for reading metrics",
  "cloudwatch:DescribeAlarms": "what CodeDeploy asks for by name is not documented",
};

let template: Template;
beforeAll(async () => {
  template = await templateOf("dev");
});

const statementsOf = (role: Json): Json[] =>
  role.Properties.Policies.flatMap((policy: Json) => resolved(policy.PolicyDocument.Statement));

/** A role's permissions as resource to sorted actions. */
const grantsOf = (role: Json): Record<string, string[]> => {
  const grants: Record<string, string[]> = {};
  for (const { Action, Resource } of statementsOf(role))
    for (const resource of listOf(Resource))
      grants[resource] = [...(grants[resource] ?? []), ...listOf(Action)].sort();
  return grants;
};

const sorted = (grants: Record<string, string[]>): Record<string, string[]> =>
  Object.fromEntries(Object.entries(grants).map(([resource, actions]) => [resource, [...actions].sort()]));

describe("roles", () => {
  it("are those of the functions and of CodeDeploy, and no other", () => {
    expect(
      resourcesOf(template, "AWS::IAM::Role")
        .map(({ logicalId }) => logicalId)
        .sort(),
    ).toEqual([...Object.keys(EXPECTED), ...Object.keys(OTHER_PRINCIPALS)].sort());
  });

  it.each(Object.keys(EXPECTED))("%s may do exactly what its code does", (name) => {
    expect(grantsOf(template.Resources[name])).toEqual(sorted(EXPECTED[name] ?? {}));
  });

  it("only allow, and only the service that needs one may take it on", () => {
    for (const role of resourcesOf(template, "AWS::IAM::Role")) {
      expect(statementsOf(role).every((statement) => statement.Effect === "Allow")).toBe(true);
      expect(role.Properties.AssumeRolePolicyDocument.Statement).toEqual([
        {
          Effect: "Allow",
          Principal: { Service: OTHER_PRINCIPALS[role.logicalId] ?? "lambda.amazonaws.com" },
          Action: "sts:AssumeRole",
        },
      ]);
      expect(role.Properties).not.toHaveProperty("ManagedPolicyArns");
    }
  });

  it("name no action by wildcard, and no resource but where IAM cannot", () => {
    for (const role of resourcesOf(template, "AWS::IAM::Role"))
      for (const { Action, Resource } of statementsOf(role)) {
        expect(listOf(Action).filter((action: string) => action.includes("*"))).toEqual([]);
        if (listOf(Resource).includes("*"))
          expect(listOf(Action).filter((action: string) => !(action in WILDCARDS))).toEqual([]);
      }
  });

  it("give the function that faces the internet nothing but a note and Slack's secret", () => {
    const actions = Object.values(grantsOf(template.Resources.SlackActionRole)).flat();
    expect(actions.filter((action) => /^(codedeploy|lambda|sns|cloudwatch):/.test(action))).toEqual([]);
  });
});
