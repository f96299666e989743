/** Looks at Bellwether itself: is it whole, awake, and able to tell somebody? */
import * as stack from "../checkup/stack-checks.ts";
import { DAY_MS, MINUTE_MS } from "../kit/time.ts";
import { all, check, type ExaminePorts, type Results } from "./checkup-look.ts";

const JUDGE_MINUTES = 10;
const FUNCTIONS = [
  "track-deployment",
  "judge-canary",
  "route-alarm",
  "reconcile",
  "send-notices",
  "slack-action",
];
const RULES = ["deployment-changed", "judge-every-minute", "alarm-changed", "reconcile-every-5-minutes"];
const TOPICS = ["critical", "warning", "info", "dlq"];
export const examineStack = (ports: ExaminePorts): Promise<Results> => {
  const { reader, router, clock } = ports;
  const { stage, account, region } = ports.stage;
  const prefix = `bellwether-${stage}`;
  const now = clock.now();
  const judge = `${prefix}-judge-canary`;
  const functions = [
    ...FUNCTIONS.map((name) => `${prefix}-${name}`),
    ...["before", "after"].map((name) => `CodeDeployHook_${prefix}-${name}`),
  ];
  const table = `${prefix}-deployments`;
  return all(
    check(
      "present",
      table,
      "dynamodb:DescribeTable",
      () => reader.hasTable(table),
      (isThere) => stack.checkPresent("table", table, stage, isThere),
    ),
    ...functions.map((name) =>
      check(
        "present",
        name,
        "lambda:GetFunctionConfiguration",
        () => router.version(name, "$LATEST"),
        (version) => stack.checkPresent("function", name, stage, version !== undefined),
      ),
    ),
    ...RULES.map((rule) => `${prefix}-${rule}`).map((name) =>
      check(
        "rule",
        name,
        "events:DescribeRule",
        () => reader.rule(name),
        (state) => stack.checkRule(name, stage, state),
      ),
    ),
    ...TOPICS.map((topic) => `arn:aws:sns:${region}:${account}:${prefix}-${topic}`).map((arn) =>
      check(
        "topic",
        arn,
        "sns:ListSubscriptionsByTopic",
        () => reader.subscriptions(arn),
        (seen) => stack.checkTopic(arn, stage, seen),
      ),
    ),
    check(
      "own-alarm",
      prefix,
      "cloudwatch:DescribeAlarms",
      () => reader.alarmsNamedLike(`${prefix}-`),
      (found) => stack.checkOwnAlarms(prefix, stage, found, now),
    ),
    check(
      "judge-ran",
      judge,
      "cloudwatch:GetMetricData",
      () =>
        reader.metricSum(
          { namespace: "AWS/Lambda", name: "Invocations", dimension: { name: "FunctionName", value: judge } },
          now - JUDGE_MINUTES * MINUTE_MS,
          now,
        ),
      (runs) => stack.checkJudgeRan(judge, runs, JUDGE_MINUTES),
    ),
    check(
      "events-lost",
      "EventBridge",
      "cloudwatch:GetMetricData",
      () =>
        reader.metricSum(
          { namespace: "Bellwether", name: "EventLost", dimension: { name: "service", value: prefix } },
          now - DAY_MS,
          now,
        ),
      (lost) => stack.checkEventsLost(stage, lost),
    ),
    examineSlack(ports),
    Promise.resolve([stack.noteApproval(stage)]),
  );
};

const examineSlack = ({ reader, slack, stage: { stage } }: ExaminePorts): Promise<Results> => {
  const nameOf = (name: string): string => `/bellwether/${stage}/slack/${name}`;
  const token = nameOf("token");
  const kept = (name: string, why: string): Promise<Results> =>
    check(
      "parameter",
      nameOf(name),
      "ssm:GetParameter",
      () => reader.parameter(nameOf(name)),
      (value) => stack.checkParameter(nameOf(name), "risk", why, value),
    );
  return all(
    check(
      "parameter",
      token,
      "ssm:GetParameter",
      () => reader.parameter(token),
      async (value) =>
        (value ?? "").trim() === ""
          ? [
              stack.checkParameter(
                token,
                "risk",
                "Slack hears nothing, or only what a webhook can post",
                value,
              ),
            ]
          : check(
              "slack",
              "Slack",
              "slack auth.test",
              () => slack(value ?? ""),
              (seen) => stack.checkSlack(token, seen),
            ),
    ),
    kept("signing-secret", "every press of a button in Slack is refused"),
    kept("operators", "nobody may press a button in Slack"),
  );
};
