// biome-ignore-all lint/suspicious/noTemplateCurlyInString: CloudFormation writes its references this way
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Account, AwsError, type Json, type Service } from "../../local/account.ts";
import { planStack } from "../../local/cloudformation/stack.ts";
import { createWorld } from "../../local/world.ts";

const ACCOUNT = {
  id: "000000000000",
  region: "eu-west-1",
  world: createWorld({ seed: 1, startAt: 0 }),
  ssm: { get: (name: string) => (name === "/known" ? "from-ssm" : undefined) },
} as unknown as Account;

const TABLE = { Type: "AWS::DynamoDB::Table", Properties: { TableName: "table" } };

let dir: string;
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), "stack-"));
  writeFileSync(join(dir, "serverless-state.json"), JSON.stringify({ service: { service: "shop" } }));
});
afterAll(() => rmSync(dir, { recursive: true }));

/** What the makers were given, by logical id, in order. */
type Given = Map<string, Json>;

const serviceThatNotes = (given: Given): Service => ({
  name: "notes",
  signingName: "notes",
  protocol: "json-1.1",
  operations: {},
  resources: Object.fromEntries(
    ["AWS::DynamoDB::Table", "AWS::Lambda::Function", "AWS::SNS::Topic"].map((type) => [
      type,
      (properties: Json, { logicalId, stackName }: { logicalId: string; stackName: string }) => {
        if (properties.Refused) throw new AwsError("ValidationError", "not like this");
        given.set(logicalId, properties);
        const ref = `${stackName}/${logicalId}`;
        return { ref, attributes: { Arn: `arn:${ref}`, "Url.Host": "host" } };
      },
    ]),
  ),
});

const make = async (template: Json, parameters: Record<string, string> = {}) => {
  writeFileSync(join(dir, "cloudformation-template-update-stack.json"), JSON.stringify(template));
  const given: Given = new Map();
  const services = [serviceThatNotes(given)];
  const stack = await planStack(ACCOUNT, services, { packageDir: dir, stage: "local", parameters }).make();
  return { given, stack };
};

/** The value as a resource's property sees it. */
const resolved = async (value: Json, rest: Json = {}, parameters: Record<string, string> = {}) => {
  const Resources = {
    Table: TABLE,
    Topic: { Type: "AWS::SNS::Topic" },
    Looked: { Type: "AWS::SNS::Topic", Properties: { value } },
  };
  const { given } = await make({ ...rest, Resources }, parameters);
  return given.get("Looked").value;
};

describe("an intrinsic function", () => {
  it.each([
    [{ Ref: "Topic" }, "shop-local/Topic"],
    [{ Ref: "AWS::AccountId" }, "000000000000"],
    [{ Ref: "AWS::Region" }, "eu-west-1"],
    [{ Ref: "AWS::Partition" }, "aws"],
    [{ Ref: "AWS::StackName" }, "shop-local"],
    [{ Ref: "AWS::URLSuffix" }, "amazonaws.com"],
    [{ "Fn::GetAtt": ["Topic", "Arn"] }, "arn:shop-local/Topic"],
    [{ "Fn::GetAtt": "Topic.Arn" }, "arn:shop-local/Topic"],
    [{ "Fn::GetAtt": ["Topic", "Url.Host"] }, "host"],
    [
      { "Fn::Sub": "a ${Topic} ${Topic.Arn} ${!Literal} ${AWS::Region}" },
      "a shop-local/Topic arn:shop-local/Topic ${Literal} eu-west-1",
    ],
    [{ "Fn::Sub": ["${Name}-${AWS::Partition}", { Name: { Ref: "Topic" } }] }, "shop-local/Topic-aws"],
    [{ "Fn::Join": ["-", ["a", { Ref: "AWS::Region" }, 1]] }, "a-eu-west-1-1"],
    [{ "Fn::Select": ["1", { "Fn::Split": [",", "a,b,c"] }] }, "b"],
    [{ "Fn::Base64": "a" }, "YQ=="],
    [[{ Ref: "AWS::NoValue" }, "kept"], ["kept"]],
    [
      { gone: { Ref: "AWS::NoValue" }, kept: { deep: [{ Ref: "Topic" }] } },
      { kept: { deep: ["shop-local/Topic"] } },
    ],
    [
      { Statement: [{ Condition: { Bool: { k: "true" } } }] },
      { Statement: [{ Condition: { Bool: { k: "true" } } }] },
    ],
  ])("%j is %j", async (value, expected) => {
    expect(await resolved(value)).toEqual(expected);
  });

  it("finds a mapping's value", async () => {
    const Mappings = { Limits: { "eu-west-1": { calls: 5 } } };
    expect(
      await resolved({ "Fn::FindInMap": ["Limits", { Ref: "AWS::Region" }, "calls"] }, { Mappings }),
    ).toBe(5);
  });

  it.each([
    [{ "Fn::ImportValue": "x" }, "Fn::ImportValue cannot be answered"],
    [{ Ref: "Nobody" }, "nothing in the template is called Nobody"],
    [{ "Fn::GetAtt": ["Topic", "Colour"] }, "Topic has no attribute Colour here"],
    [{ "Fn::Select": [3, ["a"]] }, "Fn::Select cannot be answered"],
    [{ "Fn::If": ["Nobody", 1, 2] }, "the template has no condition Nobody"],
  ])("%j is refused in one line", async (value, message) => {
    await expect(resolved(value)).rejects.toThrow(new RegExp(`^${message}[^\n]*$`));
  });
});

describe("a parameter", () => {
  const Parameters = {
    Name: { Type: "String", Default: "usual" },
    Many: { Type: "CommaDelimitedList", Default: "a, b" },
    Kept: { Type: "AWS::SSM::Parameter::Value<String>", Default: "/known" },
    Needed: { Type: "String" },
  };

  it("has the value it is given, else its default", async () => {
    expect(await resolved({ Ref: "Name" }, { Parameters })).toBe("usual");
    expect(await resolved({ Ref: "Name" }, { Parameters }, { Name: "other" })).toBe("other");
    expect(await resolved({ Ref: "Many" }, { Parameters })).toEqual(["a", "b"]);
    expect(await resolved({ Ref: "Kept" }, { Parameters })).toBe("from-ssm");
  });

  it("without either is refused", async () => {
    await expect(resolved({ Ref: "Needed" }, { Parameters })).rejects.toThrow(
      "the template's parameter Needed has no value",
    );
  });
});

describe("a condition", () => {
  const Parameters = { Stage: { Type: "String", Default: "local" } };
  const Conditions = {
    IsLocal: { "Fn::Equals": [{ Ref: "Stage" }, "local"] },
    IsOther: { "Fn::Not": [{ Condition: "IsLocal" }] },
    Either: { "Fn::Or": [{ Condition: "IsLocal" }, { Condition: "IsOther" }] },
    Both: { "Fn::And": [{ Condition: "IsLocal" }, { Condition: "IsOther" }] },
  };

  it.each([
    ["IsLocal", "yes"],
    ["IsOther", "no"],
    ["Either", "yes"],
    ["Both", "no"],
  ])("%s chooses %s", async (condition, expected) => {
    expect(await resolved({ "Fn::If": [condition, "yes", "no"] }, { Parameters, Conditions })).toBe(expected);
  });

  it("leaves resources and outputs out, of whatever type they are", async () => {
    const { given, stack } = await make({
      Parameters,
      Conditions,
      Resources: {
        Table: TABLE,
        Here: { Type: "AWS::SNS::Topic", Condition: "IsLocal" },
        Gone: { Type: "AWS::Quantum::Ledger", Condition: "IsOther" },
      },
      Outputs: {
        Here: { Value: { "Fn::GetAtt": ["Here", "Arn"] } },
        Gone: { Value: { Ref: "Gone" }, Condition: "IsOther" },
      },
    });
    expect([...given.keys()]).toEqual(["Table", "Here"]);
    expect(stack.outputs).toEqual({ Here: "arn:shop-local/Here" });
  });
});

describe("a stack", () => {
  it("is made in the order of its references", async () => {
    const topic = (Properties: Json, DependsOn?: Json) => ({
      Type: "AWS::SNS::Topic",
      Properties,
      DependsOn,
    });
    const { given } = await make({
      Resources: {
        ByRef: topic({ a: [{ Ref: "ByAttribute" }] }),
        ByAttribute: topic({ a: { "Fn::Join": ["", [{ "Fn::GetAtt": ["BySub", "Arn"] }]] } }),
        BySub: topic({ a: { "Fn::Sub": "${ByList.Arn}" } }),
        ByList: topic({}, ["Named"]),
        Named: topic({}, "Table"),
        Table: TABLE,
      },
    });
    expect([...given.keys()]).toEqual(["Table", "Named", "ByList", "BySub", "ByAttribute", "ByRef"]);
  });

  it("answers for resources that have no effect here", async () => {
    const { given } = await make({
      Resources: {
        Table: TABLE,
        Board: { Type: "AWS::CloudWatch::Dashboard" },
        User: { Type: "AWS::SNS::Topic", Properties: { board: { Ref: "Board" } } },
      },
    });
    expect(given.get("User")).toEqual({ board: expect.stringMatching(/-Board-[0-9A-Z]{12}$/) });
  });

  it("gives a function the zip of its key's name", async () => {
    const fn = {
      Type: "AWS::Lambda::Function",
      Properties: { Code: { S3Bucket: "b", S3Key: "a/b/fn.zip" } },
    };
    const template = { Resources: { Table: TABLE, Fn: fn } };
    await expect(make(template)).rejects.toThrow(/^Fn wants fn\.zip, which is not in .+$/);
    writeFileSync(join(dir, "fn.zip"), "");
    expect((await make(template)).given.get("Fn").Code).toMatchObject({ LocalZip: join(dir, "fn.zip") });
  });

  it.each([
    [
      "of an unknown type",
      { Odd: { Type: "AWS::Quantum::Ledger" }, Table: TABLE },
      "the local account cannot make Odd (AWS::Quantum::Ledger)",
    ],
    [
      "without a table",
      { Topic: { Type: "AWS::SNS::Topic" } },
      "the template has no AWS::DynamoDB::Table: there is nowhere to keep a record",
    ],
    [
      "that refers in a circle",
      {
        Table: TABLE,
        A: { Type: "AWS::SNS::Topic", DependsOn: "B" },
        B: { Type: "AWS::SNS::Topic", Properties: { a: { Ref: "A" } } },
      },
      "resources refer to each other in a circle: A → B → A",
    ],
    [
      "that its service refuses",
      { Table: TABLE, Bad: { Type: "AWS::SNS::Topic", Properties: { Refused: true } } },
      "Bad (AWS::SNS::Topic) cannot be made: ValidationError: not like this",
    ],
    ["without resources", {}, expect.stringMatching(/ has no Resources$/)],
  ])("%s is refused in one line", async (_what, Resources, message) => {
    await expect(make({ Resources })).rejects.toMatchObject({ name: "StartError", message });
  });

  it("needs a template", () => {
    const options = { packageDir: join(dir, "nothing"), stage: "local" };
    expect(() => planStack(ACCOUNT, [], options)).toThrow(
      /holds no cloudformation-template-update-stack\.json/,
    );
  });
});
