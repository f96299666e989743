/** A local account without a stack, with small functions written on the spot. */
import {
  CreateFunctionCommand,
  LambdaClient,
  PublishVersionCommand,
  UpdateFunctionCodeCommand,
} from "@aws-sdk/client-lambda";
import { strToU8, zipSync } from "fflate";
import type { Json } from "../../local/account.ts";
import { type LocalAccount, startAccount } from "../../local/start.ts";

const WRITTEN_AT = new Date(1980, 0, 2);

export const BASIC = "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole";

/** One ES module as a zip with the same bytes every time. */
export const zipOf = (source: string): Uint8Array =>
  zipSync({ "index.mjs": [strToU8(source), { mtime: WRITTEN_AT }] });

export const settingsOf = (local: Pick<LocalAccount, "endpoint">) => ({
  endpoint: local.endpoint,
  region: "eu-west-1",
  credentials: { accessKeyId: "LOCALOWNER", secretAccessKey: "local-owner" },
  maxAttempts: 1,
});

export type LambdaAccount = LocalAccount & {
  lambda: LambdaClient;
  /** A role with these statements and the right to write logs; answers its ARN. */
  role(name: string, ...statements: readonly Json[]): Promise<string>;
  /** Makes a function of one module; the first call for a name makes its role too, unless one is given. */
  put(name: string, source: string, more?: Json): Promise<void>;
  /** Changes the code and publishes it; answers the version. */
  publish(name: string, source?: string): Promise<string>;
  /** Calls an operation of a JSON service, such as `AmazonSQS.ReceiveMessage`. */
  json(target: string, input: Json): Promise<Json>;
  /** Calls it from inside the account and reads its answer. */
  call(name: string, event?: Json, qualifier?: string): Promise<Json>;
};

const form = async (endpoint: string, fields: Record<string, string>): Promise<void> => {
  const answer = await fetch(endpoint, {
    method: "POST",
    headers: {
      "content-type": "application/x-www-form-urlencoded",
      authorization:
        "AWS4-HMAC-SHA256 Credential=LOCALOWNER/20260105/eu-west-1/iam/aws4_request, SignedHeaders=host, Signature=0",
    },
    body: new URLSearchParams({ Version: "2010-05-08", ...fields }),
  });
  if (!answer.ok) throw new Error(await answer.text());
};

export const lambdaAccount = async (seed = 1): Promise<LambdaAccount> => {
  const local = await startAccount({ seed });
  const lambda = new LambdaClient(settingsOf(local));
  const known = new Set<string>();

  const role: LambdaAccount["role"] = async (name, ...statements) => {
    const trust = JSON.stringify({ Version: "2012-10-17", Statement: [] });
    await form(local.endpoint, { Action: "CreateRole", RoleName: name, AssumeRolePolicyDocument: trust });
    await form(local.endpoint, { Action: "AttachRolePolicy", RoleName: name, PolicyArn: BASIC });
    if (statements.length > 0)
      await form(local.endpoint, {
        Action: "PutRolePolicy",
        RoleName: name,
        PolicyName: "calls",
        PolicyDocument: JSON.stringify({ Version: "2012-10-17", Statement: statements }),
      });
    return `arn:aws:iam::000000000000:role/${name}`;
  };

  return {
    ...local,
    lambda,
    role,
    put: async (name, source, more = {}) => {
      if (known.has(name)) throw new Error(`${name} is there already`);
      known.add(name);
      await lambda.send(
        new CreateFunctionCommand({
          FunctionName: name,
          Runtime: "nodejs24.x",
          Handler: "index.handler",
          Role: more.Role ?? (await role(`${name}-role`)),
          Code: { ZipFile: zipOf(source) },
          ...more,
        }),
      );
    },
    publish: async (name, source) => {
      if (source !== undefined)
        await lambda.send(new UpdateFunctionCodeCommand({ FunctionName: name, ZipFile: zipOf(source) }));
      const { Version = "" } = await lambda.send(new PublishVersionCommand({ FunctionName: name }));
      return Version;
    },
    json: async (target, input) => {
      const answer = await fetch(local.endpoint, {
        method: "POST",
        headers: { "x-amz-target": target, "content-type": "application/x-amz-json-1.0" },
        body: JSON.stringify(input),
      });
      if (!answer.ok) throw new Error(await answer.text());
      return answer.json();
    },
    call: async (name, event = {}, qualifier) =>
      JSON.parse((await local.account.lambda.invoke(name, qualifier, JSON.stringify(event))).payload),
    close: async () => {
      lambda.destroy();
      await local.close();
    },
  };
};
