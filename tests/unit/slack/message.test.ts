import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Fact, fact } from "../../../lib/deployment/fact.ts";
import type { DeploymentRecord } from "../../../lib/deployment/record.ts";
import { judge } from "../../../lib/judge/judge.ts";
import type { Notice } from "../../../lib/notice/notice.ts";
import { livingMessage, noteMessage, renderForSlack } from "../../../lib/slack/message.ts";
import { readable } from "../../fakes/memory-chat.ts";
import * as r from "../../fakes/records.ts";
import { faultsOf } from "../../fakes/slack-limits.ts";

const BAKED = fact(r.after(700), { kind: "baked" });
const read = (facts: readonly Fact[]): string[] => readable(livingMessage(r.recordOf(facts)));

const CONTEXT = [
  "d-TEST12345",
  "account 000000000000, eu-west-1",
  "CodeDeployDefault.LambdaCanary10Percent5Minutes, enforce mode",
  "asked for <!date^1767614400^{date_short_pretty} {time_secs}|2026-01-05T12:00:00.000Z> by user",
  "<https://eu-west-1.console.aws.amazon.com/codesuite/codedeploy/deployments/d-TEST12345?region=eu-west-1|codedeploy>",
  "<https://eu-west-1.console.aws.amazon.com/lambda/home?region=eu-west-1#/functions/checkout/aliases/live?tab=monitoring|function>",
  "<https://eu-west-1.console.aws.amazon.com/cloudwatch/home?region=eu-west-1#logsV2:log-groups/log-group/%252Faws%252Flambda%252Fcheckout|logs>",
];
/** The judge's own sentence; its wording and figures are the judge's tests' affair. */
const WORSE = judge(r.WORSE, { isShiftOver: false }).why;

describe("the one message of a deployment", () => {
  it("while it shifts", () => {
    expect(read([...r.SHIFTING, r.exposed(100, 300, 1)])).toEqual([
      "*SHIFTING checkout PROD v57 -&gt; v58 (CodeDeployDefault.LambdaCanary10Percent5Minutes)*",
      "Users: 10 % of calls go to v58 now; v58 served 300 calls, 1 went bad.",
      "v58 is judged every minute and taken back by itself if it is worse.",
      "Look: `npx bellwether show d-TEST12345 --stage prod`",
      ...CONTEXT,
      "[Roll back]",
      "[Acknowledge]",
      "[Explain]",
    ]);
  });

  it("while it goes back: a second press of Roll back is not offered", () => {
    expect(read(r.GOING_BACK)).toEqual([
      "*ROLLING BACK checkout PROD v58 -&gt; v57 (automatic: the judge)*",
      "Users: 10 % of calls go to v58 now; v58 served 900 calls, 60 went bad.",
      WORSE,
      "All calls go back to v57 now; the alias is read until it shows that.",
      "Why: `npx bellwether explain d-TEST12345 --stage prod`",
      ...CONTEXT,
      "[Acknowledge]",
      "[Explain]",
    ]);
  });

  it("when it was rolled back: nothing is left to press", () => {
    expect(read(r.ROLLED_BACK)).toEqual([
      "*ROLLED BACK checkout PROD v58 -&gt; v57 (automatic, 41 s)*",
      "Users: up to 10 % of calls for 3 m 42 s; v58 served 900 calls, 60 went bad. Now 0 %.",
      WORSE,
      "The alias was read afterwards and sends all calls to v57. Nothing is left to do for users; mend v58 before it is deployed again.",
      "Why: `npx bellwether explain d-TEST12345 --stage prod`",
      ...CONTEXT,
    ]);
  });

  it("when it ended without enough evidence", () => {
    const [title, users, why] = read([...r.SHIFTED, r.judged(330, r.FEW, true), BAKED]);
    expect(title).toBe(
      "*INCONCLUSIVE checkout PROD v57 -&gt; v58 (live, not proven healthy: not enough evidence)*",
    );
    expect(users).toBe("Users: 100 % of calls go to v58 now; the calls v58 served are not counted yet.");
    expect(why).toMatch(/^Not enough evidence: .* needs about \d+ more calls/);
  });

  it("shows the alarms that went off, with the answer to whose fault it is", () => {
    const lines = read([
      ...r.SHIFTING,
      r.alarmed(100, { blame: "not-the-deployment", why: "both versions suffer" }),
      r.alarmed(110, { alarmName: "muted", blame: "ignored" }),
    ]);
    expect(lines).toContain("Alarm checkout-5xx (not the deployment): both versions suffer");
    expect(lines.join("\n")).not.toContain("muted");
  });

  it("can be acted on when the rollback failed", () => {
    const lines = read([
      ...r.GOING_BACK,
      r.ended(200, "stopped"),
      fact(r.after(800), { kind: "rollback-failed", why: "the alias still splits" }),
    ]);
    expect(lines).toContain("[Roll back]");
    expect(lines[0]).toBe("*ROLLBACK FAILED checkout PROD v58 -&gt; v57 (a person must act now)*");
  });

  it("says who acknowledged it", () => {
    expect(
      read([...r.GOING_BACK, fact(r.after(195), { kind: "acknowledged", who: "anna <!here>" })]),
    ).toContain("acknowledged by anna &lt;!here&gt;");
  });

  it("carries the deployment's id in each button, and asks before it rolls back", () => {
    const block = livingMessage(r.recordOf(r.SHIFTING)).blocks.at(-1) as {
      elements: Record<string, unknown>[];
    };
    expect(block.elements.map((element) => [element.action_id, element.value])).toEqual([
      ["bellwether:rollback", "d-TEST12345"],
      ["bellwether:acknowledge", "d-TEST12345"],
      ["bellwether:explain", "d-TEST12345"],
    ]);
    expect(block.elements[0]?.confirm).toMatchObject({
      title: { type: "plain_text", text: "Roll back checkout?" },
      text: { text: "All calls of checkout in PROD go back from v58 to v57." },
    });
  });

  it("reads as a sentence on a lock screen", () => {
    expect(livingMessage(r.recordOf(r.ROLLED_BACK)).text).toBe(
      "ROLLED BACK checkout PROD v58 -&gt; v57 (automatic, 41 s)\nUsers: up to 10 % of calls for 3 m 42 s; v58 served 900 calls, 60 went bad. Now 0 %.",
    );
  });
});

describe("any record and any notice", () => {
  const nasty = fc.oneof(
    fc.string({ unit: "binary", maxLength: 50 }),
    fc.constantFrom(
      "<!channel>",
      "<@U123>",
      "`x`",
      "npx bellwether \u202e<!here>",
      "&".repeat(4_000),
      "\u{1f525}".repeat(4_000),
      "a\nb\nc",
    ),
  );
  const stories = [
    r.BEGUN,
    r.SHIFTING,
    r.GOING_BACK,
    r.ROLLED_BACK,
    r.SHIFTED,
    [...r.SHIFTED, r.judged(330, r.FEW, true), BAKED],
  ];
  const anyRecord = fc
    .record({
      facts: fc.constantFrom(...stories),
      text: nasty,
      other: nasty,
      alarms: fc.nat(40),
      link: fc.oneof(nasty, fc.webUrl()),
    })
    .map(({ facts, text, other, alarms, link }): DeploymentRecord => {
      const record = r.recordOf(facts);
      return {
        ...record,
        id: text,
        service: other,
        stage: text,
        account: other,
        region: text,
        deploymentConfig: other,
        actor: { ...record.actor, id: text },
        function: { name: text, alias: other, from: text, to: other },
        ...(record.outcome && { outcome: { ...record.outcome, why: other } }),
        verdicts: record.verdicts.map((verdict) => ({ ...verdict, why: text })),
        alarms: Array.from({ length: alarms }, () => ({
          at: record.times.requested,
          name: text,
          state: "alarm",
          severity: "warning",
          blame: "deployment",
          why: other,
        })),
        acknowledgedBy: [text, other],
        links: {
          a: link,
          b: text,
          c: `https://example.com/?x=${encodeURIComponent(text.toWellFormed())}&y=<>|`,
        },
      };
    });
  const anyNotice = fc
    .record({ title: nasty, body: fc.array(nasty, { maxLength: 60 }).map((lines) => lines.join("\n")) })
    .map(
      (texts): Notice => ({
        ...texts,
        id: "x",
        kind: "alarm",
        severity: "warning",
        at: r.START_AT,
        isBroadcast: true,
        outlets: ["slack"],
      }),
    );

  it("give messages within Slack's limits that can do nothing but show", () => {
    fc.assert(
      fc.property(anyRecord, anyNotice, (record, notice) => {
        const { living, note } = renderForSlack(record, notice);
        expect(faultsOf(living)).toEqual([]);
        expect(faultsOf(note)).toEqual([]);
      }),
      { numRuns: 1_000 },
    );
  });

  it("an alarm of no deployment is told by its notice alone", () => {
    fc.assert(
      fc.property(anyNotice, (notice) => {
        expect(renderForSlack(undefined, notice)).toEqual({
          living: noteMessage(notice),
          note: noteMessage(notice),
        });
      }),
      { numRuns: 50 },
    );
  });
});
