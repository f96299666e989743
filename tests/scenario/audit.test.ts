/** Seven years begin with an hour: a deployment is rolled back, the hour passes, the archive is whole; then somebody tampers. */

import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DynamoDBClient, UpdateItemCommand } from "@aws-sdk/client-dynamodb";
import { GetPublicKeyCommand, KMSClient } from "@aws-sdk/client-kms";
import { afterAll, beforeAll, expect, test } from "vitest";
import { realParts } from "../../cli/parts.ts";
import { nextLines } from "../../lib/deployment/audit.ts";
import { deriveRecord } from "../../lib/deployment/derive.ts";
import { HOUR_MS, isoOf, MINUTE_MS } from "../../lib/kit/time.ts";
import { ROLLED_BACK } from "../fakes/records.ts";
import { type LocalStack, localStack } from "../support/local-stack.ts";
import { run } from "../unit/cli/run-command.ts";

const ID = "d-AUDITED01";

let stack: LocalStack;
let bucket: string;
beforeAll(async () => {
  stack = await localStack({ seed: 5 });
  bucket = stack.outputs.AuditBucketName ?? "";
  const now = stack.world.now();
  const shift = now - (ROLLED_BACK[0]?.at ?? 0);
  const facts = ROLLED_BACK.map((fact) => ({ ...fact, at: fact.at + shift }));
  const place = { id: ID, stage: "local", account: "000000000000", region: "eu-west-1" };
  await stack.ports.store.append(ID, {
    expectedSeq: 0,
    record: deriveRecord(facts, place, "event"),
    isOpen: false,
    lines: nextLines([], facts, { at: now, via: "event" }, stack.ports.hash),
    entries: [],
  });
  await stack.advance(2 * HOUR_MS + 15 * MINUTE_MS);
}, 180_000);
afterAll(() => stack.close());

const verify = (...more: string[]) =>
  run(["audit", "verify", "--json", ...more], {
    env: { BELLWETHER_STAGE: "local", AWS_ENDPOINT_URL: stack.endpoint },
    parts: { connectAudit: realParts.connectAudit },
  });
const findingsOf = (stdout: string): { where: string; what: string }[] => JSON.parse(stdout).findings;
const read = async (key: string): Promise<string> => {
  const { archive } = await realParts.connectAudit("local", { AWS_ENDPOINT_URL: stack.endpoint });
  return (await archive.get(key)) ?? "";
};

test("the function archived the deployment and signed every hour, and no policy refused it anything", async () => {
  const keys = stack.account.s3.keys(bucket);
  expect(keys).toContain(`v1/lines/${ID}/00000001.ndjson`);
  expect(keys.filter((key) => key.startsWith("v1/roots/"))).toHaveLength(3);
  expect(stack.account.iam.denied.filter(({ principalArn }) => principalArn.includes("Archive"))).toEqual([]);
});

test("`audit verify` calls it whole, with KMS and with the public key in a file", async () => {
  const whole = await verify("--since", isoOf(stack.world.now() - 4 * HOUR_MS));
  expect(whole.stderr).toContain("checking deployment 1 of 1");
  expect(JSON.parse(whole.stdout)).toMatchObject({ whole: true, roots: 3, deployments: 1 });
  expect(whole.code).toBe(0);
  const { PublicKey } = await new KMSClient({ endpoint: stack.endpoint }).send(
    new GetPublicKeyCommand({ KeyId: "alias/bellwether-local-audit" }),
  );
  const base64 = Buffer.from(PublicKey ?? []).toString("base64");
  const file = join(mkdtempSync(join(tmpdir(), "audit-")), "key.pem");
  writeFileSync(file, `-----BEGIN PUBLIC KEY-----\n${base64}\n-----END PUBLIC KEY-----\n`);
  expect((await verify("--public-key", file)).code).toBe(0);
  expect((await verify("--public-key", "package.json")).code).toBe(2);
});

test("nobody but the function puts anything there, not even the account's owner", async () => {
  const { archive } = await realParts.connectAudit("local", { AWS_ENDPOINT_URL: stack.endpoint });
  await expect(archive.put("v1/roots/2026-01-05T03.json", "{}")).rejects.toThrow(/explicit deny/);
});

test("a byte changed in the archive is found, by line, and the command ends with 3", async () => {
  const key = `v1/lines/${ID}/00000001.ndjson`;
  const text = await read(key);
  stack.account.s3.corrupt(bucket, key, text.replace('"seq":2', '"seq":9'));
  const { code, stdout } = await verify();
  expect(code).toBe(3);
  expect(findingsOf(stdout)).toContainEqual({
    where: `deployment ${ID}`,
    what: "line 2 is not the same in the table and in the archive",
  });
  stack.account.s3.corrupt(bucket, key, text);
  expect((await verify()).code).toBe(0);
});

test("a lost hour is found", async () => {
  const key = stack.account.s3.keys(bucket).filter((each) => each.startsWith("v1/roots/"))[1] ?? "";
  const text = await read(key);
  stack.account.s3.lose(bucket, key);
  expect(findingsOf((await verify()).stdout)).toContainEqual({ where: `root ${key}`, what: "is missing" });
  expect(text).not.toBe("");
});

test("a line rewritten in the table is found", async () => {
  const client = new DynamoDBClient({ endpoint: stack.endpoint });
  await client.send(
    new UpdateItemCommand({
      TableName: stack.outputs.TableName ?? "",
      Key: { pk: { S: `DEP#${ID}` }, sk: { S: "LIFE#FACT#restored" } },
      UpdateExpression: "SET #line = :line",
      ExpressionAttributeNames: { "#line": "line" },
      ExpressionAttributeValues: {
        ":line": { S: '{"fact":{},"hash":"x","knownAt":0,"previousHash":"","seq":99,"via":"cli"}' },
      },
    }),
  );
  const { code, stdout } = await verify("--deployment", ID);
  expect(code).toBe(3);
  expect(
    findingsOf(stdout)
      .map(({ what }) => what)
      .join(),
  ).toContain("in the table, line");
});
