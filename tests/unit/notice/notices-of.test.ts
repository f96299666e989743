import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Fact, fact } from "../../../lib/deployment/fact.ts";
import type { Notice } from "../../../lib/notice/notice.ts";
import { noticesOf } from "../../../lib/notice/notices-of.ts";
import { SHADOW_POLICY } from "../../../lib/policy/policy.ts";
import * as r from "../../fakes/records.ts";

/** Everything owed while facts become known one by one. */
const owed = (facts: readonly Fact[], stage = "prod"): Notice[] => {
  const known: Fact[] = [];
  return facts.flatMap((each) => {
    const before = known.length === 0 ? undefined : r.recordOf(known, stage);
    known.push(each);
    return noticesOf(before, r.recordOf(known, stage));
  });
};

const told = (notices: readonly Notice[]): string[] =>
  notices.map(({ kind, severity, isBroadcast }) => `${kind} ${severity}${isBroadcast ? " broadcast" : ""}`);

const BAKED = fact(r.after(700), { kind: "baked" });

describe("what a deployment owes to people", () => {
  it("tells a worse canary's whole story, and calls out only the rollback", () => {
    expect(told(owed(r.ROLLED_BACK))).toEqual([
      "started info",
      "shifting info",
      "rolling-back info",
      "rolled-back critical broadcast",
    ]);
  });

  it("says in the first line what, where and how fast it went back by itself", () => {
    const last = owed(r.ROLLED_BACK).at(-1);
    expect(last?.title).toBe("ROLLED BACK checkout PROD v58 -> v57 (automatic, 41 s)");
    expect(last?.body.split("\n")[0]).toBe(
      "Users: up to 10 % of calls for 3 m 42 s; v58 served 900 calls, 60 went bad. Now 0 %.",
    );
    expect(last?.body).toMatch(/evidence [\d ]+:1 \(bar 20:1\)/);
    expect(last?.body).toContain("npx bellwether explain d-TEST12345 --stage prod");
    expect(last?.at).toBe(r.after(232));
  });

  it.each([
    ["prod", "critical"],
    ["local", "critical"],
    ["sit", "warning"],
    ["dev", "warning"],
  ])("tells a rollback in %s as %s", (stage, severity) => {
    expect(owed(r.ROLLED_BACK, stage).at(-1)?.severity).toBe(severity);
  });

  it("says when a person asked for the rollback", () => {
    const facts = [
      ...r.SHIFTING,
      fact(r.after(100), { kind: "rollback-asked", by: "operator", who: "anna", why: "wrong prices" }),
      r.ended(110, "stopped"),
      fact(r.after(130), { kind: "restored", version: "57" }),
    ];
    const titles = owed(facts).map((notice) => notice.title);
    expect(titles).toContain("ROLLING BACK checkout PROD v58 -> v57 (asked for by a person)");
    expect(titles.at(-1)).toBe("ROLLED BACK checkout PROD v58 -> v57 (asked for by a person, 30 s)");
    expect(owed(facts).at(-1)?.body).toContain("wrong prices.");
  });

  it("tells a success quietly", () => {
    expect(told(owed([...r.SHIFTED, r.judged(330, r.LIKE, true), BAKED]))).toEqual([
      "started info",
      "shifting info",
      "shifting info",
      "baking info",
      "succeeded info",
    ]);
  });

  it("says loudly that too little was seen, and what would have been enough", () => {
    const last = owed([...r.SHIFTED, r.judged(330, r.FEW, true), BAKED]).at(-1);
    expect(told([last as Notice])).toEqual(["inconclusive warning"]);
    expect(last?.title).toBe(
      "INCONCLUSIVE checkout PROD v57 -> v58 (live, not proven healthy: not enough evidence)",
    );
    expect(last?.body).toMatch(/needs about \d+ more calls/);
  });

  it("wakes nobody for too little evidence about a service that is only watched", () => {
    const facts = [r.described(), r.policed(null), ...r.SHIFTED.slice(2), r.judged(330, r.FEW, true), BAKED];
    expect(owed(facts).at(-1)).toMatchObject({ kind: "inconclusive", severity: "info" });
  });

  it("tells a version that failed before traffic, with nobody hurt", () => {
    const facts = [
      ...r.BEGUN,
      r.entered(2, "PRE_TRAFFIC"),
      fact(r.after(5), {
        kind: "checked",
        hook: "before",
        verdict: "fail",
        why: "statusCode 500 instead of 200",
        findings: [],
      }),
      r.ended(6, "failed", "HOOK_EXECUTION_FAILURE"),
    ];
    const last = owed(facts).at(-1);
    expect(told([last as Notice])).toEqual(["failed warning"]);
    expect(last?.body.split("\n").slice(0, 2)).toEqual([
      "Users: no call reached v58.",
      "statusCode 500 instead of 200.",
    ]);
  });

  it("calls for a person when the rollback failed, with the command to try again", () => {
    const facts = [
      ...r.GOING_BACK,
      r.ended(200, "stopped"),
      fact(r.after(800), { kind: "rollback-failed", why: "the alias still splits" }),
    ];
    const last = owed(facts).at(-1);
    expect(told([last as Notice])).toEqual(["rollback-failed critical broadcast"]);
    expect(last?.body).toContain("npx bellwether rollback d-TEST12345 --stage prod");
  });

  it("tells the recovery when a rollback that had failed comes through after all", () => {
    const facts = [
      ...r.GOING_BACK,
      r.ended(200, "stopped"),
      fact(r.after(800), { kind: "rollback-failed", why: "x" }),
      fact(r.after(900), { kind: "restored", version: "57" }),
    ];
    expect(told(owed(facts)).slice(-2)).toEqual([
      "rollback-failed critical broadcast",
      "rolled-back critical broadcast",
    ]);
  });

  it("calls for a person when a stop left the alias between two versions", () => {
    const facts = [
      ...r.SHIFTING,
      r.ended(100, "stopped", "MANUAL_STOP"),
      fact(r.after(700), { kind: "rollback-failed", why: "nobody asked" }),
    ];
    const last = owed(facts).at(-1);
    expect(told([last as Notice])).toEqual(["stopped critical broadcast"]);
    expect(last?.title).toContain("STOPPED HALFWAY");
  });

  it("says of a worse canary in shadow mode, once, that nothing was done", () => {
    const facts = [
      r.described(),
      r.policed(SHADOW_POLICY),
      ...r.SHIFTING.slice(2),
      r.judged(190, r.WORSE, false),
      r.judged(250, r.WORSE, false),
    ];
    const last = owed(facts).filter((notice) => notice.kind === "would-roll-back");
    expect(told(last)).toEqual(["would-roll-back warning broadcast"]);
    expect(last[0]?.body).toContain("Nothing was done: checkout is only watched (shadow mode).");
  });

  it("owes nothing for the rollback's own deployment", () => {
    const facts = [
      r.described({
        rollbackOf: "d-OTHER",
        function: { name: "checkout", alias: "live", from: "58", to: "57" },
      }),
      r.policed(),
      r.ended(5, "succeeded"),
    ];
    expect(owed(facts)).toEqual([]);
  });

  it("brings the message up to date when the calls that were hurt are counted to the end", () => {
    const last = owed([...r.ROLLED_BACK, r.exposed(400, 930, 63, true)]).at(-1);
    expect(last).toMatchObject({
      kind: "exposure",
      severity: "info",
      isBroadcast: false,
      outlets: ["slack"],
    });
    expect(last?.body).toContain("930 calls, 63 went bad");
  });

  it("says who acknowledged it, once for each person", () => {
    const acknowledged = (at: number, who: string): Fact => fact(r.after(at), { kind: "acknowledged", who });
    expect(
      owed([...r.ROLLED_BACK, acknowledged(300, "anna"), acknowledged(310, "ben")])
        .map((notice) => notice.id)
        .slice(-2),
    ).toEqual(["acknowledged:anna", "acknowledged:ben"]);
  });
});

describe("alarms during a deployment", () => {
  const during = (...more: Fact[]): Notice[] => owed([...r.SHIFTING, ...more]).slice(2);

  it("says that the deployment is to blame and goes back", () => {
    const [alarm] = during(r.alarmed(100));
    expect(told([alarm as Notice])).toEqual(["alarm critical"]);
    expect(alarm?.title).toBe("ALARM checkout-5xx blames checkout PROD v57 -> v58: rolling back to v57");
  });

  it("says plainly when it is not the deployment, and calls for a person", () => {
    const [alarm] = during(r.alarmed(100, { blame: "not-the-deployment", why: "both versions suffer" }));
    expect(told([alarm as Notice])).toEqual(["alarm critical broadcast"]);
    expect(alarm?.title).toBe(
      "ALARM checkout-5xx during checkout PROD v57 -> v58: not the deployment, not rolling back",
    );
    expect(alarm?.body).toContain("Not the deployment: both versions suffer.");
  });

  it("says nothing of an alarm that its owner muted, nor of its end", () => {
    expect(
      during(r.alarmed(100, { blame: "ignored" }), r.alarmed(160, { state: "ok", blame: "ignored" })),
    ).toEqual([]);
  });

  it("says nothing when data merely went missing", () => {
    expect(
      during(
        r.alarmed(100, { state: "insufficient-data" }),
        r.alarmed(160, { state: "ok", blame: "not-the-deployment" }),
      ),
    ).toEqual([]);
  });

  it("tells the recovery where the alarm was told", () => {
    const notices = during(
      r.alarmed(100, { blame: "not-the-deployment" }),
      r.alarmed(160, { state: "ok", blame: "not-the-deployment", why: "back to normal" }),
    );
    expect(told(notices)).toEqual(["alarm critical broadcast", "alarm-over info broadcast"]);
    expect(notices.at(-1)?.title).toBe("RECOVERED checkout-5xx during checkout PROD v57 -> v58");
  });

  it("keeps quiet about an alarm that a rollback under way explains", () => {
    const notices = owed([...r.GOING_BACK, r.alarmed(195)]);
    expect(told(notices).at(-1)).toBe("alarm info");
    expect(notices.at(-1)?.outlets).toEqual(["slack"]);
  });

  it("says in shadow mode that nothing was done about the one to blame", () => {
    const facts = [r.described(), r.policed(null), ...r.SHIFTING.slice(2), r.alarmed(100)];
    expect(owed(facts).at(-1)).toMatchObject({ kind: "would-roll-back", isBroadcast: true });
  });

  it("makes ids that fit a table key, and stay apart, of the longest names", () => {
    const long = "\u{1f525}".repeat(127);
    const notices = during(
      r.alarmed(100, { alarmName: `${long}a` }),
      r.alarmed(100, { alarmName: `${long}b` }),
    );
    expect(new Set(notices.map((notice) => notice.id)).size).toBe(2);
    for (const notice of notices)
      expect(Buffer.byteLength(`OUT#${notice.id}#slack`)).toBeLessThanOrEqual(1_024);
  });
});

/** What CodeDeploy and the alias show, each in the only order in which it can be seen. */
const SPINES: Readonly<Record<string, readonly Fact[]>> = {
  "stopped and restored": [
    r.entered(2, "PRE_TRAFFIC"),
    r.entered(10, "SHIFTING"),
    r.ended(200, "stopped", "ALARM_ACTIVE"),
    fact(r.after(201), { kind: "rollback-began", by: "d-BACK12345" }),
    fact(r.after(232), { kind: "restored", version: "57" }),
  ],
  "failed at full traffic": [
    r.entered(10, "SHIFTING"),
    r.entered(310, "FULL_TRAFFIC"),
    r.entered(311, "POST_TRAFFIC"),
    r.ended(320, "failed", "HOOK_EXECUTION_FAILURE"),
    fact(r.after(321), { kind: "rollback-began", by: "d-BACK12345" }),
    fact(r.after(330), { kind: "restored", version: "57" }),
  ],
  "taken back after the end": [
    r.entered(10, "SHIFTING"),
    r.entered(310, "FULL_TRAFFIC"),
    r.ended(320, "succeeded"),
    fact(r.after(620), { kind: "baked" }),
    fact(r.after(650), { kind: "rollback-asked", by: "operator", who: "anna", why: "wrong prices" }),
    fact(r.after(800), { kind: "rollback-failed", why: "the alias still splits" }),
    fact(r.after(900), { kind: "restored", version: "57" }),
  ],
  "left halfway": [
    r.entered(10, "SHIFTING"),
    r.ended(100, "stopped", "MANUAL_STOP"),
    fact(r.after(700), { kind: "rollback-failed", why: "nobody asked" }),
    fact(r.after(750), { kind: "rollback-asked", by: "operator", who: "anna", why: "wrong prices" }),
    fact(r.after(900), { kind: "restored", version: "57" }),
  ],
  "never began": [r.entered(2, "PRE_TRAFFIC"), r.ended(6, "failed", "HOOK_EXECUTION_FAILURE")],
};

/** What may become known at any time in between, late or early. */
const POOL: readonly Fact[] = [
  r.judged(190, r.WORSE, false),
  r.judged(250, r.LIKE, false),
  r.judged(330, r.FEW, true),
  r.exposed(190, 900, 60),
  r.exposed(400, 930, 63, true),
  r.alarmed(100),
  r.alarmed(160, { state: "ok", blame: "not-the-deployment" }),
  r.alarmed(220, { blame: "not-the-deployment" }),
  fact(r.after(70), { kind: "weighed", canaryPercent: 10 }),
  fact(r.after(890), { kind: "acknowledged", who: "anna" }),
  fact(r.after(5), { kind: "checked", hook: "before", verdict: "fail", why: "wrong", findings: [] }),
];

const POLICIES = [null, SHADOW_POLICY, { ...SHADOW_POLICY, mode: "enforce" }] as const;

/** A spine with the rest strewn in between, cut into the batches in which it becomes known. */
const anyBatches = fc
  .record({
    spine: fc.constantFrom(...Object.values(SPINES)),
    rest: fc.shuffledSubarray([...POOL]),
    policy: fc.constantFrom(...POLICIES),
    places: fc.array(fc.nat(7), { minLength: POOL.length, maxLength: POOL.length }),
    cuts: fc.array(fc.boolean(), { minLength: 20, maxLength: 20 }),
  })
  .map(({ spine, rest, policy, places, cuts }) => {
    const strewn = [...spine, undefined].flatMap((each, index) => [
      ...rest.filter((_, at) => Math.min(places[at] ?? 0, spine.length) === index),
      ...(each === undefined ? [] : [each]),
    ]);
    const batches: Fact[][] = [[r.described(), r.policed(policy)]];
    strewn.forEach((each, index) => {
      if (cuts[index] === true) batches.push([each]);
      else batches.at(-1)?.push(each);
    });
    return batches;
  });

describe("whatever becomes known, late, early or together", () => {
  it("no happening is told twice, and each is told with the record's own time", () => {
    fc.assert(
      fc.property(anyBatches, (batches) => {
        const known: Fact[] = [];
        const ids: string[] = [];
        for (const batch of batches) {
          const before = known.length === 0 ? undefined : r.recordOf(known);
          known.push(...batch);
          for (const notice of noticesOf(before, r.recordOf(known))) {
            ids.push(notice.id);
            expect(notice.at).toBeGreaterThanOrEqual(r.START_AT);
            expect(notice.at).toBeLessThanOrEqual(r.after(900));
          }
        }
        expect(ids).toEqual([...new Set(ids)]);
      }),
      { numRuns: 3_000 },
    );
  });

  it("an end that the record reached is always told", () => {
    fc.assert(
      fc.property(anyBatches, (batches) => {
        const facts = batches.flat();
        const last = r.recordOf(facts);
        const ends = {
          SUCCEEDED: ["succeeded", "inconclusive"],
          FAILED: ["failed", "stopped"],
          STOPPED: ["stopped"],
          ROLLED_BACK: ["rolled-back"],
          ROLLBACK_FAILED: ["rollback-failed"],
        };
        const wanted = ends[last.status as keyof typeof ends] as readonly string[] | undefined;
        const kinds: string[] = owed(facts).map((notice) => notice.kind);
        if (wanted !== undefined) expect(wanted.some((kind) => kinds.includes(kind))).toBe(true);
      }),
      { numRuns: 500 },
    );
  });

  it("a record that did not change owes nothing", () => {
    fc.assert(
      fc.property(anyBatches, (batches) => {
        const record = r.recordOf(batches.flat());
        expect(noticesOf(record, record)).toEqual([]);
      }),
    );
  });
});
