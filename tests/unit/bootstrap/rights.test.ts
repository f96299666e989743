import { spawnSync } from "node:child_process";
import { describe, expect, it } from "vitest";
import { evaluate } from "../../../local/iam/evaluate.ts";
import {
  ACCOUNTS,
  BOOTSTRAP_FILE,
  bootstrapResources,
  bootstrapTemplate,
  DEPLOYED_STAGES,
  parametersFor,
} from "../../support/bootstrap.ts";
import { type Json, listOf, resolved, resourcesOf, templateOf } from "../../support/stack.ts";

/** What may stand on `*`, and why. */
const ON_EVERYTHING: Record<string, string> = {
  "cloudformation:ValidateTemplate": "knows no resource; Serverless asks before it deploys",
  "cloudwatch:DescribeAlarms": "knows no resource but *",
  "lambda:ListEventSourceMappings": "knows no resource",
  "ssm:DescribeParameters": "lists by name, without values: a deploy asks whether Slack's secret is there",
  "logs:DescribeLogGroups": "lists by prefix of the whole Region",
  "kms:CreateKey": "a key has no name before it is made; its tags are asked for",
  "kms:TagResource": "the tags of a key that is being made; which tags is asked for",
  "cloudwatch:GetMetricData": "knows no resource",
};

const ofStage = (stage: (typeof DEPLOYED_STAGES)[number]) =>
  bootstrapResources(stage, parametersFor(stage, "immutable"));
const prod = ofStage("prod");
const [DEPLOY] = prod.DeployRole.Policies.map((policy: Json) => policy.PolicyDocument);
const [PLAN] = prod.PlanRole.Policies.map((policy: Json) => policy.PolicyDocument);
const BOUNDARY = prod.Boundary.PolicyDocument;
const { account, region } = ACCOUNTS.prod;

const arn = (service: string, rest: string): string => `arn:aws:${service}:${region}:${account}:${rest}`;
const iam = (rest: string): string => `arn:aws:iam::${account}:${rest}`;
const BOUNDARY_ARN = iam("policy/bellwether-bootstrap-prod-boundary");
const bounded = { "iam:PermissionsBoundary": BOUNDARY_ARN };
const STACK_ROLE = iam("role/bellwether-prod-JudgeCanaryRole-1ABC");

/** What is tried, the action, the resource, and what the request says besides. */
type Try = readonly [string, string, string, Record<string, string>?];

const asCase = ([what, action, resource, context = {}]: Try) => ({ what, action, resource, context });

const decide = (
  document: Json,
  action: string,
  resource: string,
  context: Record<string, string> = {},
): string => evaluate([document], { action, resource, context }, {});

const MAY: readonly Try[] = [
  ["updates its stack", "cloudformation:UpdateStack", arn("cloudformation", "stack/bellwether-prod/1")],
  ["makes a role that bears the boundary", "iam:CreateRole", STACK_ROLE, bounded],
  ["gives such a role a policy", "iam:PutRolePolicy", STACK_ROLE, bounded],
  ["passes a role to Lambda", "iam:PassRole", STACK_ROLE, { "iam:PassedToService": "lambda.amazonaws.com" }],
  ["makes a function", "lambda:CreateFunction", arn("lambda", "function:bellwether-prod-judge-canary")],
  ["makes a hook", "lambda:CreateFunction", arn("lambda", "function:CodeDeployHook_bellwether-prod-before")],
  [
    "feeds a function",
    "lambda:CreateEventSourceMapping",
    arn("lambda", "event-source-mapping:*"),
    { "lambda:FunctionArn": arn("lambda", "function:bellwether-prod-send-notices") },
  ],
  ["makes a rule", "events:PutRule", arn("events", "rule/bellwether-prod-judge-every-minute")],
  ["makes the table", "dynamodb:CreateTable", arn("dynamodb", "table/bellwether-prod-deployments")],
  ["keeps a hook's name", "ssm:PutParameter", arn("ssm", "parameter/bellwether/prod/hooks/before/name")],
  [
    "uploads a package",
    "s3:PutObject",
    "arn:aws:s3:::bellwether-prod-serverlessdeploymentbucket-1/serverless/x.zip",
  ],
  [
    "keeps a release",
    "s3:PutObject",
    `arn:aws:s3:::bellwether-bootstrap-prod-artifacts-${account}-${region}/releases/x`,
  ],
];

const MAY_NOT: readonly Try[] = [
  ["another stack", "cloudformation:UpdateStack", arn("cloudformation", "stack/checkout/1")],
  [
    "a stack whose name begins alike",
    "cloudformation:UpdateStack",
    arn("cloudformation", "stack/bellwether-prod2/1"),
  ],
  [
    "its own stack's bootstrap",
    "cloudformation:UpdateStack",
    arn("cloudformation", "stack/bellwether-bootstrap-prod/1"),
  ],
  ["another stage's stack", "cloudformation:UpdateStack", arn("cloudformation", "stack/bellwether-dev/1")],
  ["a role without the boundary", "iam:CreateRole", STACK_ROLE],
  [
    "a role with another boundary",
    "iam:CreateRole",
    STACK_ROLE,
    { "iam:PermissionsBoundary": iam("policy/wide") },
  ],
  ["a policy of a role without the boundary", "iam:PutRolePolicy", STACK_ROLE],
  ["a role's boundary, to take it away", "iam:DeleteRolePermissionsBoundary", STACK_ROLE, bounded],
  [
    "a role's boundary, to widen it",
    "iam:PutRolePermissionsBoundary",
    STACK_ROLE,
    { "iam:PermissionsBoundary": iam("policy/wide") },
  ],
  ["its own trust policy", "iam:UpdateAssumeRolePolicy", iam("role/bellwether-bootstrap-prod-deploy")],
  ["its own rights", "iam:PutRolePolicy", iam("role/bellwether-bootstrap-prod-deploy"), bounded],
  ["the boundary", "iam:CreatePolicyVersion", BOUNDARY_ARN],
  [
    "the OIDC provider",
    "iam:UpdateOpenIDConnectProviderThumbprint",
    iam("oidc-provider/token.actions.githubusercontent.com"),
  ],
  ["a user", "iam:CreateUser", iam("user/bellwether-prod-x")],
  ["another role to be", "sts:AssumeRole", STACK_ROLE],
  ["a role for a machine", "iam:PassRole", STACK_ROLE, { "iam:PassedToService": "ec2.amazonaws.com" }],
  [
    "a stranger's role for Lambda",
    "iam:PassRole",
    iam("role/Admin"),
    { "iam:PassedToService": "lambda.amazonaws.com" },
  ],
  ["a service's function", "lambda:UpdateFunctionCode", arn("lambda", "function:checkout")],
  ["records", "dynamodb:GetItem", arn("dynamodb", "table/bellwether-prod-deployments")],
  [
    "a kept release, to delete it",
    "s3:DeleteObject",
    `arn:aws:s3:::bellwether-bootstrap-prod-artifacts-${account}-${region}/releases/x`,
  ],
  [
    "a stack bucket's objects, but old uploads",
    "s3:DeleteObject",
    "arn:aws:s3:::bellwether-prod-audit/2026/x",
  ],
  ["a locked object's lock", "s3:BypassGovernanceRetention", "arn:aws:s3:::bellwether-prod-audit/2026/x"],
  ["Slack's secrets", "ssm:GetParameter", arn("ssm", "parameter/bellwether/prod/slack/token")],
  ["the signing key's end", "kms:ScheduleKeyDeletion", arn("kms", "key/signing")],
  ["the signing key's alias", "kms:UpdateAlias", arn("kms", "alias/bellwether-prod-signing")],
  ["a key without the stack's tags", "kms:CreateKey", "*"],
];

describe("the deploy role", () => {
  it.each(MAY.map(asCase))("$what", ({ action, resource, context }) => {
    expect(decide(DEPLOY, action, resource, context)).toBe("allowed");
  });

  it.each(MAY_NOT.map(asCase))("may not touch $what", ({ action, resource, context }) => {
    expect(decide(DEPLOY, action, resource, context)).not.toBe("allowed");
  });
});

describe("the plan role", () => {
  it("reads what the stack is made of, and nothing else", () => {
    const allowed = PLAN.Statement.filter(({ Effect }: Json) => Effect === "Allow");
    expect(allowed.flatMap(({ Action }: Json) => listOf(Action))).toEqual([
      "cloudformation:DescribeStackEvents",
      "cloudformation:DescribeStackResources",
      "cloudformation:DescribeStacks",
      "cloudformation:GetTemplate",
      "cloudformation:ListStackResources",
    ]);
    expect(allowed.flatMap(({ Resource }: Json) => listOf(Resource))).toEqual([
      arn("cloudformation", "stack/bellwether-prod/*"),
    ]);
  });

  it("stays blind to secrets and data when somebody gives it ReadOnlyAccess", () => {
    const everything = { Statement: [{ Effect: "Allow", Action: "*", Resource: "*" }] };
    for (const action of [
      "ssm:GetParameter",
      "secretsmanager:GetSecretValue",
      "dynamodb:Query",
      "s3:GetObject",
      "kms:Decrypt",
      "sts:AssumeRole",
    ])
      expect(evaluate([PLAN, everything], { action, resource: "arn:aws:any:::x", context: {} }, {})).toBe(
        "explicit-deny",
      );
  });
});

describe("the boundary", () => {
  it("lets every function of the stack do what its role says", async () => {
    const boundary = bootstrapResources("dev", parametersFor("dev", "immutable")).Boundary.PolicyDocument;
    const template = await templateOf("dev");
    // Tests of the stack answer pseudo parameters with another account: the boundary's ARNs are held against that.
    const here = JSON.parse(JSON.stringify(boundary).replaceAll(ACCOUNTS.dev.account, "000000000000"));
    const physical = (text: string): string =>
      text
        .replace(
          /^DeploymentsTable\.StreamArn$/,
          "arn:aws:dynamodb:eu-west-1:000000000000:table/bellwether-dev-deployments/stream/1",
        )
        .replace(
          /^DeploymentsTable\.Arn/,
          "arn:aws:dynamodb:eu-west-1:000000000000:table/bellwether-dev-deployments",
        )
        .replace(/^(Topics|Log|Audit)Key\.Arn$/, "arn:aws:kms:eu-west-1:000000000000:key/1")
        .replace(/^(\w+)LambdaFunction\.Arn/, "arn:aws:lambda:eu-west-1:000000000000:function:$1")
        .replace(/^DeadLetters\.Arn$/, "arn:aws:sqs:eu-west-1:000000000000:bellwether-dev-dlq")
        .replace(/^(Critical|Warning|Info)Topic$/, "arn:aws:sns:eu-west-1:000000000000:bellwether-dev-topic");
    const refused = resourcesOf(template, "AWS::IAM::Role").flatMap(({ logicalId, Properties }) =>
      (Properties.Policies ?? [])
        .flatMap((policy: Json) => policy.PolicyDocument.Statement)
        .flatMap((statement: Json) =>
          listOf(statement.Action).flatMap((action: string) =>
            listOf(resolved(statement.Resource))
              .filter(
                (resource: string) =>
                  evaluate([here], { action, resource: physical(resource), context: {} }, {}) !== "allowed",
              )
              .map((resource: string) => `${logicalId}: ${action} on ${resource}`),
          ),
        ),
    );
    expect(refused).toEqual([]);
  });

  it.each([
    ["make a role", "iam:CreateRole", STACK_ROLE],
    ["be another role", "sts:AssumeRole", iam("role/Admin")],
    ["change code", "lambda:UpdateFunctionCode", arn("lambda", "function:checkout")],
    ["read another application's parameters", "ssm:GetParameter", arn("ssm", "parameter/checkout/password")],
    ["read another table", "dynamodb:GetItem", arn("dynamodb", "table/customers")],
    ["empty the record", "dynamodb:DeleteItem", arn("dynamodb", "table/bellwether-prod-deployments")],
    ["delete what is audited", "s3:DeleteObjectVersion", "arn:aws:s3:::bellwether-prod-audit/x"],
  ] as const)("lets no function %s", (_what, action, resource) => {
    expect(decide(BOUNDARY, action, resource)).toBe("implicit-deny");
  });
});

describe("the template", () => {
  it.each(DEPLOYED_STAGES)("names a reason for every right on * in %s, and fits IAM's sizes", (stage) => {
    const resources = ofStage(stage);
    const documents = [
      resources.DeployRole.Policies[0].PolicyDocument,
      resources.PlanRole.Policies[0].PolicyDocument,
      resources.Boundary.PolicyDocument,
    ];
    const wide = documents
      .flatMap(({ Statement }: Json) => Statement)
      .filter(({ Effect, Resource }: Json) => Effect === "Allow" && listOf(Resource).includes("*"))
      .flatMap(({ Action }: Json) => listOf(Action));
    expect(wide.filter((action: string) => !(action in ON_EVERYTHING))).toEqual([]);
    expect(JSON.stringify(documents[0]).length).toBeLessThanOrEqual(10_240);
    expect(JSON.stringify(documents[2]).length).toBeLessThanOrEqual(6_144);
  });

  it("keeps what must outlive the stack, and lets nobody but the deploy role sign", () => {
    const template = bootstrapTemplate();
    for (const kept of ["GitHubProvider", "Artifacts", "SigningKey"])
      expect(template.Resources[kept]).toMatchObject({
        DeletionPolicy: "Retain",
        UpdateReplacePolicy: "Retain",
      });
    const { KeyPolicy, KeySpec, KeyUsage } = prod.SigningKey;
    expect([KeySpec, KeyUsage]).toEqual(["ECC_NIST_P256", "SIGN_VERIFY"]);
    const signs = (who: string): string =>
      evaluate(
        [
          {
            Statement: KeyPolicy.Statement.filter(
              ({ Principal }: Json) => Principal === "*" || Principal.AWS === who,
            ),
          },
        ],
        { action: "kms:Sign", resource: arn("kms", "key/signing"), context: { "aws:PrincipalArn": who } },
        {},
      );
    expect(signs(iam("role/bellwether-bootstrap-prod-deploy"))).toBe("allowed");
    expect(signs(iam("root"))).toBe("explicit-deny");
    expect(signs(STACK_ROLE)).toBe("explicit-deny");
  });

  it("uses an OIDC provider that the account has already, and makes no second one", () => {
    const ExistingProviderArn = iam("oidc-provider/token.actions.githubusercontent.com");
    const resources = bootstrapResources("prod", {
      ...parametersFor("prod", "immutable"),
      ExistingProviderArn,
    });
    expect(resources.GitHubProvider).toBeUndefined();
    for (const role of ["DeployRole", "PlanRole"])
      expect(resources[role].AssumeRolePolicyDocument.Statement[0].Principal).toEqual({
        Federated: ExistingProviderArn,
      });
  });

  it("uses no YAML that CloudFormation does not read, and passes cfn-lint", () => {
    const ran = spawnSync("cfn-lint", [BOOTSTRAP_FILE], { encoding: "utf8" });
    if (ran.error !== undefined)
      process.stderr.write(
        "cfn-lint is not installed (pip install cfn-lint): the bootstrap template is not linted\n",
      );
    else expect(ran.stdout).toBe("");
    expect(JSON.stringify(bootstrapTemplate()).length).toBeLessThan(51_200);
  });
});
