import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Json } from "../../local/account.ts";
import { type LocalAccount, startAccount } from "../../local/start.ts";
import { startLive } from "../../local/up.ts";
import { awsCli, missingCli } from "../support/aws-cli.ts";
import { zipOf } from "../support/lambda-account.ts";

const missing = missingCli();
if (missing !== undefined) process.stderr.write(`local-lambda-cli: skipped, ${missing}\n`);

const SOURCE = (version: number): string =>
  `export const handler = async (event) => { console.log("asked", event.name); await new Promise((done) => setTimeout(done, 40)); return { version: ${version} }; };`;

describe.skipIf(missing !== undefined)("the AWS CLI, while time goes on by itself,", () => {
  const SPEED = 60;
  let local: LocalAccount;
  let live: { stop(): Promise<void> };
  let dir: string;
  beforeAll(async () => {
    dir = mkdtempSync(join(tmpdir(), "bellwether-cli-"));
    local = await startAccount({ seed: 1 });
    live = startLive(local, SPEED);
  });
  afterAll(async () => {
    await live.stop();
    await local.close();
    rmSync(dir, { recursive: true, force: true });
  });

  const aws = (...args: string[]): Promise<Json> => awsCli(local.endpoint, ...args);
  const zip = (version: number): string => {
    const file = join(dir, `v${version}.zip`);
    writeFileSync(file, zipOf(SOURCE(version)));
    return `fileb://${file}`;
  };

  it("makes a function and publishes two versions of it", async () => {
    const how = [
      "--runtime",
      "nodejs24.x",
      "--handler",
      "index.handler",
      "--role",
      "arn:aws:iam::000000000000:role/any",
    ];
    const made = await aws(
      "lambda",
      "create-function",
      "--function-name",
      "orders",
      ...how,
      "--zip-file",
      zip(1),
    );
    expect(made).toMatchObject({ FunctionName: "orders", Version: "$LATEST", State: "Active" });
    expect(await aws("lambda", "publish-version", "--function-name", "orders")).toMatchObject({
      Version: "1",
    });
    await aws("lambda", "update-function-code", "--function-name", "orders", "--zip-file", zip(2));
    expect(await aws("lambda", "publish-version", "--function-name", "orders")).toMatchObject({
      Version: "2",
    });
    const { Versions } = await aws("lambda", "list-versions-by-function", "--function-name", "orders");
    expect(Versions.map((version: Json) => version.Version)).toEqual(["$LATEST", "1", "2"]);
  });

  it("points an alias, shares its calls and takes the share back", async () => {
    const alias = ["--function-name", "orders", "--name", "live"];
    await aws("lambda", "create-alias", ...alias, "--function-version", "1");
    const shared = await aws(
      "lambda",
      "update-alias",
      ...alias,
      "--routing-config",
      "AdditionalVersionWeights={2=0.25}",
    );
    expect(shared.RoutingConfig).toEqual({ AdditionalVersionWeights: { "2": 0.25 } });
    const stale = ["--function-version", "2", "--revision-id", "00000000-0000-4000-8000-000000000000"];
    await expect(aws("lambda", "update-alias", ...alias, ...stale)).rejects.toThrow(
      /\(PreconditionFailedException\)/,
    );
    await aws("lambda", "update-alias", ...alias, "--routing-config", "AdditionalVersionWeights={}");
    const { RoutingConfig, FunctionVersion } = await aws("lambda", "get-alias", ...alias);
    expect([RoutingConfig, FunctionVersion]).toEqual([undefined, "1"]);
    const { Aliases } = await aws("lambda", "list-aliases", "--function-name", "orders");
    expect(Aliases).toHaveLength(1);
  });

  it("calls a version and reads what it wrote", async () => {
    const out = join(dir, "answer.json");
    const call = [
      "--function-name",
      "orders",
      "--qualifier",
      "2",
      "--payload",
      '{"name":"me"}',
      "--log-type",
      "Tail",
    ];
    const answer = await aws("lambda", "invoke", ...call, out);
    expect(answer).toMatchObject({ StatusCode: 200, ExecutedVersion: "2" });
    expect(Buffer.from(answer.LogResult, "base64").toString()).toContain("asked me");
    expect(JSON.parse(readFileSync(out, "utf8"))).toEqual({ version: 2 });
    const group = ["--log-group-name", "/aws/lambda/orders", "--filter-pattern", "asked"];
    const { events } = await aws("logs", "filter-log-events", ...group);
    expect(events).toHaveLength(1);
    expect(events[0].logStreamName).toMatch(/^2026\/01\/05\/\[2\][0-9a-f]{32}$/);
  });

  it("is told so about an operation that is not here", async () => {
    const layers = aws("lambda", "list-layers");
    await expect(layers).rejects.toThrow(/UnknownOperationException/);
  });

  it("sees account time pass faster than real time", async () => {
    const from = local.world.now();
    const startedAt = performance.now();
    await aws("lambda", "get-function-configuration", "--function-name", "orders");
    const realMs = performance.now() - startedAt;
    expect(local.world.now() - from).toBeGreaterThan((realMs * SPEED) / 4);
  });
});
