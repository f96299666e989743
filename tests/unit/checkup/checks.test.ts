import { describe, expect, test } from "vitest";
import {
  checkGroupAlarm,
  checkHasAlarms,
  checkPace,
  checkPollFailure,
  checkRollbackEvents,
} from "../../../lib/checkup/group-checks.ts";
import { command } from "../../../lib/checkup/result.ts";
import type { GroupSeen } from "../../../lib/checkup/seen.ts";
import {
  checkEventsLost,
  checkJudgeRan,
  checkOwnAlarms,
  checkParameter,
  checkPolicy,
  checkRule,
  checkSlack,
  checkTopic,
} from "../../../lib/checkup/stack-checks.ts";
import {
  checkAlias,
  checkInvocable,
  checkMayMove,
  checkWayBack,
} from "../../../lib/checkup/way-back-checks.ts";
import type { Snapshot } from "../../../lib/deployment/snapshot.ts";
import { DAY_MS } from "../../../lib/kit/time.ts";

const NOW = 10 * DAY_MS;
const good: GroupSeen = {
  application: "shop",
  group: "checkout",
  serviceRoleArn: "arn:aws:iam::000000000000:role/mover",
  deploymentConfig: "CodeDeployDefault.LambdaCanary10Percent5Minutes",
  isLambda: true,
  rollbackEvents: ["DEPLOYMENT_FAILURE", "DEPLOYMENT_STOP_ON_ALARM", "DEPLOYMENT_STOP_ON_REQUEST"],
  alarms: { isEnabled: true, ignoresPollFailure: false, names: ["checkout-errors"] },
};
const alarm = { name: "checkout-errors", state: "OK", stateSince: NOW - 2 * DAY_MS, hasActionsEnabled: true };
const last: Snapshot = {
  id: "d-ONE",
  application: "shop",
  deploymentGroup: "checkout",
  deploymentConfig: good.deploymentConfig,
  function: { name: "checkout", alias: "live", from: "1", to: "2" },
  hooks: {},
  creator: "user",
  createdAt: 0,
  phases: {},
  end: { result: "succeeded", at: 1 },
};

describe("a deployment group", () => {
  test("that rolls back, heeds its alarms and shifts slowly is fine", () => {
    for (const check of [checkRollbackEvents, checkPollFailure, checkPace, checkHasAlarms])
      expect(check(good).kind).toBe("fine");
  });

  test("without one of the three events is broken, and the command sets all three", () => {
    expect(checkRollbackEvents({ ...good, rollbackEvents: good.rollbackEvents.slice(0, 2) })).toMatchObject({
      kind: "broken",
      what: expect.stringContaining("DEPLOYMENT_STOP_ON_REQUEST"),
      mend: expect.stringContaining(
        "events=DEPLOYMENT_FAILURE,DEPLOYMENT_STOP_ON_ALARM,DEPLOYMENT_STOP_ON_REQUEST",
      ),
    });
  });

  test("that ignores unreadable alarms is broken, and the command keeps its alarms", () => {
    const seen = { ...good, alarms: { ...good.alarms, ignoresPollFailure: true } };
    expect(checkPollFailure(seen)).toMatchObject({
      kind: "broken",
      mend: expect.stringContaining('"alarms":[{"name":"checkout-errors"}]'),
    });
  });

  test("that shifts all at once is a risk; one without alarms a note", () => {
    expect(checkPace({ ...good, deploymentConfig: "CodeDeployDefault.LambdaAllAtOnce" }).kind).toBe("risk");
    expect(checkHasAlarms({ ...good, alarms: { ...good.alarms, names: [] } }).kind).toBe("note");
  });

  test.each([
    ["fine", [alarm]],
    ["broken", []],
    ["broken", [{ ...alarm, state: "ALARM" }]],
    ["risk", [{ ...alarm, state: "INSUFFICIENT_DATA" }]],
    ["fine", [{ ...alarm, state: "INSUFFICIENT_DATA", stateSince: NOW - 1 }]],
  ])("is %s with the alarms %j", (kind, found) => {
    expect(checkGroupAlarm(good, alarm.name, found, NOW).kind).toBe(kind);
  });
});

describe("the way back", () => {
  test("is fine when the alias serves what the last deployment left", () => {
    expect(checkAlias(last, { version: "2" }).kind).toBe("fine");
    expect(checkAlias({ ...last, end: { result: "stopped", at: 1 } }, { version: "1" }).kind).toBe("fine");
  });

  test("is not judged while a deployment runs", () => {
    const { end: _, ...running } = last;
    expect(checkAlias(running, { version: "1", split: { version: "2" } }).kind).toBe("fine");
  });

  test("is broken by a split that nobody drives, by drift, and by an alias that is gone", () => {
    const split = checkAlias(last, { version: "1", split: { version: "2" } });
    expect(split).toMatchObject({ kind: "broken", mend: expect.stringContaining("--function-version 2") });
    expect(checkAlias(last, { version: "7" })).toMatchObject({
      kind: "broken",
      what: expect.stringContaining("7"),
    });
    expect(checkAlias(last, "unknown").kind).toBe("broken");
  });

  test("needs the old version, and a role that may move the alias and call the hooks", () => {
    const [role, hook] = [good.serviceRoleArn, "arn:aws:lambda:eu-west-1:000000000000:function:hook"];
    expect([checkWayBack(last, true).kind, checkWayBack(last, false).kind]).toEqual(["fine", "broken"]);
    expect([checkMayMove(role, hook, true).kind, checkMayMove(role, hook, false).kind]).toEqual([
      "fine",
      "broken",
    ]);
    expect(checkInvocable(role, hook, true).kind).toBe("fine");
    expect(checkInvocable(role, hook, false)).toMatchObject({
      mend: expect.stringContaining("--role-name mover"),
    });
  });
});

describe("Bellwether's own stack", () => {
  test("a rule that is off is enabled again, one that is gone is deployed again", () => {
    expect(checkRule("r", "sit", "on").kind).toBe("fine");
    expect(checkRule("r", "sit", "off")).toMatchObject({ mend: "aws events enable-rule --name r" });
    expect(checkRule("r", "sit", "gone")).toMatchObject({ mend: "npx serverless deploy --stage sit" });
  });

  test("a topic that nobody hears matters by its severity", () => {
    const kindOf = (topic: string, confirmed: number) =>
      checkTopic(`arn:x-${topic}`, "sit", { confirmed, pending: 1 }).kind;
    expect(["critical", "warning", "info"].map((topic) => kindOf(topic, 0))).toEqual([
      "broken",
      "risk",
      "note",
    ]);
    expect(kindOf("critical", 1)).toBe("fine");
    expect(checkTopic("arn:x-critical", "sit", "gone").kind).toBe("broken");
  });

  test.each([
    ["fine", [alarm]],
    ["broken", []],
    ["broken", [{ ...alarm, hasActionsEnabled: false }]],
    ["broken", [{ ...alarm, state: "INSUFFICIENT_DATA" }]],
    ["risk", [{ ...alarm, state: "ALARM" }]],
  ])("an alarm of its own is %s as %j", (kind, found) => {
    expect(checkOwnAlarms("bellwether-sit", "sit", found, NOW)[0]?.kind).toBe(kind);
  });

  test("the judge, lost events, secrets, Slack and policies are fine or say why not", () => {
    expect([checkJudgeRan("j", 3, 10).kind, checkJudgeRan("j", 0, 10).kind]).toEqual(["fine", "broken"]);
    expect([checkEventsLost("sit", 0).kind, checkEventsLost("sit", 2).kind]).toEqual(["fine", "note"]);
    expect(checkParameter("/p", "risk", "why", "x").kind).toBe("fine");
    expect(checkParameter("/p", "risk", "why", " ").kind).toBe("risk");
    expect(checkSlack("/t", { kind: "ok", scopes: ["chat:write"] }).kind).toBe("fine");
    expect(checkSlack("/t", { kind: "ok", scopes: [] }).kind).toBe("broken");
    expect(checkSlack("/t", { kind: "error", error: "invalid_auth" }).kind).toBe("broken");
    expect(checkPolicy("s", "sit", { policy: { mode: "enforce" } }).kind).toBe("fine");
    expect(checkPolicy("s", "sit", "none").kind).toBe("note");
    expect(checkPolicy("s", "sit", { broken: "no JSON" }).kind).toBe("broken");
  });
});

test("a command can be pasted into a shell whatever a name holds", () => {
  expect(command("aws", "x y", "it's")).toBe("aws 'x y' 'it'\\''s'");
});
