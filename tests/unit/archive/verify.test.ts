/** What an auditor relies on: a whole trail is called whole, and whatever was changed, moved or lost in it is found. */
import fc from "fast-check";
import { beforeAll, describe, expect, test } from "vitest";
import { checkRoots, type StoredText } from "../../../lib/archive/check-roots.ts";
import { checkTrail, type Trail } from "../../../lib/archive/check-trail.ts";
import { type Root, rootKey, rootText } from "../../../lib/archive/root.ts";
import { canonical } from "../../../lib/kit/canonical.ts";
import { DAY_MS, HOUR_MS } from "../../../lib/kit/time.ts";
import { archivedWorld, fiveHours, hash } from "../../fakes/archived-world.ts";
import { BEGUN, ROLLED_BACK, START_AT } from "../../fakes/records.ts";

const RUNS = 10_000;
const ROOT_AT = (hours: number): string => rootKey(START_AT + hours * HOUR_MS);

/** The same text with one character changed, taken away, or put in. */
const changed = (text: string, at: number, how: "change" | "drop" | "insert", by: string): string => {
  const place = at % text.length;
  const rest = text.slice(how === "insert" ? place : place + 1);
  return `${text.slice(0, place)}${how === "drop" ? "" : by}${rest}`;
};
const tampering = fc.record({
  at: fc.nat(),
  how: fc.constantFrom("change" as const, "drop" as const, "insert" as const),
  by: fc.string({ minLength: 1, maxLength: 1 }),
});

describe("a trail that nobody touched", () => {
  test("is whole: five hours, one of them missed and made up for", async () => {
    const world = await fiveHours();
    expect([...world.objects.keys()].filter((key) => key.includes("roots"))).toHaveLength(5);
    expect(await world.verify(4)).toMatchObject({ roots: 5, deployments: 2, findings: [] });
    expect(world.log.counts.get("AuditArchived")).toBe(2 * ROLLED_BACK.length);
    expect(world.log.counts.get("AuditBroken")).toBeUndefined();
  });
});

describe("what is found", () => {
  test("a lost root, by its hour", async () => {
    const world = await fiveHours();
    world.objects.delete(ROOT_AT(2));
    const { findings } = await world.verify(4);
    expect(findings).toContainEqual({ where: `root ${ROOT_AT(2)}`, what: "is missing" });
  });

  test("the last root lost, and the first", async () => {
    for (const [hour, what] of [
      [4, "is missing"],
      [0, "is the first one here but not the first that was signed"],
    ] as const) {
      const world = await fiveHours();
      world.objects.delete(ROOT_AT(hour));
      expect((await world.verify(4)).findings.map((finding) => finding.what)).toContain(what);
    }
  });

  test("two roots that changed places", async () => {
    const world = await fiveHours();
    const [two, three] = [world.objects.get(ROOT_AT(2)) ?? "", world.objects.get(ROOT_AT(3)) ?? ""];
    world.objects.set(ROOT_AT(2), three).set(ROOT_AT(3), two);
    const where = new Set((await world.verify(4)).findings.map((finding) => finding.where));
    expect(where).toEqual(new Set([2, 3, 4].map((hour) => `root ${ROOT_AT(hour)}`)));
  });

  test("a root that somebody else signed", async () => {
    const world = await fiveHours();
    const forged = archivedWorld();
    await forged.archiveAt(0);
    const root = JSON.parse(world.objects.get(ROOT_AT(4)) ?? "") as Root;
    const other = JSON.parse(forged.objects.get(ROOT_AT(0)) ?? "") as Root;
    world.objects.set(ROOT_AT(4), rootText({ ...root, signature: other.signature }));
    expect((await world.verify(4)).findings).toEqual([
      { where: `root ${ROOT_AT(4)}`, what: "is not signed with the key of this installation" },
    ]);
  });

  test("a segment that was lost, with its lines", async () => {
    const world = await fiveHours();
    world.objects.delete("v1/lines/d-ONE/00000003.ndjson");
    const { findings } = await world.verify(4);
    expect(findings.map(({ where }) => where)).toContain("deployment d-ONE");
    expect(findings.map(({ what }) => what).join()).toContain(
      `the archive lost lines 3 to ${ROLLED_BACK.length}`,
    );
  });

  test("a deployment that CodeDeploy ran and nobody kept", async () => {
    const world = await fiveHours();
    const end = { result: "succeeded" as const, at: START_AT };
    const { findings } = await world.verify(4, {
      deployer: {
        idsSince: async () => [...world.ran, "d-LOST"],
        read: async () => ({ end }) as never,
      },
    });
    expect(findings).toEqual([
      { where: "deployment d-LOST", what: "CodeDeploy ran it, and neither table nor archive know it" },
    ]);
  });

  test("a line that never reached the archive", async () => {
    const world = await fiveHours();
    await world.record("d-LATE", BEGUN, 0.5);
    expect((await world.verify(4)).findings).toEqual([
      { where: "deployment d-LATE", what: "line 1 is in the table and not in the archive" },
      { where: "deployment d-LATE", what: "line 2 is in the table and not in the archive" },
    ]);
  });
});

describe("any change of a single character is found", () => {
  let objects: Map<string, string>;
  let lines: Trail["lines"];
  beforeAll(async () => {
    const world = await fiveHours();
    objects = world.objects;
    lines = (await world.store.load("d-ONE"))?.lines;
  });
  const stored = (prefix: string): StoredText[] =>
    [...objects].filter(([key]) => key.startsWith(prefix)).map(([key, text]) => ({ key, text }));
  const trail = (over: Partial<Trail> = {}): Trail => ({
    deployment: "d-ONE",
    lines,
    stored: stored("v1/lines/d-ONE/"),
    signed: [],
    head: undefined,
    ...over,
  });
  const faults = (given: Trail) => checkTrail(given, START_AT + DAY_MS, hash);
  const expected = { untilHourAt: START_AT + 4 * HOUR_MS, isFromTheStart: true };

  test("in the archive's lines, by the trail alone", () => {
    expect(faults(trail())).toEqual([]);
    fc.assert(
      fc.property(fc.nat(), tampering, (which, { at, how, by }) => {
        const texts = stored("v1/lines/d-ONE/");
        const target = texts[which % texts.length] as StoredText;
        const text = changed(target.text, at, how, by);
        fc.pre(text !== target.text);
        const touched = texts.map((each) => (each === target ? { ...each, text } : each));
        return faults(trail({ stored: touched })).length > 0;
      }),
      { numRuns: RUNS },
    );
  });

  test("in a root", () => {
    const texts = stored("v1/roots/");
    const genuine = new Set(texts.map(({ text }) => (JSON.parse(text) as Root).signature.value));
    const isSigned = (root: Root): boolean => genuine.has(root.signature.value);
    expect(checkRoots(texts, expected, isSigned, hash).findings).toEqual([]);
    fc.assert(
      fc.property(fc.nat(), tampering, (which, { at, how, by }) => {
        const target = texts[which % texts.length] as StoredText;
        const text = changed(target.text, at, how, by);
        // Who signed with which key is told beside the signature, and not what makes it hold.
        fc.pre(text !== target.text && !sameButForTheSigner(target.text, text));
        const touched = texts.map((each) => (each === target ? { ...each, text } : each));
        return checkRoots(touched, expected, isSigned, hash).findings.length > 0;
      }),
      { numRuns: RUNS },
    );
  });

  test("and so is a line that is missing, doubled or moved, in the table or in the archive", () => {
    const all = lines ?? [];
    const mixed = fc.record({ from: fc.nat(), to: fc.nat(), how: fc.constantFrom("drop", "double", "swap") });
    fc.assert(
      fc.property(mixed, fc.boolean(), ({ from, to, how }, isTable) => {
        const [left, right] = [from % all.length, to % all.length];
        const touched = [...all];
        if (how === "drop") touched.splice(left, 1);
        else if (how === "double") touched.splice(right, 0, touched[left] as (typeof all)[number]);
        else {
          fc.pre(left !== right);
          const [first, second] = [touched[left], touched[right]] as [
            (typeof all)[number],
            (typeof all)[number],
          ];
          touched[left] = second;
          touched[right] = first;
        }
        const text = touched.map((line) => `${canonical(line)}\n`).join("");
        const stored = [{ key: "v1/lines/d-ONE/00000001.ndjson", text }];
        return faults(trail(isTable ? { lines: touched } : { stored })).length > 0;
      }),
      { numRuns: RUNS },
    );
  });
});

const sameButForTheSigner = (before: string, after: string): boolean => {
  try {
    const [left, right] = [JSON.parse(before), JSON.parse(after)] as [Root, Root];
    return (
      canonical({ ...left, signature: left.signature.value }) ===
      canonical({ ...right, signature: right.signature.value })
    );
  } catch {
    return false;
  }
};
