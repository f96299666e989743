import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { alarmChange } from "../../../lib/events/alarm-state-change.ts";
import { deploymentHint } from "../../../lib/events/codedeploy-notification.ts";
import { hookCall } from "../../../lib/events/lifecycle-hook.ts";
import { scheduledAt } from "../../../lib/events/schedule.ts";
import { InputError } from "../../../lib/kit/errors.ts";

const FOLDER = join(import.meta.dirname, "../../fixtures/events");
const sample = (name: string): unknown => JSON.parse(readFileSync(join(FOLDER, name), "utf8"));
const homeOf = (raw: unknown) => raw as { account: string; region: string };
const PARSERS = {
  deployment: (raw: unknown) => deploymentHint(raw, homeOf(raw)),
  alarm: (raw: unknown) => alarmChange(raw, homeOf(raw)),
  hook: hookCall,
  schedule: scheduledAt,
} as const;

const ACCEPTED: Readonly<Record<string, readonly string[]>> = {
  deployment: [
    "codedeploy-deployment-state-change.success.json",
    "synthetic-codedeploy-1-start.json",
    "synthetic-codedeploy-2-stop.json",
    "synthetic-codedeploy-3-rollback-start.json",
    "synthetic-codedeploy-4-rollback-success.json",
    "synthetic-codedeploy-failure.json",
    "synthetic-codedeploy-ready.json",
  ],
  alarm: [
    "cloudwatch-alarm-state-change.anomaly.json",
    "cloudwatch-alarm-state-change.composite-suppressor.json",
    "cloudwatch-alarm-state-change.metric-math.json",
    "cloudwatch-alarm-state-change.metric.json",
    "synthetic-cloudwatch-alarm-state-change.lambda-version.json",
  ],
  hook: ["codedeploy-lifecycle-hook.json"],
  schedule: ["eventbridge-scheduled-rule-event.json"],
};

const FILES = readdirSync(FOLDER).filter((file) => file.endsWith(".json"));

describe("every sample event is understood by the one parser meant for it and refused by the others", () => {
  test.each(FILES.flatMap((file) => Object.keys(PARSERS).map((parser) => [file, parser] as const)))(
    "%s, by the %s parser",
    (file, name) => {
      const parser = PARSERS[name as keyof typeof PARSERS];
      if (ACCEPTED[name]?.includes(file)) expect(parser(sample(file))).toBeDefined();
      else expect(() => parser(sample(file))).toThrow(InputError);
    },
  );
});

describe("what the samples say", () => {
  test("a notification names its deployment and its time", () => {
    expect(PARSERS.deployment(sample("synthetic-codedeploy-2-stop.json"))).toEqual({
      deploymentId: "d-LZZTEC8WJ",
      at: Date.UTC(2026, 7, 16, 16, 58, 57),
    });
  });

  test("an alarm on one version of a function says which", () => {
    const change = PARSERS.alarm(sample("synthetic-cloudwatch-alarm-state-change.lambda-version.json"));
    expect(change.metrics[0]?.dimensions).toHaveProperty("ExecutedVersion");
    expect(change.state).toBe("alarm");
  });

  test("a suppressed composite alarm says who holds it back", () => {
    expect(
      PARSERS.alarm(sample("cloudwatch-alarm-state-change.composite-suppressor.json")).heldBack,
    ).toContain("suppressed by");
  });

  test("a timestamp without a colon in its zone is read", () => {
    expect(PARSERS.alarm(sample("cloudwatch-alarm-state-change.metric.json")).at).toBe(
      Date.UTC(2019, 9, 2, 17, 4, 40, 989),
    );
  });
});

describe("what does not belong here is refused with a reason", () => {
  test("another account or region, whatever the rule let through", () => {
    const event = sample("synthetic-codedeploy-1-start.json");
    expect(() => deploymentHint(event, { account: "999999999999", region: "eu-west-1" })).toThrow(
      /from account 123456789012 in eu-west-1, not from 999999999999/,
    );
    expect(() =>
      alarmChange(sample("cloudwatch-alarm-state-change.metric.json"), {
        account: "123456789012",
        region: "af-south-1",
      }),
    ).toThrow(/not from/);
  });

  test("a deployment id that is not one", () => {
    const event = sample("synthetic-codedeploy-1-start.json") as { detail: object };
    expect(() =>
      deploymentHint({ ...event, detail: { ...event.detail, deploymentId: "d-1; drop" } }, homeOf(event)),
    ).toThrow(/detail.deploymentId/);
  });

  test.each(Object.keys(PARSERS))("garbage of any kind, by the %s parser, without crashing", (name) => {
    const parser = PARSERS[name as keyof typeof PARSERS];
    fc.assert(
      fc.property(
        fc.oneof(
          fc.anything(),
          fc.json().map((text) => JSON.parse(text)),
        ),
        (raw) => {
          const guarded = raw !== null && typeof raw === "object" ? raw : { raw };
          expect(() => parser(guarded)).toThrow(InputError);
        },
      ),
      { numRuns: 10_000 },
    );
  });
});
