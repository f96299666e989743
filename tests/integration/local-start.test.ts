import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CloudWatchClient, DescribeAlarmsCommand } from "@aws-sdk/client-cloudwatch";
import { DynamoDBClient, ListTablesCommand } from "@aws-sdk/client-dynamodb";
import { GetFunctionCommand, LambdaClient, ListAliasesCommand } from "@aws-sdk/client-lambda";
import { GetParameterCommand, PutParameterCommand, SSMClient } from "@aws-sdk/client-ssm";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ensurePackage } from "../../build/package.ts";
import { type LocalAccount, START_AT, startAccount } from "../../local/start.ts";

const MINUTE_MS = 60_000;

const settingsOf = ({ endpoint, account }: LocalAccount) => ({
  endpoint,
  region: account.region,
  credentials: { accessKeyId: "LOCALOWNER", secretAccessKey: "local-owner" },
  maxAttempts: 1,
});

describe("the packaged stack in a local account", () => {
  let local: LocalAccount;
  beforeAll(async () => {
    const { dir } = await ensurePackage("local");
    local = await startAccount({ seed: 1, packageDir: dir });
  });
  afterAll(() => local.close());

  it("has the functions, table, alarms and parameters of its template", async () => {
    const settings = settingsOf(local);
    const { Configuration } = await new LambdaClient(settings).send(
      new GetFunctionCommand({ FunctionName: "bellwether-local-judge-canary" }),
    );
    expect(Configuration).toMatchObject({
      Runtime: "nodejs24.x",
      Timeout: 120,
      Environment: { Variables: { STAGE: "local", TABLE_NAME: "bellwether-local-deployments" } },
    });
    const { TableNames } = await new DynamoDBClient(settings).send(new ListTablesCommand({}));
    expect(TableNames).toEqual(["bellwether-local-deployments"]);
    const { MetricAlarms } = await new CloudWatchClient(settings).send(
      new DescribeAlarmsCommand({ AlarmNames: ["bellwether-local-dead-letters"] }),
    );
    expect(MetricAlarms?.[0]?.AlarmActions).toEqual([local.outputs.DlqTopicArn]);
    const Name = "/bellwether/local/hooks/before/name";
    const { Parameter } = await new SSMClient(settings).send(new GetParameterCommand({ Name }));
    expect(Parameter?.Value).toBe("CodeDeployHook_bellwether-local-before");
  });

  it("answers its outputs", () => {
    expect(local.outputs).toMatchObject({
      TableName: "bellwether-local-deployments",
      BeforeHookName: "CodeDeployHook_bellwether-local-before",
      CriticalTopicArn: "arn:aws:sns:eu-west-1:000000000000:bellwether-local-critical",
      SlackActionUrl: `${local.endpoint}/function-url/bellwether-local-slack-action/`,
    });
  });

  it("serves a function at its own address, with what it reads from the account", async () => {
    const Name = "/bellwether/local/slack/signing-secret";
    const put = new PutParameterCommand({
      Name,
      Value: "0123456789abcdef0123456789abcdef",
      Type: "SecureString",
    });
    await new SSMClient(settingsOf(local)).send(put);
    const answer = await fetch(String(local.outputs.SlackActionUrl), { method: "POST", body: "payload={}" });
    expect(answer.status).toBe(401);
  });

  it("works by its schedules from a fixed instant on, within what its roles allow", async () => {
    expect(local.world.now()).toBeGreaterThanOrEqual(START_AT);
    await local.advance(5 * MINUTE_MS);
    expect(await local.drain(MINUTE_MS)).toBe(true);
    const used = [...local.account.iam.used];
    for (const name of ["judge-canary", "reconcile", "send-notices"])
      expect(used).toContainEqual(
        expect.stringMatching(new RegExp(`^bellwether-local-${name} dynamodb:Query `)),
      );
    expect(local.account.iam.denied).toEqual([]);
    expect(local.account.sns.published.filter(({ subject }) => !subject?.startsWith("OK: "))).toEqual([]);
  });

  it("tells of a function that is not there as Lambda does", async () => {
    await expect(
      new LambdaClient(settingsOf(local)).send(new ListAliasesCommand({ FunctionName: "none" })),
    ).rejects.toMatchObject({ name: "ResourceNotFoundException" });
  });

  it("keeps its port to itself", async () => {
    const port = Number(new URL(local.endpoint).port);
    await expect(startAccount({ seed: 1, port })).rejects.toThrow(
      /^port \d+ on 127\.0\.0\.1 is in use[^\n]*$/,
    );
  });
});

describe("a package that will not do", () => {
  let dir: string;
  beforeAll(() => {
    dir = mkdtempSync(join(tmpdir(), "package-"));
  });
  afterAll(() => rmSync(dir, { recursive: true }));

  it("is refused in one line, and nothing stays open", async () => {
    await expect(startAccount({ seed: 1, packageDir: dir })).rejects.toThrow(
      /^[^\n]+ holds no cloudformation-template-update-stack\.json[^\n]*$/,
    );
    const Resources = { Table: { Type: "AWS::DynamoDB::Table", Properties: { TableName: "t" } } };
    writeFileSync(join(dir, "cloudformation-template-update-stack.json"), JSON.stringify({ Resources }));
    await expect(startAccount({ seed: 1, packageDir: dir })).rejects.toThrow(
      /^Table \(AWS::DynamoDB::Table\) [^\n]+$/,
    );
  });
});
