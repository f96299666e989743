import { describe, expect, it } from "vitest";
import { nextLines } from "../../../lib/deployment/audit.ts";
import { type AuditLine, type Fact, fact } from "../../../lib/deployment/fact.ts";
import { judge } from "../../../lib/judge/judge.ts";
import { barOf, cardOf } from "../../../lib/views/card.ts";
import { explain, explanationLines } from "../../../lib/views/explain.ts";
import { HISTORY_HEADS, historyCells, historyRows } from "../../../lib/views/history.ts";
import { timelineLines, timelineOf } from "../../../lib/views/timeline.ts";
import * as r from "../../fakes/records.ts";

const hash = (text: string): string => String(text.length);
const linesOf = (facts: readonly Fact[]): AuditLine[] => {
  const trail: AuditLine[] = [];
  for (const each of facts) trail.push(...nextLines(trail, [each], { at: each.at, via: "event" }, hash));
  return trail;
};
const BAKED = fact(r.after(700), { kind: "baked" });
/** The judge's own sentence; its wording and figures are the judge's tests' affair. */
const WORSE = judge(r.WORSE, { isShiftOver: false }).why;

describe("the card of a deployment", () => {
  const card = (facts: readonly Fact[]): readonly string[] => cardOf(r.recordOf(facts), linesOf(facts)).lines;

  it("shows a rolled back one: who served what, why, how fast", () => {
    expect(card(r.ROLLED_BACK)).toEqual([
      "checkout PROD  ROLLED_BACK  v57 -> v58  d-TEST12345",
      "  what      release, CodeDeployDefault.LambdaCanary10Percent5Minutes, enforce mode, by user (user), known by event",
      "  traffic   v57 #################### 100 %   v58 .................... 0 %",
      "  errors    v57 0.20 % (11 of 5400)   v58 6.83 % (41 of 600)   fail",
      `  verdict   fail (judge): ${WORSE}`,
      "  rollback  to v57 by d-BACK12345, automatic, 41 s from first sign to all calls back, 3 m 42 s of exposure",
      "  users     up to 10 % of calls for 3 m 42 s; v58 served 900 calls, 60 went bad. Now 0 %.",
      "  times     requested 12:00:00, first traffic 12:00:10, detected 12:03:11, restored 12:03:52, finished 12:03:52 (UTC)",
    ]);
  });

  it("shows one that is shifting, with nothing judged yet and nothing counted yet", () => {
    expect(card(r.SHIFTING).slice(2)).toEqual([
      "  traffic   v57 ##################.. 90 %   v58 ##.................. 10 %",
      "  verdict   nothing judged yet",
      "  users     10 % of calls go to v58 now; the calls v58 served are not counted yet.",
      "  times     requested 12:00:00, first traffic 12:00:10 (UTC)",
    ]);
  });

  it("says that the share is not known when nobody looked at the alias yet", () => {
    expect(card([...r.BEGUN, r.entered(10, "SHIFTING")])).toContain(
      "  traffic   the share of v58 is not known yet",
    );
  });

  it("shows checks and alarms with their answers", () => {
    const facts = [
      ...r.SHIFTING,
      fact(r.after(5), {
        kind: "checked",
        hook: "before",
        verdict: "pass",
        why: "version 58 answered all 2 smoke checks",
        findings: [],
      }),
      r.alarmed(100, { blame: "not-the-deployment", why: "both versions suffer" }),
    ];
    expect(card(facts)).toContain("  check     before: pass, version 58 answered all 2 smoke checks");
    expect(card(facts)).toContain(
      "  alarm     12:01:40 checkout-5xx alarm, not-the-deployment: both versions suffer",
    );
  });

  it.each([
    [0, "...................."],
    [0.1, "#..................."],
    [10, "##.................."],
    [99.9, "###################."],
    [100, "####################"],
  ])("draws %d %% as %s: something is never drawn as nothing, nor as all", (percent, bar) => {
    expect(barOf(percent)).toBe(bar);
  });
});

describe("the explanation of a deployment", () => {
  const said = (facts: readonly Fact[]): string[] =>
    explanationLines(explain(r.recordOf(facts), linesOf(facts)));

  it("says why it was rolled back, once, and by whom", () => {
    expect(said(r.ROLLED_BACK)).toEqual([
      "checkout PROD v57 -> v58 was rolled back within 41 s.",
      `  The judge decided: ${WORSE}`,
      "  Rollback asked for by judge (bellwether).",
      "  The alias was read: all calls go to version 57.",
      "  Users: up to 10 % of calls for 3 m 42 s; v58 served 900 calls, 60 went bad. Now 0 %.",
      "  Policy abababababab in enforce mode held when it began.",
      "  Evidence by the minute:",
      "    errors  ▆█  33:1 after 2 min (bar 20:1)",
      "",
      "  npx bellwether show d-TEST12345 --stage prod",
    ]);
  });

  it("says why it is not promoted yet", () => {
    const lines = said([...r.SHIFTING, r.judged(130, r.FEW, false)]);
    expect(lines[0]).toBe("checkout PROD v57 -> v58 is not promoted yet: it is still shifting (SHIFTING).");
    expect(lines[1]).toBe(
      "  It is promoted when all traffic has moved and v58 was not found worse; a worse one is rolled back at once.",
    );
    expect(lines[2]).toMatch(/^ {2}errors: Not enough evidence: .* needs about \d+ more calls/);
    expect(lines.at(-1)).toContain("npx bellwether rollback d-TEST12345 --stage prod");
  });

  it("does not call a success proven that is not", () => {
    expect(said([...r.SHIFTED, r.judged(330, r.FEW, true), BAKED])[0]).toBe(
      "checkout PROD v57 -> v58 succeeded, but its verdict is inconclusive.",
    );
    expect(said([...r.SHIFTED, r.judged(330, r.LIKE, true), BAKED])[0]).toBe(
      "checkout PROD v57 -> v58 succeeded.",
    );
  });

  it("says which alarm was not its fault, and why", () => {
    expect(
      said([...r.SHIFTING, r.alarmed(100, { blame: "not-the-deployment", why: "both versions suffer" })]),
    ).toContain("  Alarm checkout-5xx (critical) went to alarm; not the deployment: both versions suffer.");
  });

  it.each([
    ["had no traffic yet", r.BEGUN, "checkout PROD v57 -> v58 has had no traffic yet (REQUESTED)."],
    [
      "is watched",
      r.SHIFTED,
      "checkout PROD v57 -> v58 serves all calls, and is watched until its bake time is over.",
    ],
    ["goes back", r.GOING_BACK, "checkout PROD v57 -> v58 is being rolled back."],
    [
      "failed in front of the door",
      [...r.BEGUN, r.ended(6, "failed")],
      "checkout PROD v57 -> v58 failed before any call reached it.",
    ],
    [
      "was stopped in front of the door",
      [...r.BEGUN, r.ended(6, "stopped")],
      "checkout PROD v57 -> v58 was stopped before any call reached it.",
    ],
    [
      "was left halfway",
      [...r.SHIFTING, r.ended(90, "stopped"), fact(r.after(700), { kind: "rollback-failed", why: "x" })],
      "checkout PROD v57 -> v58 was stopped halfway; the alias still splits calls.",
    ],
    [
      "could not go back",
      [...r.GOING_BACK, fact(r.after(900), { kind: "rollback-failed", why: "x" })],
      "checkout PROD v57 -> v58 should have been rolled back, and was not.",
    ],
    [
      "is a rollback itself",
      [r.described({ rollbackOf: "d-OTHER" }), r.policed(), r.ended(5, "succeeded")],
      "checkout PROD v57 -> v58 takes back d-OTHER (SUCCEEDED).",
    ],
  ])("names one that %s", (_what, facts, headline) => {
    expect(said(facts)[0]).toBe(headline);
  });

  it("works from the record alone", () => {
    const { sentences } = explain(r.recordOf(r.ROLLED_BACK));
    expect(sentences[0]).toBe(`The judge decided: ${WORSE}`);
  });
});

describe("the timeline of a deployment", () => {
  it("tells what happened in the order it happened, whenever it became known", () => {
    const facts = [...r.ROLLED_BACK];
    const forwards = timelineOf(linesOf(facts)).map((row) => row.text);
    const backwards = timelineOf(linesOf([...facts].reverse())).map((row) => row.text);
    expect(new Set(backwards)).toEqual(new Set(forwards));
    const times = timelineOf(linesOf([...facts].reverse())).map((row) => row.at);
    expect(times).toEqual([...times].sort());
  });

  it("has one sentence for each kind of fact, and each ends like one", () => {
    const all: Fact[] = [
      ...r.ROLLED_BACK,
      r.exposed(400, 930, 63, true),
      r.alarmed(100),
      r.alarmed(160, { state: "ok", why: "back to normal" }),
      r.alarmed(170, { blame: "ignored", why: "muted by its owner" }),
      fact(r.after(5), {
        kind: "checked",
        hook: "before",
        verdict: "fail",
        why: "wrong",
        findings: [{ name: "a", ok: false, why: "500" }],
      }),
      fact(r.after(700), { kind: "baked" }),
      fact(r.after(800), { kind: "rollback-failed", why: "the alias still splits" }),
      fact(r.after(900), { kind: "acknowledged", who: "anna" }),
    ];
    const rows = timelineOf(linesOf(all));
    expect(rows).toHaveLength(all.length);
    for (const row of rows) expect(row.text).toMatch(/^[A-Z].*[.!?)]$/);
    expect(rows.map((row) => row.text)).toContain("The before hook said fail (0 of 1 checks good): wrong.");
  });

  it("names each day once, and says what became known late", () => {
    const facts = [r.described(), r.ended(100_000, "succeeded")];
    const [first, second] = facts.map(
      (each, index) =>
        ({ ...linesOf(facts)[index], fact: each, knownAt: each.at + index * 120_000 }) as AuditLine,
    );
    expect(timelineLines(timelineOf([first, second] as AuditLine[]))).toEqual([
      "2026-01-05 (UTC)",
      "12:00:00  event  Asked for by user: checkout:live from version 57 to 58 in shop, CodeDeployDefault.LambdaCanary10Percent5Minutes.",
      "2026-01-06 (UTC)",
      "15:46:40  event  CodeDeploy ended it: succeeded. [known 2 m later]",
    ]);
  });
});

describe("the history of deployments", () => {
  it("is a row each, with a dash for what is not known", () => {
    const rows = historyRows([r.recordOf(r.ROLLED_BACK), r.recordOf(r.BEGUN)]);
    expect(rows[0]).toMatchObject({
      id: "d-TEST12345",
      status: "ROLLED_BACK",
      verdict: "fail",
      cause: "judge",
      tookMs: 232_000,
      rollbackMs: 41_000,
    });
    expect(historyCells(rows[0] as (typeof rows)[0])).toEqual([
      "2026-01-05 12:00",
      "d-TEST12345",
      "checkout",
      "57 -> 58",
      "release",
      "ROLLED_BACK",
      "fail",
      "judge",
      "3 m 52 s",
      "900",
      "60",
    ]);
    expect(historyCells(rows[1] as (typeof rows)[0])).toEqual([
      "2026-01-05 12:00",
      "d-TEST12345",
      "checkout",
      "57 -> 58",
      "release",
      "REQUESTED",
      "-",
      "-",
      "-",
      "-",
      "-",
    ]);
    expect(HISTORY_HEADS).toHaveLength(11);
  });
});
