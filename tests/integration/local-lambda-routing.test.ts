import { CloudWatchClient, GetMetricDataCommand } from "@aws-sdk/client-cloudwatch";
import {
  AddPermissionCommand,
  CreateAliasCommand,
  CreateFunctionUrlConfigCommand,
} from "@aws-sdk/client-lambda";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Json } from "../../local/account.ts";
import { type LambdaAccount, lambdaAccount, settingsOf } from "../support/lambda-account.ts";

const VERSIONED = (version: string): string => `
export const handler = async (event) => {
  await new Promise((done) => setTimeout(done, ${version === "slow" ? 300 : 20}));
  if (event.exits) process.exit(1);
  if (event.hangs) await new Promise(() => {});
  if (${version === "bad"} && event.coupon) throw new Error("no such coupon");
  return "${version}";
};`;

let account: LambdaAccount;
let cloudwatch: CloudWatchClient;
beforeAll(async () => {
  account = await lambdaAccount();
  cloudwatch = new CloudWatchClient(settingsOf(account));
  await account.put("shop", VERSIONED("good"));
  await account.publish("shop");
  await account.publish("shop", VERSIONED("bad"));
  await account.lambda.send(
    new CreateAliasCommand({ FunctionName: "shop", Name: "live", FunctionVersion: "1" }),
  );
});
afterAll(async () => {
  cloudwatch.destroy();
  await account.close();
});

/** Sum, or another statistic, over the account's last hour. */
const metric = async (name: string, dimensions: Record<string, string>, Stat = "Sum"): Promise<number[]> => {
  const now = Math.ceil(account.world.now() / 60_000) * 60_000;
  const { MetricDataResults = [] } = await cloudwatch.send(
    new GetMetricDataCommand({
      StartTime: new Date(now - 3_600_000),
      EndTime: new Date(now),
      MetricDataQueries: [
        {
          Id: "m",
          MetricStat: {
            Metric: {
              Namespace: "AWS/Lambda",
              MetricName: name,
              Dimensions: Object.entries(dimensions).map(([Name, Value]) => ({ Name, Value })),
            },
            Period: 3_600,
            Stat,
          },
        },
      ],
    }),
  );
  return MetricDataResults[0]?.Values ?? [];
};

const through = (version: string) => ({
  FunctionName: "shop",
  Resource: "shop:live",
  ExecutedVersion: version,
});

/** Makes `count` calls in the account's last minute, and lets them become visible. */
const callMany = async (count: number, payload: (index: number) => Json): Promise<void> => {
  await account.advance(60_000);
  const from = account.world.now() - 60_000;
  const calls = Array.from({ length: count }, (_, index) => ({
    at: from + Math.floor((index * 60_000) / count),
    payload: JSON.stringify(payload(index)),
  }));
  await account.account.lambda.callMany("shop", "live", calls);
  await account.advance(60_000);
};

describe("calls through an alias", () => {
  it("are shared between its versions by weight, and counted for each", async () => {
    account.account.lambda.moveAlias("shop", "live", { version: "1", weights: { "2": 0.1 } });
    await callMany(2_000, (index) => ({ coupon: index % 10 === 0 }));
    const [[old = 0], [canary = 0]] = [
      await metric("Invocations", through("1")),
      await metric("Invocations", through("2")),
    ];
    expect(old + canary).toBe(2_000);
    // Five standard deviations around one in ten.
    expect(Math.abs(canary - 200)).toBeLessThan(5 * Math.sqrt(2_000 * 0.1 * 0.9));
    expect(await metric("Errors", through("1"))).toEqual([0]);
    const [errors = 0] = await metric("Errors", through("2"));
    expect(errors).toBeGreaterThan(0);
    expect(errors).toBeLessThan(canary / 4);
    expect(await metric("Invocations", { FunctionName: "shop" })).toEqual([2_000]);
    expect(await metric("Invocations", {})).toEqual([2_000]);
    expect(await metric("Duration", through("1"), "p99")).toEqual([20]);
  });

  it("go on after one that ends the process, and after one that never ends", async () => {
    account.account.lambda.moveAlias("shop", "live", { version: "1", weights: {} });
    await account.advance(3_600_000);
    await callMany(100, (index) => ({ exits: index === 10, hangs: index === 20 }));
    expect(await metric("Invocations", through("1"))).toEqual([100]);
    expect(await metric("Errors", through("1"))).toEqual([2]);
    expect(await metric("Duration", through("1"), "Maximum")).toEqual([3_000]);
  });

  it("take no account time", async () => {
    const before = account.world.now();
    await account.account.lambda.callMany("shop", "live", [{ at: before - 5_000, payload: "{}" }]);
    expect(account.world.now()).toBe(before);
  });

  it("come at a rate that traffic can live on", async () => {
    await account.put("trivial", "export const handler = async () => 1;");
    await account.publish("trivial");
    await account.lambda.send(
      new CreateAliasCommand({ FunctionName: "trivial", Name: "live", FunctionVersion: "1" }),
    );
    const calls = Array.from({ length: 50_000 }, () => ({ at: account.world.now(), payload: "{}" }));
    const startedAt = performance.now();
    await account.account.lambda.callMany("trivial", "live", calls);
    const perSecond = Math.round((calls.length / (performance.now() - startedAt)) * 1_000);
    process.stdout.write(`callMany: ${perSecond} trivial calls a second\n`);
    expect(perSecond).toBeGreaterThan(0);
  });
});

describe("a call by version", () => {
  it("is not counted for the alias", async () => {
    await account.advance(3_600_000);
    await account.call("shop", {}, "2");
    await account.advance(60_000);
    expect(await metric("Invocations", { FunctionName: "shop", Resource: "shop:2" })).toEqual([1]);
    expect(await metric("Invocations", through("2"))).toEqual([]);
  });
});

describe("a function URL", () => {
  const ECHO = `
export const handler = async (event) => {
  if (event.rawPath === "/throws") throw new Error("no");
  if (event.rawPath === "/plain") return { hello: "there" };
  return { statusCode: 201, headers: { "X-Own": "yes" }, body: JSON.stringify(event) };
};`;
  const url = (path: string): string => `${account.endpoint}/function-url/echo${path}`;
  beforeAll(async () => {
    await account.put("echo", ECHO);
    await account.lambda.send(new CreateFunctionUrlConfigCommand({ FunctionName: "echo", AuthType: "NONE" }));
  });

  it("is closed until a permission opens it", async () => {
    expect((await fetch(url("/"))).status).toBe(403);
    await account.lambda.send(
      new AddPermissionCommand({
        FunctionName: "echo",
        StatementId: "public",
        Action: "lambda:InvokeFunctionUrl",
        Principal: "*",
        FunctionUrlAuthType: "NONE",
      }),
    );
    expect((await fetch(url("/"))).status).toBe(201);
  });

  it("brings requests in format 2.0, forms as base64, JSON as text", async () => {
    const form = await fetch(url("/a/b?x=1&x=2&y=%20"), {
      method: "POST",
      body: new URLSearchParams({ payload: "{}" }),
    });
    expect([form.status, form.headers.get("x-own")]).toEqual([201, "yes"]);
    const event: Json = await form.json();
    expect(event).toMatchObject({
      version: "2.0",
      rawPath: "/a/b",
      queryStringParameters: { x: "1,2", y: " " },
      requestContext: { http: { method: "POST", path: "/a/b" }, timeEpoch: account.world.now() },
      isBase64Encoded: true,
    });
    expect(Buffer.from(event.body, "base64").toString()).toBe("payload=%7B%7D");
    const json = await fetch(url("/"), {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: "{}",
    });
    expect(await json.json()).toMatchObject({ body: "{}", isBase64Encoded: false });
  });

  it("answers plain values as JSON, and errors with 502", async () => {
    const plain = await fetch(url("/plain"));
    expect([plain.status, await plain.json()]).toEqual([200, { hello: "there" }]);
    expect((await fetch(url("/throws"))).status).toBe(502);
  });

  it("is not there for a function without one", async () => {
    expect((await fetch(`${account.endpoint}/function-url/shop/`)).status).toBe(404);
  });
});
