import { PublishCommand, SNSClient } from "@aws-sdk/client-sns";
import { GetParameterCommand, PutParameterCommand, SSMClient } from "@aws-sdk/client-ssm";
import { GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { Json } from "../../local/account.ts";
import { evaluate, parsePolicyDocument } from "../../local/iam/evaluate.ts";
import { type ServedAccount, serveAccount } from "../support/served-account.ts";

const READER = "arn:aws:iam::000000000000:role/reader";
const TRUST = { Version: "2012-10-17", Statement: [] };

const allow = (Action: Json, Resource: Json = "*", Condition?: Json): Json => ({
  Effect: "Allow",
  Action,
  Resource,
  ...(Condition && { Condition }),
});
const documentOf = (...Statement: readonly Json[]): Json => ({ Version: "2012-10-17", Statement });

const decide = (statements: readonly Json[], action: string, resource: string, context = {}) =>
  evaluate([parsePolicyDocument(documentOf(...statements))], { action, resource }, context);

describe("an IAM policy", () => {
  it("refuses what no statement allows", () => {
    expect(decide([allow("sqs:SendMessage")], "sqs:DeleteQueue", "q")).toBe("implicit-deny");
  });

  it("lets a Deny win over any Allow", () => {
    const statements = [allow("*"), { Effect: "Deny", Action: "ssm:*", Resource: "*" }];
    expect(decide(statements, "ssm:GetParameter", "p")).toBe("explicit-deny");
    expect(decide(statements, "sns:Publish", "t")).toBe("allowed");
  });

  it("reads actions in any case, resources in theirs", () => {
    const statements = [allow("SSM:getparameter", "arn:aws:ssm:*:*:parameter/A")];
    expect(decide(statements, "ssm:GetParameter", "arn:aws:ssm:eu-west-1:0:parameter/A")).toBe("allowed");
    expect(decide(statements, "ssm:GetParameter", "arn:aws:ssm:eu-west-1:0:parameter/a")).toBe(
      "implicit-deny",
    );
  });

  it("knows * as any run of characters and ? as one", () => {
    const statements = [allow("lambda:Get*", "arn:aws:lambda:*:*:function:v?-*")];
    expect(decide(statements, "lambda:GetAlias", "arn:aws:lambda:r:a:function:v1-x:live")).toBe("allowed");
    expect(decide(statements, "lambda:GetAlias", "arn:aws:lambda:r:a:function:v10-x")).toBe("implicit-deny");
  });

  it("reads NotAction and NotResource as everything else", () => {
    const statements = [{ Effect: "Allow", NotAction: "iam:*", NotResource: "arn:aws:s3:::secret" }];
    expect(decide(statements, "s3:GetObject", "arn:aws:s3:::open")).toBe("allowed");
    expect(decide(statements, "s3:GetObject", "arn:aws:s3:::secret")).toBe("implicit-deny");
    expect(decide(statements, "iam:CreateRole", "arn:aws:s3:::open")).toBe("implicit-deny");
  });

  it.each([
    ["StringEquals", "a", { k: "a" }, true],
    ["StringEquals", "a", { k: "b" }, false],
    ["StringEquals", ["a", "b"], { k: "b" }, true],
    ["StringEquals", "a", {}, false],
    ["StringEqualsIfExists", "a", {}, true],
    ["StringEqualsIfExists", "a", { k: "b" }, false],
    ["StringNotEquals", "a", { k: "b" }, true],
    ["StringNotEquals", ["a", "b"], { k: "b" }, false],
    ["StringNotEquals", "a", {}, true],
    ["StringLike", "a*", { k: "abc" }, true],
    ["StringNotLike", "a*", { k: "abc" }, false],
    ["ArnLike", "arn:aws:sns:*:1:t-*", { k: "arn:aws:sns:eu:1:t-a" }, true],
    ["ArnLike", "arn:aws:*:t", { k: "arn:aws:sns:eu:1:t" }, false],
    ["ArnEquals", "arn:aws:sns:eu:1:t", { k: "arn:aws:sns:eu:1:t" }, true],
    ["Bool", "true", { k: "true" }, true],
    ["Bool", false, { k: "true" }, false],
    ["NumericLessThan", "5", { k: "4" }, true],
    ["Null", "true", {}, true],
    ["Null", "true", { k: "a" }, false],
    ["ForAllValues:StringEquals", "a", {}, true],
    ["ForAnyValue:StringEquals", "a", {}, false],
  ])("with the condition %s %j of %j holds: %s", (operator, expected, context, isHeld) => {
    const decision = decide([allow("*", "*", { [operator]: { K: expected } })], "a:B", "r", context);
    expect(decision).toBe(isHeld ? "allowed" : "implicit-deny");
  });

  it.each([
    ["no statement", { Version: "2012-10-17" }],
    ["an unknown effect", documentOf({ Effect: "Maybe", Action: "*", Resource: "*" })],
    ["no resource", documentOf({ Effect: "Allow", Action: "*" })],
    ["Action and NotAction", documentOf({ Effect: "Allow", Action: "*", NotAction: "a:B", Resource: "*" })],
    ["an action without a service", documentOf(allow("Publish"))],
    ["a resource that is no ARN", documentOf(allow("*", "my-topic"))],
    ["an unknown operator", documentOf(allow("*", "*", { StringSmells: { k: "a" } }))],
    ["text that is no JSON", "{"],
  ])("with %s is malformed", (_what, document) => {
    expect(() => parsePolicyDocument(document)).toThrow(
      expect.objectContaining({ code: "MalformedPolicyDocument" }),
    );
  });
});

describe("a function's credentials", () => {
  let served: ServedAccount;
  let topic: string;

  beforeAll(async () => {
    served = await serveAccount();
    const makers = served.services.flatMap(({ resources }) => Object.entries(resources ?? {}));
    const make = async (type: string, properties: Json, logicalId: string) =>
      makers.find(([name]) => name === type)?.[1](properties, { logicalId, stackName: "stack" });
    topic = (await make("AWS::SNS::Topic", { TopicName: "told" }, "Topic"))?.ref ?? "";
    await make(
      "AWS::IAM::Role",
      {
        RoleName: "reader",
        AssumeRolePolicyDocument: TRUST,
        Policies: [
          {
            PolicyName: "calls",
            PolicyDocument: documentOf(allow("ssm:GetParameter", "arn:aws:ssm:*:*:parameter/open/*")),
          },
        ],
        ManagedPolicyArns: ["arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"],
      },
      "Reader",
    );
    const owner = new SSMClient(served.settings);
    for (const Name of ["/open/a", "/closed/a"])
      await owner.send(new PutParameterCommand({ Name, Value: "x", Type: "String" }));
    owner.destroy();
  });
  afterAll(() => served.close());
  beforeEach(() => served.account.faults.clear());

  const settings = () => {
    const credentials = served.account.iam.credentialsFor(READER, "reader-function");
    return { ...served.settings, credentials };
  };

  it("are the same for the same role and function", () => {
    const { iam } = served.account;
    expect(iam.credentialsFor(READER, "f")).toEqual(iam.credentialsFor(READER, "f"));
    expect(iam.credentialsFor(READER, "f")).not.toEqual(iam.credentialsFor(READER, "g"));
  });

  it("say who calls", async () => {
    const { Account, Arn } = await new STSClient(settings()).send(new GetCallerIdentityCommand({}));
    expect([Account, Arn]).toEqual([
      "000000000000",
      "arn:aws:sts::000000000000:assumed-role/reader/reader-function",
    ]);
  });

  it("that nobody gave out are the owner's", async () => {
    const { Arn } = await new STSClient(served.settings).send(new GetCallerIdentityCommand({}));
    expect(Arn).toBe("arn:aws:iam::000000000000:root");
  });

  it("may do what the role allows, and that is kept", async () => {
    const found = await new SSMClient(settings()).send(new GetParameterCommand({ Name: "/open/a" }));
    expect(found.Parameter?.Value).toBe("x");
    expect([...served.account.iam.used]).toContain(
      "reader-function ssm:GetParameter arn:aws:ssm:eu-west-1:000000000000:parameter/open/a",
    );
  });

  it("are refused everything else in AWS's words, and that is kept", async () => {
    const resource = "arn:aws:ssm:eu-west-1:000000000000:parameter/closed/a";
    await expect(
      new SSMClient(settings()).send(new GetParameterCommand({ Name: "/closed/a" })),
    ).rejects.toMatchObject({
      name: "AccessDeniedException",
      message: `User: arn:aws:sts::000000000000:assumed-role/reader/reader-function is not authorized to perform: ssm:GetParameter on resource: ${resource} because no identity-based policy allows the ssm:GetParameter action`,
    });
    expect(served.account.iam.denied.at(-1)).toMatchObject({
      principalArn: READER,
      action: "ssm:GetParameter",
      resource,
    });
  });

  it("are refused by query services under the name that those use", async () => {
    await expect(
      new SNSClient(settings()).send(new PublishCommand({ TopicArn: topic, Message: "m" })),
    ).rejects.toMatchObject({ name: "AccessDenied", $metadata: { httpStatusCode: 403 } });
  });

  it("die with their invocation before or after a call when that is set", async () => {
    served.running.set("reader-function", "invocation-1");
    for (const kind of ["crash-before", "crash-after"] as const) {
      served.account.faults.add({ kind, functionName: "reader-function", times: 1 });
      const call = new SSMClient(settings()).send(new GetParameterCommand({ Name: "/open/a" }), {
        abortSignal: AbortSignal.timeout(200),
      });
      await expect(call).rejects.toThrow();
    }
    served.running.clear();
    expect(served.killed).toEqual(["invocation-1", "invocation-1"]);
  });
});

describe("a role for CodeDeploy", () => {
  it.each([
    ["AWSCodeDeployRoleForLambda", true],
    ["AWSCodeDeployRoleForLambdaLimited", false],
  ])("with %s may move aliases and run named hooks; may publish: %s", async (policy, mayPublish) => {
    const served = await serveAccount();
    const { iam } = served.account;
    const role = served.services.find(({ name }) => name === "iam")?.resources?.["AWS::IAM::Role"];
    const made = await role?.(
      {
        AssumeRolePolicyDocument: TRUST,
        ManagedPolicyArns: [`arn:aws:iam::aws:policy/service-role/${policy}`],
      },
      { logicalId: "CodeDeployRole", stackName: "stack" },
    );
    const may = (action: string, resource: string) =>
      iam.allows(made?.attributes?.Arn ?? "", { action, resource });
    const named = "arn:aws:lambda:eu-west-1:000000000000:function:";
    expect(may("lambda:UpdateAlias", `${named}checkout:live`)).toBe(true);
    expect(may("lambda:InvokeFunction", `${named}CodeDeployHook_x`)).toBe(true);
    expect(may("lambda:InvokeFunction", `${named}other-hook`)).toBe(false);
    expect(may("sns:Publish", "arn:aws:sns:eu-west-1:000000000000:t")).toBe(mayPublish);
    await served.close();
  });
});
