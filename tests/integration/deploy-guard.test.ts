/** `serverless deploy` against accounts that answer: the local one, and moto's where it is installed. */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join, relative } from "node:path";
import { CloudFormationClient, DescribeStacksCommand } from "@aws-sdk/client-cloudformation";
import { CreateTableCommand, DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { PutParameterCommand, SSMClient } from "@aws-sdk/client-ssm";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { awsCloud } from "../../build/aws-cloud.ts";
import { checkDeploy } from "../../build/deploy-check.ts";
import { ROOT } from "../../build/handlers.ts";
import { ensurePackage, serverless } from "../../build/package.ts";
import { readStage } from "../../build/stages.ts";
import { type LocalAccount, startAccount } from "../../local/start.ts";
import type { Json } from "../support/stack.ts";

const MINUTES_MS = 60_000;
const KEYS = { accessKeyId: "owner", secretAccessKey: "owner" };
const settingsFor = (endpoint: string) => ({
  AWS_ENDPOINT_URL: endpoint,
  AWS_ACCESS_KEY_ID: KEYS.accessKeyId,
  AWS_SECRET_ACCESS_KEY: KEYS.secretAccessKey,
  SLS_AWS_MONITORING_FREQUENCY: "500",
});
const clientTo = (endpoint: string) => ({ endpoint, region: "eu-west-1", credentials: KEYS, maxAttempts: 1 });
const saidBy = (run: Promise<string>): Promise<string> => run.catch((error: Error) => error.message);

describe("on an account that is not the stage's", () => {
  let local: LocalAccount;
  beforeAll(async () => {
    local = await startAccount({ seed: 1 });
  });
  afterAll(() => local.close());

  it("a deploy is refused in one line, and so is taking the stack away", {
    timeout: 3 * MINUTES_MS,
  }, async () => {
    for (const command of ["deploy", "remove"]) {
      const said = await saidBy(serverless([command, "--stage", "dev"], ROOT, settingsFor(local.endpoint)));
      expect(said).toContain(
        "these credentials are for account 000000000000, and stage dev stands in 536580886816 (stages/dev.yml): use a profile of that account; nothing was changed\n",
      );
      expect(said).not.toContain("    at ");
    }
  });

  it("account, Slack's parameters and tables are seen as they are", async () => {
    const client = clientTo(local.endpoint);
    const cloud = awsCloud(client);
    const names = ["token", "webhook"].map((name) => `/bellwether/dev/slack/${name}`);
    expect(await cloud.accountId()).toBe("000000000000");
    expect(await cloud.parametersThere(names)).toEqual([]);
    await new SSMClient(client).send(
      new PutParameterCommand({ Name: "/bellwether/dev/slack/webhook", Type: "SecureString", Value: "x" }),
    );
    expect(await cloud.parametersThere(names)).toEqual(["/bellwether/dev/slack/webhook"]);
    expect(await cloud.isTableThere("bellwether-dev-deployments")).toBe(false);
    await new DynamoDBClient(client).send(
      new CreateTableCommand({
        TableName: "bellwether-dev-deployments",
        BillingMode: "PAY_PER_REQUEST",
        AttributeDefinitions: [{ AttributeName: "pk", AttributeType: "S" }],
        KeySchema: [{ AttributeName: "pk", KeyType: "HASH" }],
      }),
    );
    expect(await cloud.isTableThere("bellwether-dev-deployments")).toBe(true);
  });
});

const hasMoto = spawnSync("moto_server", ["--help"]).status === 0;
if (!hasMoto)
  process.stderr.write(
    "moto_server is not installed (pip install 'moto[server]'): nothing is deployed to it\n",
  );

const freePort = (): Promise<number> =>
  new Promise((done) => {
    const server = createServer();
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => done(typeof address === "object" && address !== null ? address.port : 0));
    });
  });

const answers = async (url: string): Promise<boolean> => {
  for (let tries = 0; tries < 120; tries += 1) {
    const isUp = await fetch(url).then(
      ({ ok }) => ok,
      () => false,
    );
    if (isUp) return true;
    await new Promise((done) => setTimeout(done, 250));
  }
  return false;
};

describe.skipIf(!hasMoto)("on moto's account", () => {
  let moto: ChildProcess;
  let endpoint: string;
  let folder: string;

  beforeAll(async () => {
    const port = await freePort();
    endpoint = `http://127.0.0.1:${port}`;
    mkdirSync(join(ROOT, ".bellwether"), { recursive: true });
    folder = mkdtempSync(join(ROOT, ".bellwether", "moto-"));
    moto = spawn("moto_server", ["-H", "127.0.0.1", "-p", String(port)], {
      stdio: "ignore",
      env: { ...process.env, MOTO_ACCOUNT_ID: readStage("dev").account },
    });
    if (!(await answers(`${endpoint}/moto-api/`))) throw new Error("moto_server did not come up");
  }, MINUTES_MS);
  afterAll(() => {
    moto.kill();
    rmSync(folder, { recursive: true, force: true });
  });

  /** Moto makes no function URLs, no aliases, and nothing of CodeDeploy's; it cannot answer for what names them. */
  const UNMADE = /^AWS::(Lambda::(Alias|Url)|CodeDeploy::)/;
  const madeByMoto = (template: Json): Json => {
    const unmade = Object.keys(template.Resources).filter((id) => UNMADE.test(template.Resources[id].Type));
    for (const id of unmade) delete template.Resources[id];
    const isUnmade = (id: string): boolean => unmade.includes(id);
    for (const resource of Object.values<Json>(template.Resources))
      if (resource.DependsOn !== undefined)
        resource.DependsOn = [resource.DependsOn].flat().filter((id: string) => !isUnmade(id));
    // Calls go to the function itself instead.
    const text = JSON.stringify(template).replaceAll(
      /\{"Fn::Join":\[":",\[(\{"Fn::GetAtt":\["\w+LambdaFunction","Arn"\]\}),"live"\]\]\}/g,
      "$1",
    );
    const made = JSON.parse(text);
    made.Outputs = Object.fromEntries(
      Object.entries(made.Outputs).filter(
        ([, output]) => !/FunctionUrl|LambdaFunctionAlias/.test(JSON.stringify(output)),
      ),
    );
    return made;
  };
  const leaveOutWhatMotoLacks = (): void => {
    const template = join(folder, "cloudformation-template-update-stack.json");
    writeFileSync(template, JSON.stringify(madeByMoto(JSON.parse(readFileSync(template, "utf8")))));
    const state = join(folder, "serverless-state.json");
    const json = JSON.parse(readFileSync(state, "utf8"));
    const { provider } = json.service;
    provider.compiledCloudFormationTemplate = madeByMoto(provider.compiledCloudFormationTemplate);
    writeFileSync(state, JSON.stringify(json));
  };

  it("the stack of dev is deployed, with a warning about Slack; then a table that is not the stack's is seen", {
    timeout: 5 * MINUTES_MS,
  }, async () => {
    await ensurePackage("dev", folder);
    leaveOutWhatMotoLacks();
    const said = await serverless(
      ["deploy", "--stage", "dev", "--package", relative(ROOT, folder)],
      ROOT,
      settingsFor(endpoint),
    );
    expect(said).toContain("notices would reach no Slack channel");
    const { Stacks = [] } = await new CloudFormationClient(clientTo(endpoint)).send(
      new DescribeStacksCommand({ StackName: "bellwether-dev" }),
    );
    expect(Stacks[0]?.StackStatus).toMatch(/^(CREATE|UPDATE)_COMPLETE$/);
    const cloud = awsCloud(clientTo(endpoint));
    expect(await cloud.isTableThere("bellwether-dev-deployments")).toBe(true);
    expect(await cloud.stackResource("no-such-stack", "DeploymentsTable")).toBeUndefined();
    const foreign = {
      ...cloud,
      stackResource: () => cloud.stackResource("no-such-stack", "DeploymentsTable"),
    };
    const { refusal } = await checkDeploy(foreign, {
      stage: "dev",
      file: readStage("dev"),
      region: "eu-west-1",
    });
    expect(refusal).toContain(
      "table bellwether-dev-deployments is already there and does not belong to stack bellwether-dev",
    );
  });
});
