import { createHash } from "node:crypto";
import { describe, expect, test } from "vitest";
import { NO_COUPONS, OUTAGE, USUAL } from "../../demo/callers.ts";
import { check } from "../../demo/check.ts";
import { momentsOf, trafficBar } from "../../demo/moments.ts";
import { outcomeOf } from "../../demo/outcome.ts";
import type { Ended, Scenario, Site } from "../../demo/scenario.ts";
import { scenariosNamed } from "../../demo/scenarios.ts";
import { toldSince } from "../../demo/told.ts";
import { zipOf } from "../../demo/zip-version.ts";
import { track } from "../../lib/app/track.ts";
import type { Account } from "../../local/account.ts";
import { ENFORCING, fakeWorld } from "../fakes/world.ts";

const hash = (text: string): string => createHash("sha256").update(text).digest("hex");

const site = (denied: Account["iam"]["denied"] = []): Site => ({
  account: { iam: { denied } } as unknown as Account,
  service: {
    name: "checkout",
    alias: "live",
    from: "1",
    to: "2",
    clients: {} as Site["service"]["clients"],
    hooks: { before: "before", after: "after" },
  },
  call: () => {},
});

const rolledBack: Scenario = {
  name: "tested",
  story: "It goes wrong.",
  promise: "It comes back.",
  from: { version: "v1" },
  to: { version: "v2-throws" },
  must: { status: "ROLLED_BACK", serves: "old" },
};

/** A deployment that an alarm stopped and CodeDeploy took back, as it is on record. */
const ended = async (): Promise<Ended> => {
  const { ports, told } = fakeWorld({ story: "stopped-by-alarm", policy: ENFORCING });
  const { id } = told.story;
  for (const sinceMs of [10_000, 200_000]) {
    told.clock.at = told.story.startAt + sinceMs;
    await track(ports, id, { at: told.clock.at, via: "event" });
  }
  const stored = await ports.store.load(id);
  if (stored === undefined) throw new Error("nothing is on record");
  return {
    deploymentId: id,
    record: stored.record,
    lines: stored.lines,
    isOpen: false,
    told: [],
    befell: [],
    aliasVersion: "1",
    deployedAt: told.story.startAt,
    endedAt: told.clock.at,
    callsServed: 0,
    others: [],
    site: site(),
  };
};

describe("what a scenario is held to", () => {
  test("one that ended as it must has no faults", async () => {
    expect(check(rolledBack, await ended(), hash)).toEqual({ isOk: true, faults: [], expectedVersion: "1" });
  });

  test.each([
    [
      "another status",
      { must: { ...rolledBack.must, status: "SUCCEEDED" as const } },
      {},
      /ended ROLLED_BACK, not SUCCEEDED/,
    ],
    ["another verdict", { must: { ...rolledBack.must, verdict: "pass" as const } }, {}, /verdict/],
    ["an alias on the wrong version", {}, { aliasVersion: "1 + 2 at 10 %" }, /alias serves 1 \+ 2/],
    ["an open record", {}, { isOpen: true }, /never closed/],
    [
      "a call that was refused",
      {},
      { site: site([{ at: 0, principalArn: "role", action: "sns:Publish", resource: "topic" }]) },
      /may not sns:Publish/,
    ],
    ["a fault of its own", { must: { ...rolledBack.must, faults: () => ["too late"] } }, {}, /too late/],
  ])("%s is a fault", async (_what, scenario, changed, fault) => {
    const judged = check({ ...rolledBack, ...scenario }, { ...(await ended()), ...changed }, hash);
    expect(judged.isOk).toBe(false);
    expect(judged.faults.join("; ")).toMatch(fault);
  });

  test("a trail that was tampered with is a fault", async () => {
    const one = await ended();
    const lines = one.lines.map((line, at) => (at === 0 ? { ...line, knownAt: line.knownAt + 1 } : line));
    expect(check(rolledBack, { ...one, lines }, hash).faults.join()).toContain(
      "changed after it was written",
    );
  });

  test("the outcome has exactly the promised fields", async () => {
    const one = await ended();
    const outcome = outcomeOf(rolledBack, one, check(rolledBack, one, hash), 12);
    expect(Object.keys(outcome)).toEqual(
      "name deploymentId service outcome verdict cause minutesToVerdict exposure aliasVersion expectedVersion notifications auditLines wallMs ok".split(
        " ",
      ),
    );
    expect(outcome).toMatchObject({
      outcome: "ROLLED_BACK",
      cause: "alarm",
      minutesToVerdict: null,
      wallMs: 12,
      ok: true,
    });
  });
});

describe("how it is told", () => {
  test("moments stand in order of time", async () => {
    const ats = momentsOf(await ended()).map(({ at }) => at);
    expect(ats).toEqual([...ats].sort((left, right) => left - right));
    expect(ats.length).toBeGreaterThan(3);
  });

  test("the bar shows that a small share is not nothing", async () => {
    const { record } = await ended();
    expect(trafficBar(record, 1)).toBe(`v1 ${"█".repeat(19)}░ v2   1 %`);
    expect(trafficBar(record, 0)).toBe(`v1 ${"█".repeat(20)} v2   0 %`);
  });

  test("a Slack message has the severity of the notice that SNS carried", () => {
    const message = { channel: "c", ts: "1", broadcast: false, blocks: [], edits: 0, via: "bot" } as const;
    const account = {
      sns: {
        published: [
          {
            at: 2,
            topicArn: "arn:aws:sns:r:0:bellwether-local-critical",
            subject: "ROLLED BACK",
            message: "ROLLED BACK\n\nwhy",
            attributes: {},
          },
          {
            at: 3,
            topicArn: "arn:aws:sns:r:0:bellwether-local-dlq",
            message: "not for people",
            attributes: {},
          },
        ],
      },
      slack: {
        messages: [
          { ...message, at: 1, text: "ROLLED BACK\nwhy" },
          { ...message, at: 4, text: "STARTED", threadTs: "1" },
        ],
      },
    } as unknown as Account;
    expect(
      toldSince(account, 1).map(({ at, outlet, severity, isReply }) => [at, outlet, severity, isReply]),
    ).toEqual([
      [1, "slack", "critical", false],
      [2, "sns", "critical", false],
      [4, "slack", "info", true],
    ]);
  });
});

describe("what scenarios are made of", () => {
  test("a version is the same bytes each time, and another build is other bytes", async () => {
    expect(await zipOf({ version: "v1" })).toBe(await zipOf({ version: "v1", build: 1 }));
    expect(hash(String(await zipOf({ version: "v1" })))).not.toBe(
      hash(String(await zipOf({ version: "v1", build: 2 }))),
    );
  });

  test("callers have coupons on usual days, none when nobody has, and a provider that is down in an outage", () => {
    const holds = (inputs: typeof USUAL, text: string): boolean =>
      inputs.some(({ payload }) => JSON.stringify(payload).includes(text));
    expect([USUAL, NO_COUPONS].map((inputs) => holds(inputs, "BIRTHDAY15"))).toEqual([true, false]);
    expect([USUAL, OUTAGE].map((inputs) => holds(inputs, "paymentProvider"))).toEqual([false, true]);
  });

  test("all scenarios have a name, a story and a promise", () => {
    const all = scenariosNamed("all");
    expect(new Set(all.map(({ name }) => name)).size).toBe(13);
    for (const { story, promise } of all)
      expect([story, promise].every((text) => text.endsWith("."))).toBe(true);
  });
});
