import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { ROOT } from "../../../build/handlers.ts";
import { readStage } from "../../../build/stages.ts";
import { alarmsOf, countedInLib, emittedByAws, type Watched, watchedBy } from "../../support/alarms.ts";
import { matchesPattern } from "../../support/event-pattern.ts";
import {
  type Resource,
  resolved,
  resourcesOf,
  type Template,
  templateOf,
  textOf,
} from "../../support/stack.ts";

const ALARMS_MIN = 23;
/** CloudWatch's limit of metrics in one expression. */
const METRICS_MAX = 10;
/** Kinds that every function has an alarm of, and the metric it looks at. */
const OF_EVERY_FUNCTION = {
  "function-errors": "Errors",
  "function-throttled": "Throttles",
  "function-slow": "Duration",
} as const;
/** Kinds of those that somebody starts without waiting for them. */
const OF_EVERY_ASYNCHRONOUS = {
  "event-age": "AsyncEventAge",
  "event-dropped": "AsyncEventsDropped",
  "destination-failures": "DestinationDeliveryFailures",
} as const;

let template: Template;
let alarms: Resource[];
let watched: Watched[];

beforeAll(async () => {
  template = await templateOf("prod");
  alarms = alarmsOf(template);
  watched = alarms.flatMap(watchedBy);
});

const runbooks = (): string[] =>
  readdirSync(join(ROOT, "docs", "runbooks")).map((file) => file.replace(/\.md$/, ""));
const shortName = (alarm: Resource): string => alarm.Properties.AlarmName.replace("bellwether-prod-", "");
const kindOf = (alarm: Resource): string | undefined =>
  /docs\/runbooks\/([a-z-]+)\.md$/.exec(alarm.Properties.AlarmDescription)?.[1];
const ids = (type: string): string[] => resourcesOf(template, type).map(({ logicalId }) => logicalId);

describe("Bellwether's own alarms", () => {
  it("are many, and each says what is wrong and where its runbook is", () => {
    expect(alarms.length).toBeGreaterThanOrEqual(ALARMS_MIN);
    for (const alarm of alarms) {
      expect(alarm.Properties.AlarmDescription).toMatch(/^[A-Z].{30,}\. docs\/runbooks\/[a-z-]+\.md$/);
      expect(shortName(alarm).startsWith(kindOf(alarm) ?? "?")).toBe(true);
    }
    expect(new Set(alarms.map(shortName)).size).toBe(alarms.length);
  });

  it("have a runbook of each kind, which says how to look and what to do, and none is an orphan", () => {
    expect([...new Set(alarms.map(kindOf))].sort()).toEqual(runbooks().sort());
    for (const name of runbooks()) {
      const runbook = readFileSync(join(ROOT, "docs", "runbooks", `${name}.md`), "utf8");
      expect(runbook).toMatch(new RegExp(`^# ${name}\n\n.+\n\n## Look\n\n1\\. [^]+\n\n## Do\n\n1\\. `));
    }
  });

  it("tell a topic of their own stack, directly", () => {
    for (const { Properties } of alarms) {
      expect(Properties.ActionsEnabled ?? true).toBe(true);
      const told = resolved([...Properties.AlarmActions, ...(Properties.OKActions ?? [])]);
      expect(told.length).toBeGreaterThan(0);
      for (const topic of told) expect(template.Resources[topic]?.Type).toBe("AWS::SNS::Topic");
    }
  });

  it("wake people for what customers feel or nobody watches, and for nothing else", () => {
    const waking = alarms.filter(({ Properties }) =>
      resolved(Properties.AlarmActions).includes("CriticalTopic"),
    );
    expect(waking.map(shortName).sort()).toEqual([
      "audit-broken",
      "judge-stopped",
      "rollback-failed",
      "topic-failures-warning",
      "verdict-stale",
    ]);
  });

  it("are never routed by Bellwether itself", () => {
    const rule = resourcesOf(template, "AWS::Events::Rule").find(({ Properties }) =>
      Properties.Name.endsWith("alarm-changed"),
    );
    const pattern = resolved(rule?.Properties.EventPattern.detail);
    for (const { Properties } of alarms)
      expect(matchesPattern(pattern, { alarmName: Properties.AlarmName, state: { value: "ALARM" } })).toBe(
        false,
      );
  });

  it("take silence for silence, except where silence is the trouble", () => {
    const breaching = alarms.filter(({ Properties }) => Properties.TreatMissingData !== "notBreaching");
    expect(breaching.map(shortName).sort()).toEqual([
      "judge-stopped",
      "reconcile-stopped",
      "sending-stopped",
    ]);
  });

  it("do not wake anybody over a local account that has just begun", async () => {
    const quiet = alarmsOf(await templateOf("local")).filter(
      ({ Properties }) => Properties.ActionsEnabled === false,
    );
    expect(
      quiet.map(({ Properties }) => Properties.AlarmName.replace("bellwether-local-", "")).sort(),
    ).toEqual(["judge-stopped", "reconcile-stopped", "sending-stopped"]);
  });
});

describe("what they watch", () => {
  it("is what AWS emits: namespace, metric, the very set of dimensions, and a statistic that means something", () => {
    const emitted = emittedByAws();
    for (const { alarm, namespace, metric, statistic, dimensions } of watched) {
      if (namespace === "Bellwether") continue;
      const known = emitted[namespace]?.[metric];
      expect(known, `${alarm}: AWS emits no ${namespace} ${metric}`).toBeDefined();
      expect(known?.dimensions, alarm).toContainEqual(Object.keys(dimensions).sort());
      expect(known?.statistics, alarm).toContain(statistic);
    }
  });

  it("or what the code counts, under the name of this stage", () => {
    const counted = countedInLib();
    const own = watched.filter(({ namespace }) => namespace === "Bellwether");
    expect(own.length).toBeGreaterThan(7);
    for (const { alarm, metric, dimensions, statistic } of own) {
      expect(counted.has(metric), `${alarm}: nobody counts ${metric}`).toBe(true);
      expect(dimensions).toEqual({ service: "bellwether-prod" });
      expect(statistic).toBe(/Seconds$/.test(metric) ? "Maximum" : "Sum");
    }
  });

  it("is there: every dimension's value belongs to a resource of the stack", () => {
    const rules = resourcesOf(template, "AWS::Events::Rule").map(({ Properties }) => Properties.Name);
    const indexes = resourcesOf(template, "AWS::DynamoDB::Table").flatMap(({ Properties }) =>
      Properties.GlobalSecondaryIndexes.map(({ IndexName }: { IndexName: string }) => IndexName),
    );
    const values: Record<string, readonly string[]> = {
      FunctionName: ids("AWS::Lambda::Function"),
      QueueName: ids("AWS::SQS::Queue").map((id) => `${id}.QueueName`),
      TopicName: ids("AWS::SNS::Topic").map((id) => `${id}.TopicName`),
      TableName: ids("AWS::DynamoDB::Table"),
      RuleName: rules,
      GlobalSecondaryIndexName: indexes,
      Operation: ["GetItem", "Query", "PutItem", "UpdateItem", "TransactWriteItems", "GetRecords"],
    };
    for (const { alarm, namespace, dimensions } of watched) {
      if (namespace === "Bellwether") continue;
      for (const [name, value] of Object.entries(dimensions)) expect(values[name], alarm).toContain(value);
    }
  });

  it("stays within what CloudWatch takes", () => {
    for (const { Properties } of alarms) {
      expect(Properties.Metrics?.length ?? 1).toBeLessThanOrEqual(METRICS_MAX + 1);
      const metrics = (Properties.Metrics ?? []).filter(
        ({ MetricStat }: Resource["Properties"]) => MetricStat,
      );
      expect(metrics.length).toBeLessThanOrEqual(METRICS_MAX);
      expect(Properties.DatapointsToAlarm ?? 1).toBeLessThanOrEqual(Properties.EvaluationPeriods);
    }
  });
});

describe("nothing is left out", () => {
  const seen = (kind: string, metric: string, dimension: string): string[] =>
    watched
      .filter((each) => each.alarm.startsWith(`bellwether-prod-${kind}`) && each.metric === metric)
      .flatMap((each) => each.dimensions[dimension] ?? [])
      .sort();
  /** Those that somebody waits for, and that nothing else starts. */
  const isWaitedFor = (id: string): boolean =>
    resourcesOf(template, "AWS::Lambda::Url").some(({ Properties }) =>
      textOf(Properties.TargetFunctionArn).startsWith(`${id}.Arn`),
    );

  it.each(Object.entries(OF_EVERY_FUNCTION))("%s looks at every function", (kind, metric) => {
    expect(seen(kind, metric, "FunctionName")).toEqual(ids("AWS::Lambda::Function").sort());
  });

  it.each(Object.entries(OF_EVERY_ASYNCHRONOUS))(
    "%s looks at every function that nobody waits for",
    (kind, metric) => {
      const asynchronous = ids("AWS::Lambda::Function").filter((id) => !isWaitedFor(id));
      expect(asynchronous.length).toBeGreaterThan(6);
      expect(seen(kind, metric, "FunctionName")).toEqual(asynchronous.sort());
    },
  );

  it("concurrency-full looks at every function with a share of its own, and fires when all of it is used", () => {
    const limited = resourcesOf(template, "AWS::Lambda::Function").filter(
      ({ Properties }) => Properties.ReservedConcurrentExecutions !== undefined,
    );
    expect(seen("concurrency-full", "ConcurrentExecutions", "FunctionName")).toEqual(
      limited.map(({ logicalId }) => logicalId).sort(),
    );
    for (const alarm of alarms.filter((each) => kindOf(each) === "concurrency-full"))
      expect(alarm.Properties.Threshold).toBe(limited[0]?.Properties.ReservedConcurrentExecutions);
  });

  it("the age of the stream is watched for each of its readers", () => {
    const readers = resourcesOf(template, "AWS::Lambda::EventSourceMapping").map(({ Properties }) =>
      textOf(Properties.FunctionName).replace(/\.Arn(:.*)?$/, ""),
    );
    expect(
      watched
        .flatMap(({ metric, dimensions }) =>
          metric === "IteratorAge" ? (dimensions.FunctionName ?? []) : [],
        )
        .sort(),
    ).toEqual(readers.sort());
  });

  it("every rule, topic and index is watched", () => {
    const names = resourcesOf(template, "AWS::Events::Rule").map(({ Properties }) => Properties.Name);
    expect(seen("rule-failures", "FailedInvocations", "RuleName")).toEqual(names.sort());
    expect(seen("events-unkept", "InvocationsFailedToBeSentToDlq", "RuleName")).toEqual(names.sort());
    expect(seen("topic-failures", "NumberOfNotificationsFailed", "TopicName")).toEqual(
      ids("AWS::SNS::Topic")
        .map((id) => `${id}.TopicName`)
        .sort(),
    );
    for (const metric of ["ReadThrottleEvents", "WriteThrottleEvents"])
      expect(seen("table-throttled", metric, "GlobalSecondaryIndexName")).toHaveLength(4);
  });

  it("a topic that fails is told of by another", () => {
    for (const alarm of alarms.filter((each) => kindOf(each) === "topic-failures")) {
      const [own = ""] = watchedBy(alarm).map(({ dimensions }) =>
        dimensions.TopicName?.replace(".TopicName", ""),
      );
      expect(resolved(alarm.Properties.AlarmActions)).not.toContain(own);
    }
  });

  it("slow is said before the timeout, with time left to act", () => {
    for (const alarm of alarms.filter((each) => kindOf(each) === "function-slow")) {
      const [look] = watchedBy(alarm);
      const timeoutMs =
        (template.Resources[look?.dimensions.FunctionName ?? ""]?.Properties.Timeout ?? 0) * 1_000;
      expect(alarm.Properties.Threshold).toBeLessThanOrEqual(0.8 * timeoutMs);
    }
  });
});

describe("the thresholds of a stage", () => {
  it.each(["dev", "prod"] as const)("come from its file: %s", async (stage) => {
    const file = readStage(stage);
    const thresholds = Object.fromEntries(
      alarmsOf(await templateOf(stage)).map(({ Properties }) => [
        Properties.AlarmName.replace(`bellwether-${stage}-`, ""),
        Properties.Threshold,
      ]),
    );
    expect(thresholds).toMatchObject({
      "notice-unsent": file.noticeUnsentSecondsMax,
      "verdict-stale": file.unjudgedSecondsMax,
      "dead-letters-old": file.deadLetterSecondsMax,
      "account-concurrency": file.claimedConcurrencyMax,
      "events-lost": file.eventsLostPerHourMax,
      "event-age-judge-canary": file.eventAgeMsMax,
    });
  });
});
