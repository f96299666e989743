import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { UpdateDeploymentGroupCommand } from "@aws-sdk/client-codedeploy";
import { DisableRuleCommand, EventBridgeClient } from "@aws-sdk/client-eventbridge";
import { UpdateAliasCommand } from "@aws-sdk/client-lambda";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Clients, clientsOf, OWNER_KEYS } from "../../demo/aws-clients.ts";
import { createRoles } from "../../demo/roles.ts";
import { createService, deploy } from "../../demo/service.ts";
import type { CheckResult } from "../../lib/checkup/result.ts";
import { SHADOW_POLICY } from "../../lib/policy/policy.ts";
import { missingCli } from "../support/aws-cli.ts";

const MAIN = join(import.meta.dirname, "..", "..", "cli", "main.ts");
const LOOKS_MAX = 40;
const LOOK_EVERY_MS = 1_000;

let up: ChildProcess;
let endpoint: string;
let clients: Clients;
let events: EventBridgeClient;

const environment = (): NodeJS.ProcessEnv => ({
  PATH: process.env.PATH,
  HOME: process.env.HOME,
  ...(endpoint !== undefined && { AWS_ENDPOINT_URL: endpoint }),
});

type Examined = { code: number; results: CheckResult[] };

const doctor = async (): Promise<Examined> => {
  const child = spawn(process.execPath, [MAIN, "doctor", "checkout", "--json"], { env: environment() });
  let [stdout, stderr] = ["", ""];
  child.stdout.on("data", (chunk) => {
    stdout += chunk;
  });
  child.stderr.on("data", (chunk) => {
    stderr += chunk;
  });
  const [code] = (await once(child, "close")) as [number];
  if (stdout === "") throw new Error(`doctor said nothing: ${stderr}`);
  return { code, results: (JSON.parse(stdout) as { results: CheckResult[] }).results };
};

const until = async (isGood: (seen: Examined) => boolean): Promise<Examined> => {
  for (let look = 0; ; look += 1) {
    const seen = await doctor();
    if (isGood(seen) || look >= LOOKS_MAX) return seen;
    await sleep(LOOK_EVERY_MS);
  }
};

const brokenOf = ({ results }: Examined) => results.filter((result) => result.kind === "broken");

/** Pastes the command into a shell, as a person would. */
const mend = (line: string) =>
  promisify(execFile)("sh", ["-c", line], {
    env: {
      ...environment(),
      PYENV_VERSION: process.env.PYENV_VERSION,
      PYENV_ROOT: process.env.PYENV_ROOT,
      AWS_REGION: "eu-west-1",
      AWS_DEFAULT_REGION: "eu-west-1",
      AWS_ACCESS_KEY_ID: OWNER_KEYS.accessKeyId,
      AWS_SECRET_ACCESS_KEY: OWNER_KEYS.secretAccessKey,
      AWS_PAGER: "",
    },
  });

beforeAll(async () => {
  up = spawn(process.execPath, [MAIN, "local", "up", "--port", "0", "--speed", "60", "--seed", "3"], {
    env: environment(),
    stdio: ["ignore", "pipe", "ignore"],
  });
  if (up.stdout === null) throw new Error("no stdout");
  const [line] = (await once(createInterface({ input: up.stdout }), "line")) as [string];
  const ready = JSON.parse(line) as { endpoint: string; region: string; account: string };
  endpoint = ready.endpoint;
  clients = clientsOf(endpoint, ready.region);
  events = new EventBridgeClient({ endpoint, region: ready.region, credentials: OWNER_KEYS });
  const roles = await createRoles(endpoint, ready.region, ready.account);
  const service = await createService(
    clients,
    roles,
    { from: { version: "v1" }, to: { version: "v2-throws" } },
    SHADOW_POLICY,
    "local",
  );
  await deploy(service, "from the test");
});

afterAll(() => {
  clients?.close();
  events?.destroy();
  up?.kill("SIGKILL");
});

test("a whole account lacks only a person who hears critical notices; every break is found, and mended by the command that is printed", async (context) => {
  const over = ({ results }: Examined): boolean =>
    results.some(({ id, what }) => id === "alias" && what.includes("as d-")) &&
    results.some(({ id, kind }) => id === "judge-ran" && kind === "fine");
  const healthy = await until(over);
  expect(healthy.results.filter(({ kind }) => kind === "could-not-look")).toEqual([]);
  expect(brokenOf(healthy).map(({ id, subject }) => `${id} ${subject.split(":").at(-1)}`)).toEqual([
    "topic bellwether-local-critical",
  ]);
  expect(healthy.code).toBe(3);

  await clients.codedeploy.send(
    new UpdateDeploymentGroupCommand({
      applicationName: "checkout",
      currentDeploymentGroupName: "checkout",
      autoRollbackConfiguration: { enabled: true, events: ["DEPLOYMENT_FAILURE"] },
      alarmConfiguration: { enabled: false, ignorePollAlarmFailure: true, alarms: [] },
    }),
  );
  await events.send(new DisableRuleCommand({ Name: "bellwether-local-alarm-changed" }));
  await clients.lambda.send(
    new UpdateAliasCommand({
      FunctionName: "checkout",
      Name: "live",
      FunctionVersion: "2",
      RoutingConfig: { AdditionalVersionWeights: { "1": 0.5 } },
    }),
  );
  const hurt = await doctor();
  expect(
    brokenOf(hurt)
      .map(({ id }) => id)
      .toSorted(),
  ).toEqual(["alarm-poll", "alias", "rollback-events", "rule", "topic"]);

  const missing = missingCli();
  context.skip(missing !== undefined, missing);
  for (const finding of brokenOf(hurt)) if ("mend" in finding) await mend(finding.mend);
  const mended = await doctor();
  expect(mended.code).toBe(0);
  expect(brokenOf(mended)).toEqual([]);
}, 120_000);
