import { join } from "node:path";
import { build } from "esbuild";
import { beforeAll, describe, expect, it } from "vitest";
import { ordinaryOptions, PLUGINS } from "../../../build/bundle.ts";
import { handlerNames, ROOT } from "../../../build/handlers.ts";
import { type Json, listOf, resolved, resourcesOf, type Template, templateOf } from "../../support/stack.ts";

/** Commands whose IAM action bears another name. A transaction of puts is, to IAM, each of its puts. */
const ACTION_OF: Record<string, string> = {
  "lambda:Invoke": "lambda:InvokeFunction",
  "dynamodb:TransactWriteItems": "dynamodb:PutItem",
  "s3:ListObjectsV2": "s3:ListBucket",
};

/** What a role needs without its code calling it, and who does. */
const NOT_BY_CODE: Record<string, string> = {
  "logs:CreateLogStream": "Lambda, for the function's log",
  "logs:PutLogEvents": "Lambda, for the function's log",
  "sqs:SendMessage": "Lambda, for what failed three times",
  "dynamodb:DescribeStream": "Lambda, which reads the stream for the function",
  "dynamodb:GetRecords": "Lambda, which reads the stream for the function",
  "dynamodb:GetShardIterator": "Lambda, which reads the stream for the function",
  "dynamodb:ListStreams": "Lambda, which reads the stream for the function",
  "kms:Decrypt": "SNS, on behalf of Publish to an encrypted topic",
  "kms:GenerateDataKey": "SNS, on behalf of Publish to an encrypted topic",
  "codedeploy:GetDeploymentConfig": "CodeDeploy, on behalf of CreateDeployment",
  "codedeploy:UpdateDeploymentGroup": "CodeDeploy, on behalf of a CreateDeployment that overrides alarms",
  "codedeploy:RegisterApplicationRevision": "CodeDeploy, on behalf of CreateDeployment",
};

const COMMAND = /@aws-sdk\/client-([a-z0-9]+)\/dist-es\/commands\/(\w+)Command\.js$/;

/** The IAM actions of every SDK command that made it into a handler's bundle. */
const actionsInBundle = async (handler: string): Promise<Set<string>> => {
  const { metafile } = await build({
    ...ordinaryOptions(join(ROOT, "handlers", `${handler}.ts`), join(ROOT, ".bellwether", "unwritten.mjs")),
    plugins: PLUGINS,
    write: false,
  });
  const inputs = Object.values(metafile.outputs).flatMap((output) => Object.entries(output.inputs));
  return new Set(
    inputs.flatMap(([path, { bytesInOutput }]) => {
      const [, service, command] = COMMAND.exec(path) ?? [];
      const call = `${service}:${command}`;
      return command !== undefined && bytesInOutput > 0 ? [ACTION_OF[call] ?? call] : [];
    }),
  );
};

let template: Template;
beforeAll(async () => {
  template = await templateOf("dev");
});

const grantedTo = (handler: string): string[] => {
  const lambda = resourcesOf(template, "AWS::Lambda::Function").find(
    ({ Properties }) => Properties.Handler === `dist/${handler}/index.handler`,
  );
  const role = template.Resources[resolved(lambda?.Properties.Role).replace(".Arn", "")];
  return role?.Properties.Policies.flatMap((policy: Json) => policy.PolicyDocument.Statement).flatMap(
    (statement: Json) => listOf(statement.Action),
  );
};

describe("a role", () => {
  it.each(handlerNames())("of %s allows nothing that its code cannot call", async (handler) => {
    const callable = await actionsInBundle(handler);
    expect(callable.size).toBeGreaterThan(0);
    expect(grantedTo(handler).filter((action) => !callable.has(action) && !(action in NOT_BY_CODE))).toEqual(
      [],
    );
  });
});
