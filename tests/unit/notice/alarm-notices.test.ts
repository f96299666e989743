import { describe, expect, it } from "vitest";
import type { AlarmChange } from "../../../lib/incident/alarm-change.ts";
import { alarmNotice } from "../../../lib/notice/alarm-notices.ts";

const CHANGE: AlarmChange = {
  arn: "arn:aws:cloudwatch:eu-west-1:000000000000:alarm:orders/5xx rate",
  name: "orders/5xx rate",
  state: "alarm",
  previous: "ok",
  at: Date.UTC(2026, 0, 5, 12, 0, 0),
  reason: "Threshold Crossed: 1 datapoint [9.0] was greater than the threshold (5.0)",
  metrics: [{ namespace: "AWS/Lambda", name: "Errors", dimensions: { FunctionName: "orders" } }],
  children: [],
};

const noticeOf = (change: Partial<AlarmChange>, severity: "critical" | "warning" | "info" = "critical") => {
  const [entry] = alarmNotice({ ...CHANGE, ...change }, severity);
  if (entry === undefined) throw new Error("no entry");
  return entry.notice;
};

describe("an alarm that belongs to no deployment", () => {
  it("calls for a person, with where to look", () => {
    const notice = noticeOf({});
    expect(notice).toMatchObject({ kind: "alarm", severity: "critical", isBroadcast: true, at: CHANGE.at });
    expect(notice.title).toBe("ALARM orders/5xx rate: no deployment is under way that explains it");
    expect(notice.body.split("\n")).toEqual([
      "Threshold Crossed: 1 datapoint [9.0] was greater than the threshold (5.0). It watches orders.",
      "Since 2026-01-05T12:00:00.000Z.",
      "Nothing was done by itself: a person must look.",
      "Look: https://eu-west-1.console.aws.amazon.com/cloudwatch/home?region=eu-west-1#alarmsV2:alarm/orders%2F5xx%20rate",
    ]);
  });

  it("goes to each outlet, under the alarm it is about", () => {
    expect(alarmNotice(CHANGE, "warning").map(({ subject, outlet }) => [subject, outlet])).toEqual([
      [{ kind: "alarm", id: CHANGE.arn }, "sns"],
      [{ kind: "alarm", id: CHANGE.arn }, "slack"],
    ]);
  });

  it("is the same notice when the same change comes twice, and another when it changes again", () => {
    expect(noticeOf({})).toEqual(noticeOf({}));
    expect(noticeOf({ at: CHANGE.at + 60_000 }).id).not.toBe(noticeOf({}).id);
    expect(noticeOf({ state: "ok" }).id).not.toBe(noticeOf({}).id);
  });

  it("tells the recovery to whoever was told of the alarm, and wakes nobody for it", () => {
    expect(noticeOf({ state: "ok", reason: "back to normal" })).toMatchObject({
      kind: "alarm-over",
      severity: "info",
      isBroadcast: true,
      title: "RECOVERED orders/5xx rate",
    });
  });

  it("stays quiet when its owner wants it for information only", () => {
    expect(noticeOf({}, "info").isBroadcast).toBe(false);
  });

  it("cuts a reason that nobody would read, and says so when there is none", () => {
    expect([...noticeOf({ reason: "\u{1f525}".repeat(1_023) }).body].length).toBeLessThan(800);
    expect(noticeOf({ reason: " " }).body).toContain("CloudWatch gave no reason.");
  });
});
