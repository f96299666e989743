/** `bellwether local up` in one terminal, the AWS CLI in another, and nothing else: a good and a bad version are shipped. */
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ROOT } from "../../build/handlers.ts";
import type { Code } from "../../demo/scenario.ts";
import { zipOf } from "../../demo/zip-version.ts";
import type { DeploymentRecord } from "../../lib/deployment/record.ts";
import { awsCli, missingCli } from "../support/aws-cli.ts";

const reason = missingCli();
if (reason !== undefined) process.stderr.write(`skipped: ${reason}\n`);

const POLICY = readFileSync(join(ROOT, "examples/checkout/policy.json"), "utf8");
const HOOKS = ["before", "after"].map((hook) => `CodeDeployHook_bellwether-local-${hook}`);
const event = (name: string): unknown =>
  JSON.parse(readFileSync(join(ROOT, "examples/checkout/events", name), "utf8"));
/** Account seconds per real second: a five-minute canary in ten. */
const SPEED = 30;
const ENDED = ["SUCCEEDED", "ROLLED_BACK", "FAILED", "STOPPED", "ROLLBACK_FAILED"];

describe.skipIf(reason !== undefined)("the AWS CLI against `bellwether local up`", () => {
  let up: ChildProcess;
  let folder: string;
  let aws: (...args: string[]) => ReturnType<typeof awsCli>;

  const zipped = async (code: Code): Promise<string> => {
    const file = join(folder, "checkout.zip");
    writeFileSync(file, await zipOf(code));
    return `fileb://${file}`;
  };

  const deploy = async (from: string, to: string): Promise<string> => {
    const content = JSON.stringify({
      version: 0.0,
      Resources: [
        {
          checkout: {
            Type: "AWS::Lambda::Function",
            Properties: { Name: "checkout", Alias: "live", CurrentVersion: from, TargetVersion: to },
          },
        },
      ],
      Hooks: [{ BeforeAllowTraffic: HOOKS[0] }, { AfterAllowTraffic: HOOKS[1] }],
    });
    const revision = JSON.stringify({ revisionType: "AppSpecContent", appSpecContent: { content } });
    const { deploymentId } = await aws(
      "deploy",
      "create-deployment",
      "--application-name",
      "checkout",
      "--deployment-group-name",
      "live",
      "--revision",
      revision,
    );
    return deploymentId;
  };

  /** The record, read straight from the table as anybody with the AWS CLI can, once the deployment is over. */
  const recordOf = async (id: string): Promise<DeploymentRecord> => {
    const key = JSON.stringify({ pk: { S: `DEP#${id}` }, sk: { S: "LIFE#RECORD" } });
    for (let look = 0; look < 60; look += 1) {
      const found = await aws(
        "dynamodb",
        "get-item",
        "--table-name",
        "bellwether-local-deployments",
        "--key",
        key,
      );
      const record = found === undefined ? undefined : (JSON.parse(found.Item.record.S) as DeploymentRecord);
      if (record !== undefined && ENDED.includes(record.status)) return record;
      await new Promise((resolve) => setTimeout(resolve, 1_000));
    }
    throw new Error(`${id} was not over after a minute`);
  };

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "bellwether-ship-"));
    up = spawn(
      process.execPath,
      [join(ROOT, "cli/main.ts"), "local", "up", "--port", "0", "--speed", String(SPEED)],
      { stdio: ["ignore", "pipe", "inherit"] },
    );
    const firstLine = await new Promise<string>((resolve, reject) => {
      createInterface({ input: up.stdout as NodeJS.ReadableStream }).once("line", resolve);
      up.once("exit", (code) => reject(new Error(`local up ended with ${code}`)));
    });
    const { endpoint } = JSON.parse(firstLine) as { endpoint: string };
    aws = (...args) => awsCli(endpoint, ...args);
  });

  afterAll(async () => {
    const ended = new Promise((resolve) => up.once("exit", resolve));
    up.kill("SIGTERM");
    expect(await ended).toBe(0);
    rmSync(folder, { recursive: true, force: true });
  });

  test("a good version succeeds, a bad one is taken back, and both records tell so", async () => {
    await aws(
      "lambda",
      "create-function",
      "--function-name",
      "checkout",
      "--runtime",
      "nodejs24.x",
      "--handler",
      "index.handler",
      "--role",
      "arn:aws:iam::000000000000:role/checkout",
      "--zip-file",
      await zipped({ version: "v1" }),
    );
    await aws("lambda", "publish-version", "--function-name", "checkout");
    await aws(
      "lambda",
      "create-alias",
      "--function-name",
      "checkout",
      "--name",
      "live",
      "--function-version",
      "1",
    );
    await aws(
      "deploy",
      "create-application",
      "--application-name",
      "checkout",
      "--compute-platform",
      "Lambda",
    );
    await aws(
      ...[
        "deploy",
        "create-deployment-group",
        "--application-name",
        "checkout",
        "--deployment-group-name",
        "live",
      ],
      ...["--service-role-arn", "arn:aws:iam::000000000000:role/codedeploy"],
      ...["--deployment-config-name", "CodeDeployDefault.LambdaCanary10Percent5Minutes"],
      ...["--deployment-style", "deploymentType=BLUE_GREEN,deploymentOption=WITH_TRAFFIC_CONTROL"],
      ...[
        "--auto-rollback-configuration",
        "enabled=true,events=DEPLOYMENT_FAILURE,DEPLOYMENT_STOP_ON_ALARM,DEPLOYMENT_STOP_ON_REQUEST",
      ],
    );
    await aws(
      "ssm",
      "put-parameter",
      "--type",
      "String",
      "--name",
      "/bellwether/local/services/checkout",
      "--value",
      POLICY,
    );
    const traffic = {
      callsPerSecond: 20,
      phases: [
        {
          afterMs: 0,
          inputs: [
            { payload: event("one-item.json"), weight: 90 },
            { payload: event("with-coupon.json"), weight: 10 },
          ],
        },
      ],
    };
    await aws(
      "ssm",
      "put-parameter",
      "--type",
      "String",
      "--name",
      "/local/traffic/checkout/live",
      "--value",
      JSON.stringify(traffic),
    );

    // The same service, built again.
    await aws(
      "lambda",
      "update-function-code",
      "--function-name",
      "checkout",
      "--zip-file",
      await zipped({ version: "v1", build: 2 }),
    );
    await aws("lambda", "publish-version", "--function-name", "checkout");
    const good = await deploy("1", "2");
    await aws("deploy", "wait", "deployment-successful", "--deployment-id", good);
    expect(await recordOf(good)).toMatchObject({ status: "SUCCEEDED", outcome: { verdict: "pass" } });

    await aws(
      "lambda",
      "update-function-code",
      "--function-name",
      "checkout",
      "--zip-file",
      await zipped({ version: "v2-throws" }),
    );
    await aws("lambda", "publish-version", "--function-name", "checkout");
    const bad = await deploy("2", "3");
    const record = await recordOf(bad);
    expect(record).toMatchObject({
      status: "ROLLED_BACK",
      outcome: { verdict: "fail", cause: "judge" },
      rollback: { to: "2" },
    });
    expect(await aws("lambda", "get-alias", "--function-name", "checkout", "--name", "live")).toMatchObject({
      FunctionVersion: "2",
    });
    expect((await aws("deploy", "get-deployment", "--deployment-id", bad)).deploymentInfo).toMatchObject({
      status: "Stopped",
    });
  }, 240_000);
});
