import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { ROOT } from "../../../build/handlers.ts";
import { serverless } from "../../../build/package.ts";
import { checkStage, readStage, STAGES } from "../../../build/stages.ts";
import { resourcesOf, templateOf, textOf } from "../../support/stack.ts";

const yamlOf = (stage: string): string => readFileSync(join(ROOT, "stages", `${stage}.yml`), "utf8");

const faultOf = (yaml: string): string => {
  try {
    checkStage("dev", yaml);
    return "";
  } catch (error) {
    return error instanceof Error ? error.message : "not an Error";
  }
};

describe("the files of the stages", () => {
  it("say where each stage stands, with every digit of its account", () => {
    const places = STAGES.map((stage) => [stage, readStage(stage).account, readStage(stage).region]);
    expect(places).toEqual([
      ["local", "000000000000", "eu-west-1"],
      ["dev", "536580886816", "eu-west-1"],
      ["sit", "815856636111", "eu-west-1"],
      ["prod", "093646564004", "af-south-1"],
    ]);
  });

  it("keep logs for 30 days, 90 days and seven years", () => {
    expect(STAGES.map((stage) => readStage(stage).logRetentionInDays)).toEqual([30, 30, 90, 2557]);
  });

  it("want approval, Slack and a table that stays in production, and only there", () => {
    const strict = STAGES.filter((stage) => {
      const file = readStage(stage);
      return (
        file.approvalRequired &&
        file.slackSecret === "required" &&
        file.tableRetention === "Retain" &&
        file.tableDeletionProtection
      );
    });
    expect(strict).toEqual(["prod"]);
    expect(STAGES.filter((stage) => readStage(stage).approvalRequired)).toEqual(["prod"]);
  });
});

describe("a stage file that will not do", () => {
  it.each([
    [
      "an account without quotes",
      /"536580886816"/,
      "093646564004",
      'account must be an AWS account: 12 digits in quotes, as in "012345678901"',
    ],
    [
      "an account that lacks a digit",
      /"536580886816"/,
      '"93646564004"',
      'account must be an AWS account: 12 digits in quotes, as in "012345678901"',
    ],
    ["a region of the wrong form", /eu-west-1/, "Ireland", "region must be an AWS region, as in eu-west-1"],
    [
      "a retention CloudWatch does not know",
      /Days: 30/,
      "Days: 31",
      "logRetentionInDays must be one of CloudWatch's retention times: 1, 3, 5,",
    ],
    [
      "a key nobody knows",
      /slackChannel:/,
      "slackChanel:",
      "slackChanel is not known here; known are account, region,",
    ],
    [
      "a limit of nothing",
      /stormConcurrency: 5/,
      "stormConcurrency: 0",
      "stormConcurrency must be 1 or more: ",
    ],
    [
      "a word for a switch",
      /heartbeatTells: true/,
      "heartbeatTells: maybe",
      "heartbeatTells must be true or false: ",
    ],
    [
      "a dead letter older than the queue keeps any",
      /Max: 604800/,
      "Max: 1209600",
      "deadLetterSecondsMax must be at most 1209599: ",
    ],
    [
      "a boundary by its ARN",
      /permissionsBoundary: .*/,
      "permissionsBoundary: arn:aws:iam::012345678901:policy/boundary",
      "permissionsBoundary must be the name of an IAM policy of the account",
    ],
    ["text that is no YAML", /account:/, "account: [", "is not YAML: "],
    ["nothing at all", /.*/s, "", "account must be "],
  ])("%s is refused in one line that names file, key and what is right", (_what, part, instead, said) => {
    const fault = faultOf(yamlOf("dev").replace(part, instead));
    expect(fault).toContain("stages/dev.yml");
    expect(fault).toContain(said);
    expect(fault).not.toContain("\n");
  });

  it("is told of all its faults at once", () => {
    const fault = faultOf(
      yamlOf("dev")
        .replace(/"536580886816"/, "1")
        .replace("eu-west-1", "x"),
    );
    expect(fault).toContain("account must be");
    expect(fault).toContain("; region must be");
  });

  it("stops a package before anything of it is made, even when the file is missing", async () => {
    const refusal = await serverless(["package", "--stage", "nope"]).catch((error: Error) => error.message);
    expect(refusal).toContain('unknown stage "nope": use one of local, dev, sit, prod\n');
    expect(() => readStage("dev", "/nowhere")).toThrow(
      "stages/dev.yml is missing: copy the file of another stage and say what differs",
    );
  });
});

describe("what a stage asks for", () => {
  it("reaches every log group: a key of the stack's own in production, which only these logs may use", async () => {
    const prod = await templateOf("prod");
    const groups = resourcesOf(prod, "AWS::Logs::LogGroup");
    expect(groups.length).toBeGreaterThanOrEqual(8);
    for (const { Properties } of groups) expect(textOf(Properties.KmsKeyId)).toBe("LogKey.Arn");
    const key = prod.Resources.LogKey;
    expect(key?.DeletionPolicy).toBe("Retain");
    const logs = key?.Properties.KeyPolicy.Statement[1];
    expect(textOf(logs.Principal.Service)).toBe("logs.eu-west-1.amazonaws.com");
    expect(textOf(logs.Condition.ArnLike["kms:EncryptionContext:aws:logs:arn"])).toBe(
      "arn:aws:logs:eu-west-1:000000000000:log-group:/aws/lambda/*bellwether-prod-*",
    );
    expect((await templateOf("dev")).Resources).not.toHaveProperty("LogKey");
  });
});
