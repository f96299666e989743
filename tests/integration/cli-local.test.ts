import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { text } from "node:stream/consumers";
import { setTimeout as sleep } from "node:timers/promises";
import { PutParameterCommand } from "@aws-sdk/client-ssm";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Clients, clientsOf } from "../../demo/aws-clients.ts";
import { CHECKOUT_DIR, USUAL } from "../../demo/callers.ts";
import { createRoles } from "../../demo/roles.ts";
import { createService, deploy } from "../../demo/service.ts";
import { parsePolicy } from "../../lib/policy/policy.ts";

const MAIN = join(import.meta.dirname, "..", "..", "cli", "main.ts");
const LOOKS_MAX = 60;
const LOOK_EVERY_MS = 500;
/** Two minutes of account time at sixty times the speed. */
const WARM_MS = 2_000;

type Ran = { code: number | null; stdout: string; stderr: string };

const environment = (endpoint?: string): NodeJS.ProcessEnv => ({
  PATH: process.env.PATH,
  HOME: process.env.HOME,
  USER: "anna",
  ...(endpoint !== undefined && { AWS_ENDPOINT_URL: endpoint }),
});

const start = (args: readonly string[], endpoint?: string): ChildProcess =>
  spawn(process.execPath, [MAIN, ...args], { env: environment(endpoint), stdio: ["ignore", "pipe", "pipe"] });

const ended = async (child: ChildProcess): Promise<Ran> => {
  const [stdout, stderr, [code]] = await Promise.all([
    child.stdout ? text(child.stdout) : "",
    child.stderr ? text(child.stderr) : "",
    once(child, "exit"),
  ]);
  return { code: code as number | null, stdout, stderr };
};

let up: ChildProcess;
let upOutput: string[];
let endpoint: string;
let clients: Clients;

const bellwether = (...args: readonly string[]): Promise<Ran> => ended(start(args, endpoint));

/** Repeats a command until its answer will do; gives the last one. */
const until = async (isGood: (ran: Ran) => boolean, ...args: readonly string[]): Promise<Ran> => {
  for (let look = 0; ; look += 1) {
    const ran = await bellwether(...args);
    if (isGood(ran) || look >= LOOKS_MAX) return ran;
    await sleep(LOOK_EVERY_MS);
  }
};

beforeAll(async () => {
  up = start(["local", "up", "--port", "0", "--speed", "60", "--seed", "3"]);
  upOutput = [];
  if (up.stdout === null) throw new Error("no stdout");
  const lines = createInterface({ input: up.stdout });
  lines.on("line", (line) => upOutput.push(line));
  await once(lines, "line");
  const ready = JSON.parse(upOutput[0] ?? "") as { endpoint: string; region: string; account: string };
  endpoint = ready.endpoint;
  clients = clientsOf(endpoint, ready.region);
  const roles = await createRoles(endpoint, ready.region, ready.account);
  const policy = parsePolicy(readFileSync(join(CHECKOUT_DIR, "policy.json"), "utf8"));
  const service = await createService(
    clients,
    roles,
    { from: { version: "v1" }, to: { version: "v2-throws" } },
    { ...policy, mode: "shadow" },
    "local",
  );
  const traffic = { callsPerSecond: 20, phases: [{ afterMs: 0, inputs: USUAL }] };
  await clients.ssm.send(
    new PutParameterCommand({
      Name: "/local/traffic/checkout/live",
      Value: JSON.stringify(traffic),
      Type: "String",
      Tier: "Advanced",
    }),
  );
  await sleep(WARM_MS);
  await deploy(service, "from the test");
});

afterAll(async () => {
  clients?.close();
  up?.kill("SIGKILL");
});

describe("the command line against a local account that is up", () => {
  test("the first line says where the account is, and the rest is on stderr", () => {
    expect(JSON.parse(upOutput[0] ?? "")).toEqual({
      endpoint: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+$/),
      region: "eu-west-1",
      account: "000000000000",
      stage: "local",
    });
    expect(upOutput).toHaveLength(1);
  });

  test("a bad version is judged, taken back by a person, and stays on record with why", async () => {
    const judged = await until(({ code }) => code === 3, "evaluate", "checkout", "--json");
    expect(judged).toMatchObject({ code: 3, stderr: "" });
    expect(JSON.parse(judged.stdout)).toMatchObject({
      service: "checkout",
      verdict: "fail",
      signal: "errors",
    });

    const planned = await bellwether("rollback", "checkout", "--dry-run");
    expect(planned).toMatchObject({
      code: 0,
      stdout: expect.stringContaining("from version 2 back to version 1"),
    });

    const back = await bellwether("rollback", "checkout", "--reason", "coupons throw", "--yes");
    expect(back).toMatchObject({ code: 0, stdout: expect.stringContaining("serves 100 % version 1") });

    const { record, id } = await shown();
    expect(record).toMatchObject({
      schema: 1,
      status: "ROLLED_BACK",
      service: "checkout",
      stage: "local",
      outcome: { cause: "operator" },
    });
    expect((await bellwether("explain", id)).stdout).toContain("coupons throw");
    expect((await bellwether("history", "checkout")).stdout).toContain(id);
    expect((await bellwether("rollback", id, "--reason", "again")).code).toBe(8);
  });

  test("Slack's messages can be read back", async () => {
    const messages = (await (await fetch(`${endpoint}/slack/messages`)).json()) as { text: string }[];
    expect(messages.some(({ text }) => text.includes("checkout"))).toBe(true);
  });

  test("reconcile finds nothing to mend, and unknown ids end with 2", async () => {
    expect((await bellwether("reconcile")).code).toBe(0);
    expect((await bellwether("show", "d-NOBODY123")).code).toBe(2);
  });

  test("a second account on the same port is refused in one line", async () => {
    const second = await ended(start(["local", "up", "--port", new URL(endpoint).port]));
    expect(second).toMatchObject({
      code: 2,
      stdout: "",
      stderr: expect.stringMatching(/^bellwether: port \d+ .*in use.*\n$/),
    });
  });

  test("SIGTERM ends it cleanly, and after that nothing answers", async () => {
    const ending = once(up, "exit");
    up.kill("SIGTERM");
    expect(await ending).toEqual([0, null]);
    const ran = await bellwether("status");
    expect(ran).toMatchObject({ code: 4, stdout: "" });
    expect(ran.stderr).toContain("bellwether local up");
  });
});

const shown = async (): Promise<{ record: object; id: string }> => {
  const record = JSON.parse((await bellwether("show", "@latest", "--json")).stdout) as { id: string };
  return { record, id: record.id };
};
