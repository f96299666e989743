import { beforeAll, describe, expect, it } from "vitest";
import { matchesPattern } from "../../support/event-pattern.ts";
import {
  type Json,
  type Resource,
  resolved,
  resourcesOf,
  type Template,
  templateOf,
  textOf,
} from "../../support/stack.ts";

let template: Template;
let rules: Resource[];

beforeAll(async () => {
  template = await templateOf("dev");
  rules = resourcesOf(template, "AWS::Events::Rule");
});

const ruleNamed = (name: string): Json =>
  resolved(rules.find(({ Properties }) => Properties.Name === `bellwether-dev-${name}`)?.Properties);

const event = (source: string, detailType: string, detail: object, over: object = {}): object => ({
  version: "0",
  id: "1",
  account: "000000000000",
  region: "eu-west-1",
  time: "2026-11-23T00:00:00Z",
  source,
  "detail-type": detailType,
  resources: [],
  detail,
  ...over,
});

describe("every rule", () => {
  it("keeps what it could not hand over, and gives up in the end", () => {
    expect(rules.length).toBeGreaterThan(0);
    for (const { Properties } of rules)
      for (const target of resolved(Properties.Targets)) {
        expect(target.DeadLetterConfig.Arn).toBe("DeadLetters.Arn");
        expect(target.RetryPolicy.MaximumRetryAttempts).toBeGreaterThan(0);
        expect(target.RetryPolicy.MaximumEventAgeInSeconds).toBeGreaterThanOrEqual(60);
      }
  });

  it("has a target that lets it, and only it, in", () => {
    const permissions = resourcesOf(template, "AWS::Lambda::Permission").map(({ Properties }) =>
      resolved(Properties),
    );
    for (const { Properties } of rules)
      expect(permissions).toContainEqual({
        Action: "lambda:InvokeFunction",
        Principal: "events.amazonaws.com",
        FunctionName: textOf(Properties.Targets[0].Arn),
        SourceArn: `arn:aws:events:eu-west-1:000000000000:rule/${Properties.Name}`,
      });
  });

  it("may use the dead letter queue, and rules of others may not", () => {
    const [policy] = resourcesOf(template, "AWS::SQS::QueuePolicy");
    expect(resolved(policy?.Properties.PolicyDocument.Statement[0])).toMatchObject({
      Principal: { Service: "events.amazonaws.com" },
      Action: "sqs:SendMessage",
      Condition: {
        ArnLike: { "aws:SourceArn": "arn:aws:events:eu-west-1:000000000000:rule/bellwether-dev-*" },
      },
    });
  });
});

describe("the rule for deployments", () => {
  const change = (state: string, over: object = {}): object =>
    event(
      "aws.codedeploy",
      "CodeDeploy Deployment State-change Notification",
      { state, deploymentId: "d-1" },
      over,
    );
  const isHeard = (candidate: object): boolean =>
    matchesPattern(ruleNamed("deployment-changed").EventPattern, candidate);

  it("hears START, SUCCESS, FAILURE and STOP of every application", () => {
    for (const state of ["START", "SUCCESS", "FAILURE", "STOP"]) expect(isHeard(change(state))).toBe(true);
  });

  it("does not hear READY, other accounts, other regions or single instances", () => {
    expect(isHeard(change("READY"))).toBe(false);
    expect(isHeard(change("START", { account: "111111111111" }))).toBe(false);
    expect(isHeard(change("START", { region: "us-east-1" }))).toBe(false);
    expect(
      isHeard(event("aws.codedeploy", "CodeDeploy Instance State-change Notification", { state: "START" })),
    ).toBe(false);
    expect(isHeard(change("START", { source: "my.codedeploy" }))).toBe(false);
  });

  it("starts track-deployment", () => {
    expect(ruleNamed("deployment-changed").Targets[0].Arn).toBe("TrackDashdeploymentLambdaFunction.Arn:live");
  });
});

describe("the rule for alarms", () => {
  const change = (alarmName: string, value: string, over: object = {}): object =>
    event("aws.cloudwatch", "CloudWatch Alarm State Change", { alarmName, state: { value } }, over);
  const isHeard = (candidate: object): boolean =>
    matchesPattern(ruleNamed("alarm-changed").EventPattern, candidate);

  it("hears ALARM and OK of any alarm", () => {
    expect(isHeard(change("checkout-errors", "ALARM"))).toBe(true);
    expect(isHeard(change("checkout-errors", "OK"))).toBe(true);
    expect(isHeard(change("bellwether-is-a-prefix-of-my-alarm", "OK"))).toBe(true);
  });

  it("does not hear Bellwether's own alarms, which go straight to SNS", () => {
    expect(isHeard(change("bellwether-dev-dead-letters", "ALARM"))).toBe(false);
  });

  it("does not hear INSUFFICIENT_DATA, changed definitions or other accounts", () => {
    expect(isHeard(change("checkout-errors", "INSUFFICIENT_DATA"))).toBe(false);
    expect(
      isHeard(change("checkout-errors", "ALARM", { "detail-type": "CloudWatch Alarm Configuration Change" })),
    ).toBe(false);
    expect(isHeard(change("checkout-errors", "ALARM", { account: "111111111111" }))).toBe(false);
  });

  it("starts route-alarm", () => {
    expect(ruleNamed("alarm-changed").Targets[0].Arn).toBe("RouteDashalarmLambdaFunction.Arn:live");
  });
});

describe("the clock", () => {
  it.each([
    ["judge-every-minute", "rate(1 minute)", "JudgeDashcanaryLambdaFunction.Arn:live"],
    ["reconcile-every-5-minutes", "rate(5 minutes)", "ReconcileLambdaFunction.Arn:live"],
    ["send-what-is-left", "rate(2 minutes)", "SendDashnoticesLambdaFunction.Arn:live"],
    ["archive-every-hour", "cron(7 * * * ? *)", "ArchiveDashauditLambdaFunction.Arn:live"],
  ])("%s comes at %s", (name, rate, target) => {
    const rule = ruleNamed(name);
    expect(rule).toMatchObject({ ScheduleExpression: rate, State: "ENABLED" });
    expect(rule.Targets).toHaveLength(1);
    expect(rule.Targets[0].Arn).toBe(target);
  });

  it("is heard by nobody else", () => {
    expect(rules).toHaveLength(6);
  });
});

describe("the table's stream", () => {
  const sourceOf = (functionId: string): Json =>
    resolved(
      resourcesOf(template, "AWS::Lambda::EventSourceMapping").find(
        ({ Properties }) => textOf(Properties.FunctionName) === `${functionId}.Arn:live`,
      )?.Properties,
    );
  const record = (eventName: string, sk: string): object => ({
    eventName,
    dynamodb: { Keys: { pk: { S: "DEP#d-1" }, sk: { S: sk } } },
  });
  const isHeard = (source: Json, candidate: object): boolean =>
    source.FilterCriteria.Filters.some((filter: { Pattern: string }) =>
      matchesPattern(JSON.parse(filter.Pattern), candidate),
    );

  it("starts the telling for a new outbox entry and for nothing else", () => {
    const source = sourceOf("SendDashnoticesLambdaFunction");
    expect(isHeard(source, record("INSERT", "OUT#n-1#slack"))).toBe(true);
    expect(isHeard(source, record("MODIFY", "OUT#n-1#slack"))).toBe(false);
    expect(isHeard(source, record("INSERT", "LIFE#RECORD"))).toBe(false);
  });

  it("starts the judge for a new intent and for nothing else", () => {
    const source = sourceOf("JudgeDashcanaryLambdaFunction");
    expect(isHeard(source, record("INSERT", "INTENT#rollback"))).toBe(true);
    expect(isHeard(source, record("MODIFY", "INTENT#rollback"))).toBe(false);
    expect(isHeard(source, record("INSERT", "OUT#n-1#slack"))).toBe(false);
  });

  it("gives up on a batch in the end, halving it first, and keeps what failed", () => {
    for (const id of ["SendDashnoticesLambdaFunction", "JudgeDashcanaryLambdaFunction"])
      expect(sourceOf(id)).toMatchObject({
        EventSourceArn: "DeploymentsTable.StreamArn",
        BisectBatchOnFunctionError: true,
        MaximumRetryAttempts: 3,
        DestinationConfig: { OnFailure: { Destination: "DeadLetters.Arn" } },
      });
  });

  it("hears from the teller which entries of a batch failed", () => {
    expect(sourceOf("SendDashnoticesLambdaFunction").FunctionResponseTypes).toEqual([
      "ReportBatchItemFailures",
    ]);
  });
});
