import { gzipSync } from "node:zlib";
import { CloudWatchClient, DescribeAlarmsCommand } from "@aws-sdk/client-cloudwatch";
import { GetAliasCommand, InvokeCommand, LambdaClient, UpdateAliasCommand } from "@aws-sdk/client-lambda";
import { ListTopicsCommand, SNSClient } from "@aws-sdk/client-sns";
import {
  DeleteParameterCommand,
  DescribeParametersCommand,
  GetParameterCommand,
  GetParametersByPathCommand,
  GetParametersCommand,
  PutParameterCommand,
  SSMClient,
} from "@aws-sdk/client-ssm";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { AwsError, type Json, type Service } from "../../local/account.ts";
import { serve } from "../../local/server.ts";
import { SERVED_AT, type ServedAccount, serveAccount } from "../support/served-account.ts";

/** What arrived last at the service below. */
let arrived: Json;

const ECHO: Service = {
  name: "lambda",
  signingName: "lambda",
  protocol: "rest-json",
  routes: [
    { method: "GET", path: "/2015-03-31/functions/{FunctionName}/aliases/{Name}", operation: "GetAlias" },
    { method: "PUT", path: "/2015-03-31/functions/{FunctionName}/aliases/{Name}", operation: "UpdateAlias" },
    { method: "POST", path: "/2015-03-31/functions/{FunctionName}/invocations", operation: "Invoke" },
  ],
  operations: {
    GetAlias: {
      needs: () => [],
      run: (input) => {
        if (input.Name === "none") throw new AwsError("ResourceNotFoundException", "Cannot find alias", 404);
        if (input.Name === "broken") throw new TypeError("no such thing");
        return { Name: input.Name, FunctionVersion: "7" };
      },
    },
    UpdateAlias: {
      needs: () => [],
      run: (input) => {
        arrived = input;
        return { Name: input.Name };
      },
    },
    Invoke: {
      needs: () => [],
      run: (input) => {
        arrived = input;
        const headers = { "x-amz-function-error": "Unhandled", "x-amz-executed-version": "3" };
        return { raw: `[${input.$body}]`, headers, status: 200 };
      },
    },
  },
};

let served: ServedAccount;
beforeAll(async () => {
  served = await serveAccount([ECHO]);
});
afterAll(() => served.close());
beforeEach(() => served.account.faults.clear());

const post = (headers: Record<string, string>, body: string | Buffer, path = "/") =>
  fetch(`${served.endpoint}${path}`, { method: "POST", headers, body: new Uint8Array(Buffer.from(body)) });
const signedFor = (service: string) => ({
  authorization: `AWS4-HMAC-SHA256 Credential=KEY/20260105/eu-west-1/${service}/aws4_request, SignedHeaders=host, Signature=0`,
});
const FORM = { "content-type": "application/x-www-form-urlencoded" };

describe("a JSON service", () => {
  const ssm = () => new SSMClient(served.settings);

  it("takes and gives values, with times as times", async () => {
    await ssm().send(new PutParameterCommand({ Name: "/a/one", Value: "é & <1>", Type: "String" }));
    const { Parameter } = await ssm().send(new GetParameterCommand({ Name: "/a/one" }));
    expect(Parameter).toMatchObject({ Value: "é & <1>", Version: 1, LastModifiedDate: new Date(SERVED_AT) });
  });

  it("answers errors that the SDK knows by name", async () => {
    await expect(ssm().send(new GetParameterCommand({ Name: "/none" }))).rejects.toMatchObject({
      name: "ParameterNotFound",
      $metadata: { httpStatusCode: 400 },
    });
    const again = new PutParameterCommand({ Name: "/a/one", Value: "2", Type: "String" });
    await expect(ssm().send(again)).rejects.toMatchObject({ name: "ParameterAlreadyExists" });
  });

  it("takes zipped bodies", async () => {
    const headers = { "x-amz-target": "AmazonSSM.GetParameter", "content-encoding": "gzip" };
    const answer = await post(headers, gzipSync('{"Name":"/a/one"}'));
    expect(((await answer.json()) as Json).Parameter.Name).toBe("/a/one");
  });

  it.each([
    ["AmazonSSM.Nonsense", "{}", "UnknownOperationException"],
    ["AmazonSSM.constructor", "{}", "UnknownOperationException"],
    ["Nobody_2020.Get", "{}", "UnknownOperationException"],
    ["AmazonSSM.GetParameter", "{", "SerializationException"],
    ["AmazonSSM.GetParameter", "[]", "SerializationException"],
  ])("refuses %s with the body %s as %s", async (target, body, code) => {
    const answer = await post({ "x-amz-target": target }, body);
    expect([answer.status, ((await answer.json()) as Json).__type]).toEqual([400, code]);
  });

  it("pages through parameters under a path, and below it when asked", async () => {
    for (const name of ["/p/1", "/p/2", "/p/3", "/p/deep/4", "/pq"])
      await ssm().send(new PutParameterCommand({ Name: name, Value: "v", Type: "String", Overwrite: true }));
    const page = (input: Json) => ssm().send(new GetParametersByPathCommand({ Path: "/p", ...input }));
    const first = await page({ MaxResults: 2 });
    const second = await page({ MaxResults: 2, NextToken: first.NextToken });
    const names = [...(first.Parameters ?? []), ...(second.Parameters ?? [])].map(({ Name }) => Name);
    expect([names, second.NextToken]).toEqual([["/p/1", "/p/2", "/p/3"], undefined]);
    expect((await page({ Recursive: true })).Parameters).toHaveLength(4);
  });

  it("keeps versions, hides secrets, and tells who listens", async () => {
    const heard: Json[] = [];
    served.account.ssm.onChange((name, value) => heard.push([name, value]));
    const put = (Value: string) =>
      ssm().send(new PutParameterCommand({ Name: "/s", Value, Type: "SecureString", Overwrite: true }));
    await put("one");
    expect((await put("two")).Version).toBe(2);
    const get = async (Name: string, WithDecryption: boolean) =>
      (await ssm().send(new GetParameterCommand({ Name, WithDecryption }))).Parameter?.Value;
    expect([await get("/s", true), await get("/s:1", true)]).toEqual(["two", "one"]);
    expect(await get("/s", false)).not.toContain("two");
    const many = await ssm().send(new GetParametersCommand({ Names: ["/s", "/none"] }));
    expect([many.Parameters?.length, many.InvalidParameters]).toEqual([1, ["/none"]]);
    const filter = { Key: "Name", Option: "BeginsWith", Values: ["/s"] };
    const described = await ssm().send(new DescribeParametersCommand({ ParameterFilters: [filter] }));
    expect(described.Parameters?.[0]).toMatchObject({ Name: "/s", Version: 2, Type: "SecureString" });
    await ssm().send(new DeleteParameterCommand({ Name: "/s" }));
    expect(heard).toEqual([
      ["/s", "one"],
      ["/s", "two"],
      ["/s", undefined],
    ]);
  });
});

describe("a REST service", () => {
  const lambda = () => new LambdaClient(served.settings);

  it("reads path, query and body together; the path goes first", async () => {
    const input = {
      FunctionName: "arn:aws:lambda:eu-west-1:0:function:f",
      Name: "live",
      FunctionVersion: "2",
    };
    await lambda().send(
      new UpdateAliasCommand({ ...input, RoutingConfig: { AdditionalVersionWeights: { 3: 0.1 } } }),
    );
    expect(arrived).toMatchObject({ ...input, RoutingConfig: { AdditionalVersionWeights: { 3: 0.1 } } });
  });

  it("hands a payload through as it is, and takes no parameter from it", async () => {
    const answer = await lambda().send(
      new InvokeCommand({ FunctionName: "f", Payload: '{"Qualifier":"sly","FunctionName":"g"}' }),
    );
    expect(arrived).toMatchObject({ FunctionName: "f", $body: '{"Qualifier":"sly","FunctionName":"g"}' });
    expect(arrived.Qualifier).toBeUndefined();
    expect([answer.Payload?.transformToString(), answer.FunctionError, answer.ExecutedVersion]).toEqual([
      '[{"Qualifier":"sly","FunctionName":"g"}]',
      "Unhandled",
      "3",
    ]);
  });

  it("answers errors that the SDK knows by name", async () => {
    const get = (Name: string) => lambda().send(new GetAliasCommand({ FunctionName: "f", Name }));
    await expect(get("none")).rejects.toMatchObject({
      name: "ResourceNotFoundException",
      message: "Cannot find alias",
      $metadata: { httpStatusCode: 404 },
    });
    await expect(get("broken")).rejects.toMatchObject({
      name: "InternalFailure",
      $metadata: { httpStatusCode: 500 },
    });
  });

  it("says that it knows no such operation", async () => {
    const answer = await post(signedFor("lambda"), "", "/2015-03-31/layers");
    expect([answer.status, answer.headers.get("x-amzn-errortype")]).toEqual([
      404,
      "UnknownOperationException",
    ]);
  });
});

describe("a query service", () => {
  it("answers in XML, errors too", async () => {
    const answer = await post(
      { ...FORM, ...signedFor("sns") },
      "Action=CreateTopic&Version=2010-03-31&Name=a",
    );
    expect(await answer.text()).toMatch(
      /^<CreateTopicResponse xmlns="[^"]+"><CreateTopicResult><TopicArn>arn:aws:sns:eu-west-1:000000000000:a<\/TopicArn><\/CreateTopicResult><ResponseMetadata><RequestId>[^<]+<\/RequestId>/,
    );
    const unknown = await post({ ...FORM, ...signedFor("sns") }, "Action=Nonsense");
    expect([unknown.status, await unknown.text()]).toEqual([
      400,
      expect.stringMatching(/^<ErrorResponse><Error><Type>Sender<\/Type><Code>InvalidAction<\/Code>/),
    ]);
  });

  it("that is not here is refused in XML", async () => {
    const answer = await post({ ...FORM, ...signedFor("redshift") }, "Action=DescribeClusters");
    expect(await answer.text()).toMatch(/<Code>InvalidAction<\/Code><Message>[^<]+redshift/);
  });
});

describe("a fault that is set", () => {
  it.each([
    ["JSON", "cloudwatch", "ThrottlingException", 400],
    ["query", "sns", "Throttling", 400],
    ["REST", "lambda", "TooManyRequestsException", 429],
  ])("throttles a %s service as it does itself", async (_kind, service, name, httpStatusCode) => {
    served.account.faults.add({ kind: "throttle", service });
    const calls: Record<string, () => Promise<unknown>> = {
      cloudwatch: () => new CloudWatchClient(served.settings).send(new DescribeAlarmsCommand({})),
      sns: () => new SNSClient(served.settings).send(new ListTopicsCommand({})),
      lambda: () =>
        new LambdaClient(served.settings).send(new GetAliasCommand({ FunctionName: "f", Name: "a" })),
    };
    await expect(calls[service]?.()).rejects.toMatchObject({ name, $metadata: { httpStatusCode } });
  });

  it("is overcome by a client that tries again", async () => {
    served.account.faults.add({ kind: "error", service: "ssm", times: 1 });
    const client = new SSMClient({ ...served.settings, maxAttempts: 2 });
    expect((await client.send(new GetParameterCommand({ Name: "/a/one" }))).$metadata.attempts).toBe(2);
    expect(served.account.faults.landed.get("error")).toBe(1);
  });
});

describe("the endpoint", () => {
  const behave = (mode: Json) =>
    fetch(`${served.endpoint}/slack/behave`, { method: "PUT", body: JSON.stringify(mode) });
  const say = () =>
    post(
      { "content-type": "application/json", authorization: "Bearer xoxb-1" },
      '{"channel":"C1","text":"hello"}',
      "/slack/api/chat.postMessage",
    );

  it("is Slack too, and shows what it was told", async () => {
    expect(await (await say()).json()).toMatchObject({ ok: true });
    const messages = await (await fetch(`${served.endpoint}/slack/messages`)).json();
    expect(messages).toMatchObject([{ channel: "C1", text: "hello" }]);
  });

  it("lets Slack behave as it is told, and refuses what makes no sense", async () => {
    await behave({ kind: "rate-limited", retryAfterSeconds: 30 });
    const answer = await say();
    expect([answer.status, answer.headers.get("retry-after")]).toEqual([429, "30"]);
    expect((await behave({ kind: "rate-limited" })).status).toBe(400);
    expect((await behave({ kind: "asleep" })).status).toBe(400);
    await behave({ kind: "up" });
    expect((await say()).status).toBe(200);
  });

  it("has no address for a function without one", async () => {
    expect((await fetch(`${served.endpoint}/function-url/none/x?y=1`)).status).toBe(404);
  });

  it("says in one line that its port is taken", async () => {
    const port = Number(new URL(served.endpoint).port);
    await expect(serve(served.account, [], port)).rejects.toThrow(
      new RegExp(`^port ${port} on 127\\.0\\.0\\.1 is in use.*$`),
    );
  });
});
