import { type ChildProcess, execFileSync, spawn, spawnSync } from "node:child_process";
import { createServer } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ROOT } from "../../build/handlers.ts";

const PROD = "093646564004";
const ARGS = [
  "cli/main.ts",
  "bootstrap",
  "--stage",
  "prod",
  "--repository",
  "acme/bellwether",
  "--owner-id",
  "1001",
  "--repository-id",
  "2002",
];

const hasMoto =
  spawnSync("moto_server", ["--help"]).status === 0 && spawnSync("aws", ["--version"]).status === 0;
if (!hasMoto)
  process.stderr.write(
    "moto_server or the AWS CLI is not installed: bootstrap is not tried on a simulated CloudFormation\n",
  );

const freePort = (): Promise<number> =>
  new Promise((done) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const { port } = server.address() as { port: number };
      server.close(() => done(port));
    });
  });

describe.skipIf(!hasMoto)("bootstrap on moto's CloudFormation", () => {
  let moto: ChildProcess;
  let env: NodeJS.ProcessEnv;
  const aws = (...args: string[]) =>
    JSON.parse(execFileSync("aws", [...args, "--output", "json"], { env, encoding: "utf8" }));
  const cli = (...args: string[]) =>
    spawnSync(process.execPath, [...ARGS, ...args], { cwd: ROOT, env, encoding: "utf8" });

  beforeAll(async () => {
    const port = await freePort();
    moto = spawn("moto_server", ["-H", "127.0.0.1", "-p", String(port)], {
      stdio: "ignore",
      env: { ...process.env, MOTO_ACCOUNT_ID: PROD },
    });
    env = {
      PATH: process.env.PATH,
      HOME: process.env.HOME,
      AWS_ENDPOINT_URL: `http://127.0.0.1:${port}`,
      AWS_ACCESS_KEY_ID: "x",
      AWS_SECRET_ACCESS_KEY: "y",
      AWS_DEFAULT_REGION: "af-south-1",
    };
    for (let tries = 0; tries < 100; tries += 1) {
      const isUp = await fetch(`http://127.0.0.1:${port}/moto-api/`).then(
        () => true,
        () => false,
      );
      if (isUp) break;
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
    // moto's CloudFormation makes no OIDC provider: the account has one already.
    aws(
      "iam",
      "create-open-id-connect-provider",
      "--url",
      "https://token.actions.githubusercontent.com",
      "--client-id-list",
      "sts.amazonaws.com",
      "--thumbprint-list",
      "0".repeat(40),
    );
  });
  afterAll(() => moto?.kill());

  it("changes nothing in a dry run, makes roles, bucket and key, and then finds nothing to change", () => {
    const dry = cli("--dry-run");
    expect(dry.stdout).toContain("(uses the OIDC provider that the account has)");
    expect(aws("cloudformation", "describe-stacks").Stacks).toEqual([]);

    const made = cli("--yes", "--reason", "test");
    expect(made.stderr).toContain("CREATE_COMPLETE");
    expect(made.status).toBe(0);
    const { Role } = aws("iam", "get-role", "--role-name", "bellwether-bootstrap-prod-deploy");
    expect(
      Role.AssumeRolePolicyDocument.Statement[0].Condition.StringEquals[
        "token.actions.githubusercontent.com:sub"
      ],
    ).toContain("repo:acme@1001/bellwether@2002:environment:prod");
    const { Aliases } = aws("kms", "list-aliases");
    expect(Aliases.map(({ AliasName }: { AliasName: string }) => AliasName)).toContain(
      "alias/bellwether-prod-signing",
    );
    const { Buckets } = aws("s3api", "list-buckets");
    expect(Buckets.map(({ Name }: { Name: string }) => Name)).toEqual([
      `bellwether-bootstrap-prod-artifacts-${PROD}-af-south-1`,
    ]);

    const again = cli("--yes", "--reason", "test");
    expect(again.stderr).toContain("nothing to change");
    expect(again.status).toBe(0);
  });
});
