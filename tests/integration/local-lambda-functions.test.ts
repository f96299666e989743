import {
  AddPermissionCommand,
  CreateAliasCommand,
  CreateFunctionCommand,
  DeleteFunctionCommand,
  GetAliasCommand,
  GetFunctionCommand,
  GetFunctionConfigurationCommand,
  GetPolicyCommand,
  ListAliasesCommand,
  ListVersionsByFunctionCommand,
  PublishVersionCommand,
  RemovePermissionCommand,
  UpdateAliasCommand,
  UpdateFunctionCodeCommand,
  UpdateFunctionConfigurationCommand,
} from "@aws-sdk/client-lambda";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type LambdaAccount, lambdaAccount, zipOf } from "../support/lambda-account.ts";

const answering = (value: unknown): string =>
  `export const handler = async () => (${JSON.stringify(value)});`;

let account: LambdaAccount;
beforeAll(async () => {
  account = await lambdaAccount();
});
afterAll(() => account.close());

const refusal = async (work: Promise<unknown>): Promise<{ name: string; status: number | undefined }> => {
  try {
    await work;
  } catch (error) {
    const { name, $metadata } = error as Error & { $metadata?: { httpStatusCode?: number } };
    return { name, status: $metadata?.httpStatusCode };
  }
  throw new Error("it was not refused");
};

describe("a function", () => {
  it("is made once", async () => {
    await account.put("once", answering(1), {
      Environment: { Variables: { A: "b" } },
      Timeout: 7,
      MemorySize: 256,
    });
    const { Configuration } = await account.lambda.send(new GetFunctionCommand({ FunctionName: "once" }));
    expect(Configuration).toMatchObject({
      FunctionName: "once",
      FunctionArn: "arn:aws:lambda:eu-west-1:000000000000:function:once",
      Timeout: 7,
      MemorySize: 256,
      Environment: { Variables: { A: "b" } },
      Version: "$LATEST",
      State: "Active",
    });
    const again = new CreateFunctionCommand({
      FunctionName: "once",
      Runtime: "nodejs24.x",
      Handler: "index.handler",
      Role: "arn:aws:iam::000000000000:role/any",
      Code: { ZipFile: zipOf(answering(2)) },
    });
    expect(await refusal(account.lambda.send(again))).toEqual({
      name: "ResourceConflictException",
      status: 409,
    });
  });

  it("that is not there is not found", async () => {
    const get = account.lambda.send(new GetFunctionConfigurationCommand({ FunctionName: "nobody" }));
    expect(await refusal(get)).toEqual({ name: "ResourceNotFoundException", status: 404 });
  });

  it.each([
    ["another runtime", { Runtime: "python3.13" }],
    ["a broken zip", { Code: { ZipFile: new Uint8Array([1, 2, 3]) } }],
    ["a role that is no ARN", { Role: "admin" }],
  ])("with %s is refused", async (_what, wrong) => {
    const input = {
      Runtime: "nodejs24.x",
      Handler: "index.handler",
      Role: "arn:aws:iam::000000000000:role/any",
    } as const;
    const create = new CreateFunctionCommand({
      FunctionName: "wrong",
      ...input,
      Code: { ZipFile: zipOf(answering(1)) },
      ...(wrong as object),
    });
    expect((await refusal(account.lambda.send(create))).name).toBe("InvalidParameterValueException");
  });

  it("is changed only by who has seen its last revision", async () => {
    await account.put("revised", answering(1));
    const { RevisionId } = await account.lambda.send(
      new GetFunctionConfigurationCommand({ FunctionName: "revised" }),
    );
    const change = () =>
      account.lambda.send(
        new UpdateFunctionConfigurationCommand({ FunctionName: "revised", Description: "d", RevisionId }),
      );
    expect((await change()).Description).toBe("d");
    expect(await refusal(change())).toEqual({ name: "PreconditionFailedException", status: 412 });
  });

  it("goes with all its versions", async () => {
    await account.put("gone", answering(1));
    await account.publish("gone");
    await account.lambda.send(new DeleteFunctionCommand({ FunctionName: "gone" }));
    const list = account.lambda.send(new ListVersionsByFunctionCommand({ FunctionName: "gone" }));
    expect((await refusal(list)).name).toBe("ResourceNotFoundException");
  });
});

describe("a version", () => {
  it("is the same while nothing has changed, and the next one after a change", async () => {
    await account.put("versioned", answering(1));
    expect(await account.publish("versioned")).toBe("1");
    expect(await account.publish("versioned")).toBe("1");
    expect(await account.publish("versioned", answering(2))).toBe("2");
    const { Versions = [] } = await account.lambda.send(
      new ListVersionsByFunctionCommand({ FunctionName: "versioned" }),
    );
    expect(Versions.map(({ Version }) => Version)).toEqual(["$LATEST", "1", "2"]);
  });

  it("keeps the code it was published with", async () => {
    await account.put("kept", answering("old"));
    await account.publish("kept");
    await account.publish("kept", answering("new"));
    expect(await account.call("kept", {}, "1")).toBe("old");
    expect(await account.call("kept", {}, "2")).toBe("new");
    expect(await account.call("kept")).toBe("new");
  });

  it("is published only if the code is the one the publisher means", async () => {
    await account.put("meant", answering(1));
    const publish = new PublishVersionCommand({ FunctionName: "meant", CodeSha256: "another" });
    expect((await refusal(account.lambda.send(publish))).name).toBe("InvalidParameterValueException");
    const updated = await account.lambda.send(
      new UpdateFunctionCodeCommand({ FunctionName: "meant", ZipFile: zipOf(answering(2)), Publish: true }),
    );
    expect(updated.Version).toBe("1");
  });
});

describe("an alias", () => {
  beforeAll(async () => {
    await account.put("aliased", answering(1));
    for (const value of [1, 2, 3]) await account.publish("aliased", answering(value));
    await account.lambda.send(
      new CreateAliasCommand({ FunctionName: "aliased", Name: "live", FunctionVersion: "1" }),
    );
  });
  const name = { FunctionName: "aliased", Name: "live" };
  const update = (more: object) => account.lambda.send(new UpdateAliasCommand({ ...name, ...more }));

  it("keeps its weights when they are not mentioned, and loses them by an empty map", async () => {
    await update({ RoutingConfig: { AdditionalVersionWeights: { "2": 0.1 } } });
    const described = await update({ Description: "d" });
    expect(described.RoutingConfig).toEqual({ AdditionalVersionWeights: { "2": 0.1 } });
    const cleared = await update({ RoutingConfig: { AdditionalVersionWeights: {} } });
    expect(cleared.RoutingConfig).toBeUndefined();
  });

  it("has another revision after each change, and refuses an older one", async () => {
    const { RevisionId } = await account.lambda.send(new GetAliasCommand(name));
    const changed = await update({ Description: "e", RevisionId });
    expect(changed.RevisionId).not.toBe(RevisionId);
    expect(await refusal(update({ Description: "f", RevisionId }))).toEqual({
      name: "PreconditionFailedException",
      status: 412,
    });
  });

  it.each([
    ["two further versions", { "2": 0.1, "3": 0.1 }],
    ["the version it has already", { "1": 0.1 }],
    ["$LATEST", { $LATEST: 0.1 }],
    ["more than everything", { "2": 1.5 }],
  ])("does not share calls with %s", async (_what, AdditionalVersionWeights) => {
    const wrong = update({ RoutingConfig: { AdditionalVersionWeights } });
    expect((await refusal(wrong)).name).toBe("InvalidParameterValueException");
  });

  it("does not point to a version that is not there", async () => {
    expect((await refusal(update({ FunctionVersion: "9" }))).name).toBe("ResourceNotFoundException");
  });

  it("is listed, and may not be made twice", async () => {
    const { Aliases = [] } = await account.lambda.send(new ListAliasesCommand({ FunctionName: "aliased" }));
    expect(Aliases.map(({ Name }) => Name)).toEqual(["live"]);
    const again = account.lambda.send(new CreateAliasCommand({ ...name, FunctionVersion: "1" }));
    expect(await refusal(again)).toEqual({ name: "ResourceConflictException", status: 409 });
  });
});

describe("a permission", () => {
  it("lets a service in from one source only, until it is removed", async () => {
    await account.put("allowed", answering(1));
    const arn = "arn:aws:lambda:eu-west-1:000000000000:function:allowed";
    const rule = "arn:aws:events:eu-west-1:000000000000:rule/mine";
    const permits = (source: string) => account.account.lambda.permits(arn, "events.amazonaws.com", source);
    expect(permits(rule)).toBe(false);
    await account.lambda.send(
      new AddPermissionCommand({
        FunctionName: "allowed",
        StatementId: "mine",
        Action: "lambda:InvokeFunction",
        Principal: "events.amazonaws.com",
        SourceArn: rule,
      }),
    );
    expect(permits(rule)).toBe(true);
    expect(permits(`${rule}-not`)).toBe(false);
    const { Policy = "" } = await account.lambda.send(new GetPolicyCommand({ FunctionName: "allowed" }));
    expect(JSON.parse(Policy).Statement).toMatchObject([{ Sid: "mine", Resource: arn }]);
    await account.lambda.send(new RemovePermissionCommand({ FunctionName: "allowed", StatementId: "mine" }));
    expect(permits(rule)).toBe(false);
  });
});
