import { beforeAll, describe, expect, it } from "vitest";
import {
  type Json,
  type Resource,
  resolved,
  resourcesOf,
  STAGES,
  type Template,
  templateOf,
} from "../../support/stack.ts";

const LOCK = {
  local: { Mode: "GOVERNANCE", Days: 1 },
  dev: { Mode: "GOVERNANCE", Days: 1 },
  sit: { Mode: "GOVERNANCE", Days: 90 },
  // Seven years.
  prod: { Mode: "COMPLIANCE", Days: 2557 },
};

describe.each(STAGES)("the audit archive of stage %s", (stage) => {
  let template: Template;
  const find = (logicalId: string): Resource => template.Resources[logicalId] as Resource;

  beforeAll(async () => {
    template = await templateOf(stage);
  });

  it("locks what it holds, and outlives its stack", () => {
    const { Properties, DeletionPolicy } = find("AuditBucket");
    expect(DeletionPolicy).toBe("Retain");
    expect(Properties).toMatchObject({
      ObjectLockEnabled: true,
      ObjectLockConfiguration: { ObjectLockEnabled: "Enabled", Rule: { DefaultRetention: LOCK[stage] } },
      VersioningConfiguration: { Status: "Enabled" },
      PublicAccessBlockConfiguration: {
        BlockPublicAcls: true,
        BlockPublicPolicy: true,
        IgnorePublicAcls: true,
        RestrictPublicBuckets: true,
      },
    });
    expect(JSON.stringify(Properties.BucketEncryption)).toContain("AES256");
    for (const each of ["AuditBucketPolicy", "AuditKey", "AuditKeyAlias"])
      expect(find(each).DeletionPolicy).toBe("Retain");
  });

  it("is written by its function alone, and over encrypted connections alone", () => {
    const statements = resolved(find("AuditBucketPolicy").Properties.PolicyDocument.Statement);
    expect(statements.map(({ Effect }: Json) => Effect)).toEqual(["Deny", "Deny"]);
    expect(statements[0]).toMatchObject({
      Action: "s3:*",
      Condition: { Bool: { "aws:SecureTransport": "false" } },
    });
    expect(statements[1]).toMatchObject({
      Action: "s3:PutObject",
      Condition: { ArnNotEquals: { "aws:PrincipalArn": "ArchiveAuditRole.Arn" } },
    });
  });

  it("is signed for by its function alone: not by the account, whatever its roles may do", () => {
    const { KeyPolicy, KeyUsage } = find("AuditKey").Properties;
    expect(KeyUsage).toBe("SIGN_VERIFY");
    const signers = resolved(KeyPolicy.Statement).filter(({ Action }: Json) =>
      [Action].flat().some((action: string) => /^kms:(\*|S\*|Sign)/.test(action)),
    );
    expect(signers.map(({ Principal }: Json) => Principal)).toEqual([{ AWS: "ArchiveAuditRole.Arn" }]);
  });

  it("has no second writer or reader in the stack", () => {
    const roles = resourcesOf(template, "AWS::IAM::Role").filter(({ Properties }) =>
      /"(s3:|kms:Sign)/.test(JSON.stringify(Properties.Policies ?? [])),
    );
    expect(roles.map(({ logicalId }) => logicalId)).toEqual(["ArchiveAuditRole"]);
  });
});
