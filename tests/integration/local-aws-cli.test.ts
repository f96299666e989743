import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Json } from "../../local/account.ts";
import { awsCli, missingCli } from "../support/aws-cli.ts";
import { SERVED_AT, type ServedAccount, serveAccount } from "../support/served-account.ts";

const missing = missingCli();
if (missing !== undefined) process.stderr.write(`local-aws-cli: skipped, ${missing}\n`);

/** Each command is a Python process of its own. */
const TIMEOUT_MS = 180_000;

describe.skipIf(missing !== undefined)("the AWS CLI", { timeout: TIMEOUT_MS }, () => {
  let served: ServedAccount;
  beforeAll(async () => {
    served = await serveAccount();
  });
  afterAll(() => served.close());
  const aws = (...args: string[]): Promise<Json> => awsCli(served.endpoint, ...args);

  it("is the account's owner", async () => {
    expect(await aws("sts", "get-caller-identity")).toMatchObject({
      Account: "000000000000",
      Arn: "arn:aws:iam::000000000000:root",
    });
  });

  it("puts and reads parameters", async () => {
    await aws("ssm", "put-parameter", "--name", "/cli/a", "--value", "one & two", "--type", "String");
    const { Parameters } = await aws("ssm", "get-parameters-by-path", "--path", "/cli");
    expect(Parameters).toMatchObject([{ Name: "/cli/a", Value: "one & two", Version: 1 }]);
    await expect(aws("ssm", "get-parameter", "--name", "/cli/none")).rejects.toThrow(/\(ParameterNotFound\)/);
  });

  it("puts, lists and reads an object", async () => {
    await aws("s3api", "create-bucket", "--bucket", "cli-bucket");
    await aws("s3api", "put-object", "--bucket", "cli-bucket", "--key", "a/b", "--body", "package.json");
    const { Contents } = await aws("s3api", "list-objects-v2", "--bucket", "cli-bucket", "--prefix", "a/");
    expect(Contents).toMatchObject([{ Key: "a/b" }]);
    const head = await aws("s3api", "head-object", "--bucket", "cli-bucket", "--key", "a/b");
    expect(head.ContentLength).toBe(Contents[0].Size);
  });

  it("makes a topic, publishes to it, and reads its attributes", async () => {
    const { TopicArn } = await aws("sns", "create-topic", "--name", "cli");
    const attributes = '{"severity":{"DataType":"String","StringValue":"high"}}';
    const message = ["--message", "<a> & b", "--subject", "s", "--message-attributes", attributes];
    expect((await aws("sns", "publish", "--topic-arn", TopicArn, ...message)).MessageId).toMatch(
      /^[0-9a-f-]{36}$/,
    );
    expect(served.account.sns.published.at(-1)).toMatchObject({
      message: "<a> & b",
      subject: "s",
      attributes: { severity: "high" },
    });
    const { Attributes } = await aws("sns", "get-topic-attributes", "--topic-arn", TopicArn);
    expect(Attributes.TopicArn).toBe(TopicArn);
  });

  it("sends to a queue and receives from it", async () => {
    const { QueueUrl } = await aws("sqs", "create-queue", "--queue-name", "cli");
    await aws("sqs", "send-message", "--queue-url", QueueUrl, "--message-body", "hello");
    const { Messages } = await aws("sqs", "receive-message", "--queue-url", QueueUrl);
    expect(Messages[0].Body).toBe("hello");
  });

  it("makes a role with policies", async () => {
    const trust = '{"Version":"2012-10-17","Statement":[]}';
    const made = await aws(
      "iam",
      "create-role",
      "--role-name",
      "cli",
      "--assume-role-policy-document",
      trust,
    );
    expect(made.Role).toMatchObject({
      Arn: "arn:aws:iam::000000000000:role/cli",
      AssumeRolePolicyDocument: JSON.parse(trust),
    });
    const policy = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"a:B","Resource":"*"}]}';
    const inline = ["--role-name", "cli", "--policy-name", "p", "--policy-document", policy];
    await aws("iam", "put-role-policy", ...inline);
    expect(served.account.iam.allows(made.Role.Arn, { action: "a:B", resource: "r" })).toBe(true);
    const unknown = ["--role-name", "cli", "--policy-arn", "arn:aws:iam::aws:policy/None"];
    await expect(aws("iam", "attach-role-policy", ...unknown)).rejects.toThrow(/\(NoSuchEntity\)/);
  });

  it("reads logs", async () => {
    served.account.logs.write("/aws/lambda/f", "s1", SERVED_AT, "a REPORT line");
    served.account.logs.write("/aws/lambda/f", "s2", SERVED_AT + 1, "another line");
    const group = ["--log-group-name", "/aws/lambda/f"];
    const filtered = await aws("logs", "filter-log-events", ...group, "--filter-pattern", '"REPORT line"');
    expect(filtered.events).toMatchObject([
      { logStreamName: "s1", message: "a REPORT line", timestamp: SERVED_AT },
    ]);
    const got = await aws("logs", "get-log-events", ...group, "--log-stream-name", "s2");
    expect(got.events).toMatchObject([{ message: "another line" }]);
    const { logGroups } = await aws("logs", "describe-log-groups", "--log-group-name-prefix", "/aws/");
    expect(logGroups).toMatchObject([{ logGroupName: "/aws/lambda/f" }]);
    const { logStreams } = await aws("logs", "describe-log-streams", ...group);
    expect(logStreams.map((stream: Json) => stream.logStreamName)).toEqual(["s1", "s2"]);
  });

  it("reads alarms", async () => {
    expect((await aws("cloudwatch", "describe-alarms")).MetricAlarms).toEqual([]);
  });

  it("is told that an operation is not known, whatever the protocol", async () => {
    await expect(aws("ssm", "list-documents")).rejects.toThrow(/\(UnknownOperationException\)/);
    await expect(aws("sns", "list-platform-applications")).rejects.toThrow(/\(InvalidAction\)/);
    await expect(aws("scheduler", "list-schedules")).rejects.toThrow(/\(UnknownOperationException\)/);
  });
});
