import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { ROOT } from "../../../build/handlers.ts";
import { matchesPattern } from "../../support/event-pattern.ts";
import {
  type Json,
  type Resource,
  resolved,
  resourcesOf,
  type Template,
  templateOf,
} from "../../support/stack.ts";

let template: Template;
let alarms: Resource[];

beforeAll(async () => {
  template = await templateOf("prod");
  alarms = resourcesOf(template, "AWS::CloudWatch::Alarm");
});

const shortName = (alarm: Resource): string => alarm.Properties.AlarmName.replace("bellwether-prod-", "");

describe("Bellwether's own alarms", () => {
  it("each have a runbook of their name, which their description points to, and no runbook is an orphan", () => {
    const runbooks = readdirSync(join(ROOT, "docs", "runbooks")).sort();
    expect(alarms.map((alarm) => `${shortName(alarm)}.md`).sort()).toEqual(runbooks);
    for (const alarm of alarms)
      expect(alarm.Properties.AlarmDescription).toContain(`docs/runbooks/${shortName(alarm)}.md`);
  });

  it("tell a topic of their own stack, directly", () => {
    for (const { Properties } of alarms) {
      expect(Properties.ActionsEnabled ?? true).toBe(true);
      const told = resolved([...Properties.AlarmActions, ...(Properties.OKActions ?? [])]);
      expect(told.length).toBeGreaterThan(0);
      for (const topic of told) expect(template.Resources[topic]?.Type).toBe("AWS::SNS::Topic");
    }
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

  it("watch counters that the code counts", () => {
    const source = readFileSync(join(ROOT, "lib/ports/log.ts"), "utf8");
    const counters = alarms.filter(({ Properties }) => Properties.Namespace === "Bellwether");
    expect(counters.length).toBeGreaterThan(0);
    for (const { Properties } of counters) {
      expect(source).toContain(`"${Properties.MetricName}"`);
      expect(Properties.Dimensions).toEqual([{ Name: "service", Value: "bellwether-prod" }]);
    }
  });

  it("look at every function when they look at errors", () => {
    const alarm = alarms.find((each) => shortName(each) === "function-errors");
    const watched = resolved(alarm?.Properties.Metrics).flatMap(
      (metric: Json) => metric.MetricStat?.Metric.Dimensions[0].Value ?? [],
    );
    expect(watched.sort()).toEqual(
      resourcesOf(template, "AWS::Lambda::Function")
        .map(({ logicalId }) => logicalId)
        .sort(),
    );
  });

  it("take silence for silence, except where silence is the trouble", () => {
    const breaching = alarms.filter(({ Properties }) => Properties.TreatMissingData !== "notBreaching");
    expect(breaching.map(shortName)).toEqual(["judge-stopped"]);
  });

  it("do not wake anybody over a local account that has just begun", async () => {
    const local = await templateOf("local");
    const alarm = resourcesOf(local, "AWS::CloudWatch::Alarm").find(({ Properties }) =>
      Properties.AlarmName.endsWith("judge-stopped"),
    );
    expect(alarm?.Properties.ActionsEnabled).toBe(false);
  });
});

describe("the dashboard", () => {
  it("is one readable document that shows every alarm", () => {
    const [dashboard] = resourcesOf(template, "AWS::CloudWatch::Dashboard");
    expect(dashboard?.Properties.DashboardName).toBe("bellwether-prod");
    const { widgets } = JSON.parse(resolved(dashboard?.Properties.DashboardBody));
    expect(widgets[0].properties.alarms.sort()).toEqual(
      alarms.map(({ logicalId }) => `${logicalId}.Arn`).sort(),
    );
    expect(widgets.length).toBeGreaterThan(3);
  });
});
