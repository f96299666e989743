import { expect, test } from "vitest";
import type { Json } from "../../local/account.ts";
import { createSmallAccount, type SmallAccount, START_AT } from "../support/small-account.ts";

const MINUTE_MS = 60_000;
const FUNCTION = "arn:aws:lambda:eu-west-1:111122223333:function:track";
const QUEUE = "arn:aws:sqs:eu-west-1:111122223333:dead";
const HAPPENING = {
  source: "aws.codedeploy",
  detailType: "CodeDeploy Deployment State-change Notification",
  resources: ["arn:one", "arn:two"],
  detail: { state: "START", deploymentId: "d-1", "kebab-case": { deep: [7, 8] } },
};

const ruled = async (target: Json = {}, rule: Json = { EventPattern: '{"source":["aws.codedeploy"]}' }) => {
  const account = createSmallAccount();
  await account.call("events", "PutRule", { Name: "rule", ...rule });
  await account.call("events", "PutTargets", {
    Rule: "rule",
    Targets: [{ Id: "1", Arn: FUNCTION, ...target }],
  });
  return account;
};

const queue = (account: SmallAccount, policy: Json, QueueName = "dead") =>
  account.call("sqs", "CreateQueue", { QueueName, Attributes: policy && { Policy: JSON.stringify(policy) } });

const ADMITTING = {
  Statement: {
    Effect: "Allow",
    Principal: { Service: "events.amazonaws.com" },
    Action: "sqs:SendMessage",
    Resource: QUEUE,
  },
};

const received = (account: SmallAccount): Json[] => account.lambda.asyncCalls.map(({ event }) => event);

test("an event of a service reaches the function of a matching rule, with the whole envelope", async () => {
  const account = await ruled();
  account.events.emit(HAPPENING);
  account.events.emit({ ...HAPPENING, source: "aws.cloudwatch" });
  await account.pass(1_000);
  expect(received(account)).toEqual([
    {
      version: "0",
      id: expect.stringMatching(/^[0-9a-f]{8}-[0-9a-f]{4}-4/),
      "detail-type": HAPPENING.detailType,
      source: "aws.codedeploy",
      account: "111122223333",
      time: "2026-08-16T11:56:00Z",
      region: "eu-west-1",
      resources: HAPPENING.resources,
      detail: HAPPENING.detail,
    },
  ]);
});

test("a disabled rule lets nothing through until it is enabled again", async () => {
  const account = await ruled();
  await account.call("events", "DisableRule", { Name: "rule" });
  account.events.emit(HAPPENING);
  await account.pass(1_000);
  expect(received(account)).toEqual([]);
  await account.call("events", "EnableRule", { Name: "rule" });
  account.events.emit(HAPPENING);
  await account.pass(1_000);
  expect(received(account)).toHaveLength(1);
});

test("seeded faults drop, double, delay and reorder the events they name", async () => {
  const account = await ruled();
  const states = () => received(account).map(({ detail }) => detail.state);
  const send = async (...list: string[]) => {
    for (const state of list) account.events.emit({ ...HAPPENING, detail: { state } });
    await account.pass(10 * MINUTE_MS);
  };
  account.faults.add({ kind: "drop", source: "aws.codedeploy", times: 1 });
  await send("A", "B");
  expect(states()).toEqual(["B"]);
  account.faults.clear();
  account.faults.add({ kind: "double", times: 1 });
  await send("C");
  expect(states()).toEqual(["B", "C", "C"]);
  expect(received(account)[1].id).toBe(received(account)[2].id);
  account.faults.clear();
  account.faults.add({ kind: "delay", times: 1, delayMs: 60_000 });
  await send("D", "E");
  expect(states().slice(3)).toEqual(["E", "D"]);
  expect([...account.faults.landed.values()]).toEqual([1, 1, 1]);
});

test.each([
  [{ InputPath: "$.detail" }, HAPPENING.detail],
  [{ InputPath: "$.detail['kebab-case'].deep[1]" }, 8],
  [{ InputPath: "$.resources[0]" }, "arn:one"],
  [{ Input: '{"fixed":true}' }, { fixed: true }],
  [
    {
      InputTransformer: {
        InputPathsMap: { state: "$.detail.state", deep: "$.detail.kebab-case.deep", gone: "$.detail.gone" },
        InputTemplate:
          '{"text":"<state> of \\"<gone>\\"","state":<state>,"deep":<deep>,"as":"<deep>","rule":<aws.events.rule-name>}',
      },
    },
    { text: 'START of ""', state: "START", deep: [7, 8], as: "[7,8]", rule: "rule" },
  ],
  [
    { InputTransformer: { InputTemplate: '{"whole":<aws.events.event.json>,"kept":"<unknown>"}' } },
    { whole: expect.objectContaining({ source: "aws.codedeploy" }), kept: "<unknown>" },
  ],
])("a target with %j is sent that", async (target: Json, expected) => {
  const account = await ruled(target);
  account.events.emit(HAPPENING);
  await account.pass(1_000);
  expect(received(account)).toEqual([expected]);
});

test("a target that may not be invoked goes to the dead-letter queue at once, with the reason", async () => {
  const account = await ruled({ DeadLetterConfig: { Arn: QUEUE } });
  await queue(account, ADMITTING);
  account.lambda.refused.add("track events.amazonaws.com");
  account.events.emit(HAPPENING);
  await account.pass(1_000);
  expect(received(account)).toEqual([]);
  const { Messages } = await account.call("sqs", "ReceiveMessage", { QueueUrl: "dead" });
  expect(JSON.parse(Messages[0].Body).detail).toEqual(HAPPENING.detail);
  const values = Object.entries<Json>(Messages[0].MessageAttributes).map(([name, one]) => [
    name,
    one.StringValue,
  ]);
  expect(Object.fromEntries(values)).toMatchObject({
    RULE_ARN: "arn:aws:events:eu-west-1:111122223333:rule/rule",
    TARGET_ARN: FUNCTION,
    ERROR_CODE: "NO_PERMISSIONS",
    RETRY_ATTEMPTS: "0",
  });
});

test("a missing target is named as such, and a dead-letter queue without a policy loses the event", async () => {
  const gone = "arn:aws:sns:eu-west-1:111122223333:gone";
  const account = await ruled({ Arn: gone, DeadLetterConfig: { Arn: QUEUE } });
  await queue(account, undefined);
  account.events.emit(HAPPENING);
  await account.pass(1_000);
  expect(account.sqs.depth(QUEUE)).toBe(0);
  await account.call("sqs", "SetQueueAttributes", {
    QueueUrl: "dead",
    Attributes: { Policy: JSON.stringify(ADMITTING) },
  });
  account.events.emit(HAPPENING);
  await account.pass(1_000);
  const { Messages } = await account.call("sqs", "ReceiveMessage", { QueueUrl: "dead" });
  expect(Messages[0].MessageAttributes.ERROR_CODE.StringValue).toBe("NO_RESOURCE");
});

test("a topic admits EventBridge only by a statement that names it without a condition", async () => {
  const TopicArn = "arn:aws:sns:eu-west-1:111122223333:topic";
  const account = await ruled({ Arn: TopicArn });
  await account.call("sns", "CreateTopic", { Name: "topic" });
  const attempt = async (AttributeValue: Json): Promise<number> => {
    const input = { TopicArn, AttributeName: "Policy", AttributeValue: JSON.stringify(AttributeValue) };
    if (AttributeValue !== undefined) await account.call("sns", "SetTopicAttributes", input);
    const before = account.sns.published.length;
    account.events.emit(HAPPENING);
    await account.pass(1_000);
    return account.sns.published.length - before;
  };
  const Statement = {
    Effect: "Allow",
    Principal: { Service: "events.amazonaws.com" },
    Action: "sns:Publish",
    Resource: TopicArn,
  };
  expect(await attempt(undefined)).toBe(0);
  expect(
    await attempt({
      Statement: [{ ...Statement, Condition: { StringEquals: { "aws:SourceAccount": "111122223333" } } }],
    }),
  ).toBe(0);
  expect(await attempt({ Statement: [Statement] })).toBe(1);
  expect(await attempt({ Statement: [Statement, { ...Statement, Effect: "Deny" }] })).toBe(0);
});

test("a rate fires by account time in the scheduled event's shape, and can be lost like any event", async () => {
  const account = await ruled({}, { ScheduleExpression: "rate(5 minutes)" });
  await account.pass(16 * MINUTE_MS);
  expect(account.lambda.asyncCalls.map(({ at }) => at - START_AT)).toEqual([300_500, 600_500, 900_500]);
  expect(received(account)[0]).toMatchObject({
    source: "aws.events",
    "detail-type": "Scheduled Event",
    resources: ["arn:aws:events:eu-west-1:111122223333:rule/rule"],
    detail: {},
  });
  account.faults.add({ kind: "drop", source: "aws.events" });
  await account.pass(10 * MINUTE_MS);
  expect(received(account)).toHaveLength(3);
});

test.each([
  ["cron(0 12 * * ? *)", "2026-08-16T12:00"],
  ["cron(0/15 * * * ? *)", "2026-08-16T12:00"],
  ["cron(30 8 ? * MON-FRI *)", "2026-08-17T08:30"],
  ["cron(0 0 1 JAN,JUL ? *)", "2027-01-01T00:00"],
  ["cron(5 11,12 16 8 ? 2026-2027)", "2026-08-16T12:05"],
  ["cron(0 0 29 2 ? *)", "2028-02-29T00:00"],
])("%s fires next at %s", async (ScheduleExpression, expected) => {
  const account = await ruled({}, { ScheduleExpression });
  const at = Date.parse(`${expected}Z`);
  await account.world.advanceTo(at + 499);
  expect(received(account)).toHaveLength(0);
  await account.world.advanceTo(at + 500);
  expect(received(account)).toHaveLength(1);
});

test.each([
  "rate(1 minutes)",
  "rate(2 minute)",
  "rate(0 minutes)",
  "rate(1 week)",
  "cron(0 12 * * * *)",
  "cron(0 12 L * ? *)",
  "cron(0 12 ? * 6#3 *)",
  "cron(61 * * * ? *)",
  "cron(* * * *)",
  "at(2026-08-16T12:00:00)",
])("the schedule %s is refused", async (ScheduleExpression) => {
  const account = createSmallAccount();
  expect(await account.refused("events", "PutRule", { Name: "rule", ScheduleExpression })).toBe(
    "ValidationException",
  );
});

test("put-events takes a caller's events and refuses those that pose as a service's", async () => {
  const account = await ruled({}, { EventPattern: '{"source":["shop"],"detail":{"n":[1]}}' });
  const entry = (more: Json) => ({ Source: "shop", DetailType: "Sold", Detail: '{"n":1}', ...more });
  const answer = await account.call("events", "PutEvents", {
    Entries: [
      entry({}),
      entry({ Source: "aws.codedeploy" }),
      entry({ Detail: "{" }),
      entry({ DetailType: undefined }),
    ],
  });
  expect(answer.FailedEntryCount).toBe(3);
  expect(answer.Entries.map((one: Json) => one.ErrorCode)).toEqual([
    undefined,
    "NotAuthorizedForSourceException",
    "MalformedDetail",
    "InvalidArgument",
  ]);
  await account.pass(1_000);
  expect(received(account).map(({ id }) => id)).toEqual([answer.Entries[0].EventId]);
  expect(await account.refused("events", "PutEvents", { Entries: [] })).toBe("ValidationException");
  expect(await account.refused("events", "PutEvents", { Entries: [entry({ EventBusName: "other" })] })).toBe(
    "ResourceNotFoundException",
  );
});

test("rules and targets can be listed, found by target, and deleted in order", async () => {
  const account = await ruled();
  const { Rules } = await account.call("events", "ListRules", { NamePrefix: "ru" });
  expect(Rules[0]).toMatchObject({
    Name: "rule",
    State: "ENABLED",
    EventPattern: '{"source":["aws.codedeploy"]}',
  });
  expect((await account.call("events", "ListTargetsByRule", { Rule: "rule" })).Targets).toEqual([
    { Id: "1", Arn: FUNCTION },
  ]);
  expect((await account.call("events", "ListRuleNamesByTarget", { TargetArn: FUNCTION })).RuleNames).toEqual([
    "rule",
  ]);
  expect(await account.refused("events", "DeleteRule", { Name: "rule" })).toBe("ValidationException");
  const removed = await account.call("events", "RemoveTargets", { Rule: "rule", Ids: ["1", "9"] });
  expect(removed.FailedEntries.map(({ TargetId }: Json) => TargetId)).toEqual(["9"]);
  await account.call("events", "DeleteRule", { Name: "rule" });
  expect(await account.refused("events", "DescribeRule", { Name: "rule" })).toBe("ResourceNotFoundException");
});

test.each([
  [{ Input: "{}", InputPath: "$" }, "ValidationException"],
  [{ InputPath: "detail" }, "ValidationException"],
  [{ RetryPolicy: { MaximumRetryAttempts: 186 } }, "ValidationException"],
  [{ RetryPolicy: { MaximumEventAgeInSeconds: 59 } }, "ValidationException"],
  [{ Id: "" }, "ValidationException"],
])("a target with %j is refused", async (target: Json, code) => {
  const account = await ruled();
  const Targets = [{ Id: "2", Arn: FUNCTION, ...target }];
  expect(await account.refused("events", "PutTargets", { Rule: "rule", Targets })).toBe(code);
});

test("a rule takes five targets and no sixth", async () => {
  const account = await ruled();
  const Targets = ["2", "3", "4", "5", "6"].map((Id) => ({ Id, Arn: FUNCTION }));
  expect(await account.refused("events", "PutTargets", { Rule: "rule", Targets })).toBe(
    "LimitExceededException",
  );
});

test("CloudFormation makes a rule with its targets, and making it again replaces them", async () => {
  const account = createSmallAccount();
  const properties = { EventPattern: { source: ["aws.codedeploy"] }, Targets: [{ Id: "a", Arn: FUNCTION }] };
  const made = await account.make("AWS::Events::Rule", properties, "Track");
  expect(made.attributes.Arn).toBe(`arn:aws:events:eu-west-1:111122223333:rule/${made.ref}`);
  await account.make("AWS::Events::Rule", { ...properties, Targets: [{ Id: "b", Arn: FUNCTION }] }, "Track");
  account.events.emit(HAPPENING);
  await account.pass(1_000);
  expect(received(account)).toHaveLength(1);
});
