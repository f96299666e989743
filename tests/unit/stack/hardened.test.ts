/** What cfn-lint has nothing to say about, and must hold all the same, in the packaged template of every stage. */
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { ROOT } from "../../../build/handlers.ts";
import { readStage } from "../../../build/stages.ts";
import {
  type Json,
  listOf,
  resolved,
  resourcesOf,
  STAGES,
  type Template,
  templateOf,
  textOf,
} from "../../support/stack.ts";

/** Who may say "everything": an action's own resource, or a key's policy, which is about the key it stands on. */
const EVERYTHING: Readonly<Record<string, string>> = {
  "cloudwatch:GetMetricData": "CloudWatch knows no resource for reading metrics",
  "cloudwatch:DescribeAlarms": "CodeDeploy asks by name, and a composite alarm can be read on all only",
};

describe.each(STAGES)("the template of stage %s", (stage) => {
  const file = readStage(stage);
  let template: Template;

  beforeAll(async () => {
    template = await templateOf(stage);
  });

  it("keeps what could not be done: every target, function and stream has somewhere to put it", () => {
    for (const { Properties } of resourcesOf(template, "AWS::Events::Rule"))
      for (const target of Properties.Targets)
        expect(textOf(target.DeadLetterConfig.Arn)).toBe("DeadLetters.Arn");
    const kept = resourcesOf(template, "AWS::Lambda::EventInvokeConfig").map(({ Properties }) => [
      textOf(Properties.FunctionName),
      textOf(Properties.DestinationConfig.OnFailure.Destination),
    ]);
    expect(Object.fromEntries(kept)).toEqual(
      Object.fromEntries(
        resourcesOf(template, "AWS::Lambda::Function").map(({ logicalId }) => [logicalId, "DeadLetters.Arn"]),
      ),
    );
    for (const { Properties } of resourcesOf(template, "AWS::Lambda::EventSourceMapping"))
      expect(textOf(Properties.DestinationConfig.OnFailure.Destination)).toBe("DeadLetters.Arn");
  });

  it("can restore its tables, encrypts them, and protects them as the stage says", () => {
    for (const { Properties, DeletionPolicy } of resourcesOf(template, "AWS::DynamoDB::Table")) {
      expect(Properties.PointInTimeRecoverySpecification.PointInTimeRecoveryEnabled).toBe(true);
      expect(Properties.SSESpecification.SSEEnabled).toBe(true);
      expect(Properties.DeletionProtectionEnabled).toBe(file.tableDeletionProtection);
      expect(DeletionPolicy).toBe(file.tableRetention);
    }
  });

  it("encrypts topics, queues and buckets, and rotates its keys", () => {
    for (const { Properties } of resourcesOf(template, "AWS::SNS::Topic"))
      expect(textOf(Properties.KmsMasterKeyId)).toBe("TopicsKey");
    for (const { Properties } of resourcesOf(template, "AWS::SQS::Queue"))
      expect(Properties.SqsManagedSseEnabled).toBe(true);
    for (const { Properties } of resourcesOf(template, "AWS::S3::Bucket"))
      expect(Properties.BucketEncryption).toBeDefined();
    // A key that signs cannot rotate: what it signed is checked with the same key seven years later.
    for (const { Properties } of resourcesOf(template, "AWS::KMS::Key"))
      expect(Properties.EnableKeyRotation === true).toBe(Properties.KeyUsage !== "SIGN_VERIFY");
  });

  it("keeps every log as long as the stage says", () => {
    const groups = resourcesOf(template, "AWS::Logs::LogGroup");
    expect(groups.length).toBe(resourcesOf(template, "AWS::Lambda::Function").length);
    for (const { Properties } of groups) expect(Properties.RetentionInDays).toBe(file.logRetentionInDays);
  });

  it("allows nobody everything, but where IAM knows no less", () => {
    for (const { Properties } of resourcesOf(template, "AWS::IAM::Role"))
      for (const { Action, Resource } of Properties.Policies.flatMap(
        (policy: Json) => resolved(policy.PolicyDocument.Statement) as Json[],
      )) {
        expect(listOf(Action).join()).not.toContain("*");
        if (listOf(Resource).includes("*"))
          expect(listOf(Action).filter((action: string) => !(action in EVERYTHING))).toEqual([]);
      }
  });
});

const hasCfnLint = spawnSync("cfn-lint", ["--version"]).status === 0;
if (!hasCfnLint)
  process.stderr.write(
    "cfn-lint is not installed (pip install cfn-lint): the example alarms are not linted\n",
  );

describe("the alarms for a service of your own", () => {
  it.skipIf(!hasCfnLint)("are a template that cfn-lint has nothing to say about", () => {
    const { stdout, status } = spawnSync("cfn-lint", [join(ROOT, "examples/alarms/alarms.yml")], {
      encoding: "utf8",
    });
    expect([stdout, status]).toEqual(["", 0]);
  });
});
