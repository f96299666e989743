import { readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { ensurePackage } from "../../../build/package.ts";
import {
  type Json,
  type Resource,
  resolved,
  resourcesOf,
  STAGES,
  type Template,
  templateOf,
  textOf,
} from "../../support/stack.ts";

describe.each(STAGES)("the table of stage %s", (stage) => {
  let template: Template;
  let table: Resource;

  beforeAll(async () => {
    template = await templateOf(stage);
    table = resourcesOf(template, "AWS::DynamoDB::Table")[0] as Resource;
  });

  it("is the only one, under its contracted name", () => {
    expect(resourcesOf(template, "AWS::DynamoDB::Table")).toHaveLength(1);
    expect(table.Properties.TableName).toBe(`bellwether-${stage}-deployments`);
  });

  it("is encrypted, restorable to any second, paid by use, and forgets what says so", () => {
    expect(table.Properties).toMatchObject({
      BillingMode: "PAY_PER_REQUEST",
      PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
      SSESpecification: { SSEEnabled: true },
      StreamSpecification: { StreamViewType: "NEW_IMAGE" },
      TimeToLiveSpecification: { Enabled: true, AttributeName: "forgetAt" },
    });
  });

  it("outlives its stack in production, and only there", () => {
    const isProduction = stage === "prod";
    expect(table.Properties.DeletionProtectionEnabled).toBe(isProduction);
    expect(table.DeletionPolicy).toBe(isProduction ? "Retain" : "Delete");
  });

  it("has the lists that its readers ask for", () => {
    const keys = (schema: Json[]): string[] =>
      schema.map(({ AttributeName, KeyType }) => `${KeyType} ${AttributeName}`);
    expect(keys(table.Properties.KeySchema)).toEqual(["HASH pk", "RANGE sk"]);
    const indexes = table.Properties.GlobalSecondaryIndexes.map((index: Json) => [
      index.IndexName,
      keys(index.KeySchema),
    ]);
    expect(Object.fromEntries(indexes)).toEqual({
      "open-work": ["HASH openKind", "RANGE openSince"],
      "service-history": ["HASH service", "RANGE requestedAt"],
      "release-history": ["HASH releaseId", "RANGE requestedAt"],
      "month-history": ["HASH month", "RANGE requestedAt"],
    });
  });

  it("declares every attribute that a key uses, and no other", () => {
    const { AttributeDefinitions, GlobalSecondaryIndexes, KeySchema } = table.Properties;
    const used = [KeySchema, ...GlobalSecondaryIndexes.map((index: Json) => index.KeySchema)].flat();
    expect(AttributeDefinitions.map((each: Json) => each.AttributeName).sort()).toEqual(
      [...new Set(used.map((key: Json) => key.AttributeName))].sort(),
    );
  });
});

describe("where people and dead letters are", () => {
  let template: Template;

  beforeAll(async () => {
    template = await templateOf("sit");
  });

  it("has a topic for each severity and one for dead letters", () => {
    const names = resourcesOf(template, "AWS::SNS::Topic").map(({ Properties }) => Properties.TopicName);
    expect(names.sort()).toEqual(
      ["critical", "dlq", "info", "warning"].map((name) => `bellwether-sit-${name}`),
    );
  });

  it("lets this account's alarms publish, and EventBridge, which can show no condition", () => {
    const policies = resourcesOf(template, "AWS::SNS::TopicPolicy").map(({ Properties }) =>
      resolved(Properties),
    );
    expect(policies.map(({ Topics }) => Topics[0]).sort()).toEqual([
      "CriticalTopic",
      "DlqTopic",
      "InfoTopic",
      "WarningTopic",
    ]);
    for (const { Topics, PolicyDocument } of policies) {
      const [eventBridge, alarms] = PolicyDocument.Statement;
      expect(eventBridge).toMatchObject({
        Principal: { Service: "events.amazonaws.com" },
        Resource: Topics[0],
      });
      expect(eventBridge).not.toHaveProperty("Condition");
      expect(alarms).toMatchObject({
        Principal: { Service: "cloudwatch.amazonaws.com" },
        Resource: Topics[0],
        Condition: { StringEquals: { "aws:SourceAccount": "000000000000" } },
      });
      expect(PolicyDocument.Statement).toHaveLength(2);
    }
  });

  it("encrypts every topic with one key, which alarms and EventBridge may use to publish", () => {
    for (const { Properties } of resourcesOf(template, "AWS::SNS::Topic"))
      expect(textOf(Properties.KmsMasterKeyId)).toBe("TopicsKey");
    const key = resourcesOf(template, "AWS::KMS::Key").find(({ logicalId }) => logicalId === "TopicsKey");
    expect(key?.Properties).toMatchObject({ EnableKeyRotation: true, PendingWindowInDays: 30 });
    const [account, eventBridge, alarms, ...more] = resolved(key?.Properties.KeyPolicy.Statement);
    expect(account.Principal).toEqual({ AWS: "arn:aws:iam::000000000000:root" });
    expect(eventBridge).toEqual({
      Sid: "EventBridge",
      Effect: "Allow",
      Principal: { Service: "events.amazonaws.com" },
      Action: ["kms:Decrypt", "kms:GenerateDataKey"],
      Resource: "*",
    });
    expect(alarms).toMatchObject({
      Principal: { Service: "cloudwatch.amazonaws.com" },
      Action: ["kms:Decrypt", "kms:GenerateDataKey*"],
      Condition: { StringEquals: { "aws:SourceAccount": "000000000000" } },
    });
    expect(more).toEqual([]);
  });

  it("keeps dead letters encrypted, in a standard queue, for the longest time there is", () => {
    const [queue] = resourcesOf(template, "AWS::SQS::Queue");
    expect(queue?.Properties).toEqual({
      QueueName: "bellwether-sit-dlq",
      SqsManagedSseEnabled: true,
      MessageRetentionPeriod: 1_209_600,
    });
  });

  it("stands in Cape Town in production and in Ireland before", async () => {
    const regionOf = async (stage: string): Promise<string> => {
      const { dir } = await ensurePackage(stage);
      return JSON.parse(readFileSync(join(dir, "serverless-state.json"), "utf8")).service.provider.region;
    };
    expect(await regionOf("prod")).toBe("af-south-1");
    expect(await regionOf("sit")).toBe("eu-west-1");
  });
});
