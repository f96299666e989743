import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { BUNDLE_BYTES_MAX, bundleFile, bundleHandlers, sizeLines, tooHeavy } from "../../../build/bundle.ts";
import { handlerNames, ROOT } from "../../../build/handlers.ts";
import { withLiteralKeys, withoutErrorClasses } from "../../../build/plugins/lean-clients.ts";

const ENTRY = join(ROOT, "tests/fixtures/bundle/sdk-calls.ts");

type Answer = { status: number; body: string; headers?: Record<string, string> };

const refusal = (name: string, fields: object = {}): Answer => ({
  status: 400,
  body: JSON.stringify({ __type: name, message: `${name} it is`, ...fields }),
});

/** What the services answer, by the operation that the request names. */
const ANSWERS: Record<string, Answer> = {
  GetDeployment: {
    status: 200,
    body: JSON.stringify({ deploymentInfo: { deploymentId: "d-1", createTime: 1.5 } }),
  },
  StopDeployment: refusal("DeploymentAlreadyCompletedException"),
  Query: { status: 200, body: JSON.stringify({ Count: 1, Items: [{ pk: { S: "a" }, n: { N: "1" } }] }) },
  PutItem: refusal("com.amazonaws.dynamodb.v20120810#ConditionalCheckFailedException", {
    Item: { pk: { S: "a" } },
  }),
  GetMetricData: {
    ...refusal("InvalidParameterValue"),
    headers: { "x-amzn-query-error": "InvalidParameterValue;Sender" },
  },
  GetParameter: refusal("ParameterNotFound"),
  GetAlias: {
    status: 404,
    body: JSON.stringify({ Type: "User", Message: "no such alias" }),
    headers: { "x-amzn-errortype": "ResourceNotFoundException" },
  },
  Invoke: { status: 200, body: '{"ok":true}', headers: { "x-amz-executed-version": "7" } },
  Publish: {
    status: 200,
    body: "<PublishResponse><PublishResult><MessageId>m-1</MessageId></PublishResult></PublishResponse>",
    headers: { "content-type": "text/xml" },
  },
};

const operationOf = (request: IncomingMessage): string => {
  const target = String(request.headers["x-amz-target"] ?? "").split(".")[1];
  if (target !== undefined) return target;
  if (request.url?.endsWith("/invocations")) return "Invoke";
  return request.url?.includes("/aliases/") ? "GetAlias" : "Publish";
};

let server: Server;
let endpoint: string;
let folder: string;
const credentialsSeen = new Set<string>();

beforeAll(async () => {
  mkdirSync(join(ROOT, ".bellwether"), { recursive: true });
  folder = mkdtempSync(join(ROOT, ".bellwether", "bundle-test-"));
  server = createServer((request, response) => {
    credentialsSeen.add(
      `${/Credential=([^/]+)/.exec(request.headers.authorization ?? "")?.[1]} ${request.headers["x-amz-security-token"]}`,
    );
    const { status, body, headers } = ANSWERS[operationOf(request)] ?? refusal("UnknownOperationException");
    request.resume().on("end", () => response.writeHead(status, headers).end(body));
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

afterAll(async () => {
  rmSync(folder, { recursive: true, force: true });
  await new Promise((closed) => server.close(closed));
});

/** Runs a module in a process that has what Lambda has: credentials in the environment, and no home with settings in it. */
const run = (file: string, env: Record<string, string>): Promise<string> =>
  new Promise((done, failed) => {
    const child = spawn(process.execPath, [file], {
      env: {
        AWS_ENDPOINT_URL: endpoint,
        AWS_REGION: "eu-west-1",
        HOME: folder,
        AWS_EC2_METADATA_DISABLED: "true",
        ...env,
      },
      stdio: ["ignore", "pipe", "pipe"],
    });
    let output = "";
    child.stdout.on("data", (chunk) => (output += chunk));
    child.stderr.on("data", (chunk) => (output += chunk));
    child.on("error", failed).on("close", () => done(output));
  });

const LAMBDA_CREDENTIALS = {
  AWS_ACCESS_KEY_ID: "ASIAROLE",
  AWS_SECRET_ACCESS_KEY: "secret",
  AWS_SESSION_TOKEN: "session",
};

describe("a bundle", () => {
  it("answers and fails exactly like the SDK it was made from, for every client", async () => {
    const bundle = join(folder, "sdk-calls.mjs");
    await bundleFile(ENTRY, bundle);
    const [plain, bundled] = [await run(ENTRY, LAMBDA_CREDENTIALS), await run(bundle, LAMBDA_CREDENTIALS)];
    expect(bundled).toBe(plain);
    expect(bundled).toContain('"name":"DeploymentAlreadyCompletedException"');
    expect(bundled).toContain('"item":{"pk":{"S":"a"}}');
  });

  it("signs with the credentials that Lambda puts into the environment", async () => {
    credentialsSeen.clear();
    const bundle = join(folder, "signed.mjs");
    await bundleFile(ENTRY, bundle);
    await run(bundle, LAMBDA_CREDENTIALS);
    expect([...credentialsSeen]).toEqual(["ASIAROLE session"]);
  });

  it("says that credentials are missing when the environment has none", async () => {
    const bundle = join(folder, "unsigned.mjs");
    await bundleFile(ENTRY, bundle);
    expect((await run(bundle, {})).slice(0, 1_000)).toContain(
      "Unable to find environment variable credentials",
    );
  });

  it("leaves SSO, STS and the HTTP module's ESM import out, and needs no package at run time", async () => {
    const bundle = join(folder, "content.mjs");
    await bundleFile(ENTRY, bundle);
    const text = readFileSync(bundle, "utf8");
    expect(text).not.toMatch(/AssumeRoleWithWebIdentity|GetRoleCredentials/);
    expect(text).not.toMatch(/from"(node:)?https?"/);
    const imports = [...text.matchAll(/\bfrom"([^"]+)"/g)].map(([, name]) => name);
    expect(imports.filter((name) => !name?.startsWith("node:"))).toEqual([]);
  });

  it("is the same, byte for byte, when made again", async () => {
    const [one, other] = [join(folder, "one.mjs"), join(folder, "other.mjs")];
    await bundleFile(ENTRY, one);
    await bundleFile(ENTRY, other);
    expect(readFileSync(one).equals(readFileSync(other))).toBe(true);
  });
});

describe("bundling all handlers", () => {
  it("makes one self-contained file per handler on disk and forgets handlers that are gone", async () => {
    const root = join(folder, "tree");
    mkdirSync(join(root, "handlers"), { recursive: true });
    mkdirSync(join(root, "dist", "gone"), { recursive: true });
    writeFileSync(
      join(root, "handlers", "first-thing.ts"),
      "export const handler = async (): Promise<number> => 1;",
    );
    writeFileSync(
      join(root, "handlers", "second-thing.ts"),
      "export const handler = async (): Promise<number> => 2;",
    );
    const bundles = await bundleHandlers(root);
    expect(bundles.map(({ name }) => name)).toEqual(["first-thing", "second-thing"]);
    expect(() => readFileSync(join(root, "dist", "gone"))).toThrow("ENOENT");
    const { handler } = await import(join(root, "dist", "second-thing", "index.mjs"));
    expect(await handler()).toBe(2);
  });

  it("lists the handlers of this tree", () => {
    expect(handlerNames()).toContain("track-deployment");
  });

  it("names each bundle above the limit, and only those", () => {
    const bundles = [
      { name: "light", file: "a", bytes: BUNDLE_BYTES_MAX },
      { name: "heavy", file: "b", bytes: BUNDLE_BYTES_MAX + 1 },
    ];
    expect(tooHeavy(bundles)).toEqual(["heavy: 430001 bytes, the most is 430000"]);
    expect(sizeLines(bundles)[1]).toMatch(/^heavy +430\.0 KB$/);
  });
});

describe("lean clients", () => {
  it("make a computed key literal when the constant is in the same file", () => {
    expect(withLiteralKeys('const _a = "httpQuery";\nvar X = [0, { [_a]: 1, [_b]: 2 }];')).toBe(
      'const _a = "httpQuery";\nvar X = [0, { "httpQuery": 1, [_b]: 2 }];',
    );
  });

  it("forget error classes and keep the service's base error", () => {
    const base = "_s_registry.registerError(S$, S);\n";
    expect(withoutErrorClasses(`${base}n0_registry.registerError(NotFound$, NotFound);\nrest`)).toBe(
      `${base}\nrest`,
    );
  });
});
