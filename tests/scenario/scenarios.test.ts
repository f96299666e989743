import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Grounds } from "../../demo/ground.ts";
import { openGrounds } from "../../demo/open-ground.ts";
import { type Played, playOne } from "../../demo/play.ts";
import { SCENARIO_NAMES, scenariosNamed } from "../../demo/scenarios.ts";
import { storyOf } from "../../demo/story.ts";
import { canonical } from "../../lib/kit/canonical.ts";
import { InputError } from "../../lib/kit/errors.ts";
import { idleReasons, reasonFor, unusedGrants } from "../support/grants.ts";
import { templateOf } from "../support/stack.ts";

const SEED = 1;
const PLAY_MANY_MS = 600_000;
/** The scenarios that together make every kind of call. */
const REACHING_FAR = ["healthy", "bad-errors", "hook-crashes", "alarm-in-bake", "events-lost"];

/** What each account allowed, scenario by scenario: `who action resource`. */
const permitted: ReadonlySet<string>[] = [];

let grounds: Grounds;
beforeAll(async () => {
  grounds = await openGrounds();
});
afterAll(() => grounds?.close());

const play = async (name: string, seed = SEED): Promise<Played> => {
  const [scenario] = scenariosNamed(name);
  if (scenario === undefined) throw new Error(`no scenario ${name}`);
  return playOne(scenario, async () => {
    const ground = await grounds.open(seed);
    permitted.push(ground.account.iam.used);
    return ground;
  });
};

const played = new Map<string, Promise<Played>>();
/** The first run of a scenario, played when it is first asked for. */
const firstRun = (name: string): Promise<Played> => {
  const known = played.get(name) ?? play(name);
  played.set(name, known);
  return known;
};

/** What must not differ between two runs: the record, its trail, every message, the outcome but for the time it took. */
const bytesOf = ({ ended, outcome }: Played): string =>
  canonical({
    record: ended?.record,
    lines: ended?.lines,
    told: ended?.told,
    others: ended?.others,
    outcome: { ...outcome, wallMs: 0 },
  });

describe("each scenario, through CodeDeploy's states on the packaged stack", () => {
  test.each(SCENARIO_NAMES)("%s ends as it must", async (name) => {
    const { faults, outcome } = await firstRun(name);
    expect(faults).toEqual([]);
    expect(outcome).toMatchObject({ name, ok: true });
    expect(outcome.aliasVersion).toBe(outcome.expectedVersion);
    expect(outcome.notifications.length).toBeGreaterThan(0);
  });

  test("another seed gives another deployment, and the same end", async () => {
    const [one, other] = [await firstRun("bad-errors"), await play("bad-errors", 2)];
    expect(other.faults).toEqual([]);
    expect(other.outcome.deploymentId).not.toBe(one.outcome.deploymentId);
  });

  test.each(["bad-errors", "events-lost"])(
    "%s played twice from one seed gives the same bytes",
    async (name) => {
      expect(bytesOf(await play(name))).toBe(bytesOf(await firstRun(name)));
    },
  );

  test("its story tells the time, both versions, the verdict, the message and what it had to come to", async () => {
    const { scenario, ended, judged } = await firstRun("bad-errors");
    if (ended === undefined || judged === undefined) throw new Error("it was not played to its end");
    const story = storyOf(scenario, ended, judged, 0)
      .map(({ text }) => text)
      .join("\n");
    for (const part of [
      /\d\d:\d\d:\d\d/,
      /v1 █+░░? v2 +10 %/,
      /Verdict fail/,
      /ROLLED BACK checkout LOCAL/,
      /had to be +ROLLED_BACK, fail/,
    ])
      expect(story).toMatch(part);
  });
});

test(
  "no role is allowed what nobody ever needs, but for what these scenarios cannot bring about",
  async () => {
    for (const name of REACHING_FAR) await firstRun(name);
    const template = await templateOf("local");
    const unused = unusedGrants(
      template,
      permitted.flatMap((used) => [...used]),
    );
    expect(unused.filter((grant) => reasonFor(grant) === undefined)).toEqual([]);
    expect(idleReasons(template)).toEqual([]);
  },
  PLAY_MANY_MS,
);

test("an unknown scenario is refused by name", () => {
  expect(() => scenariosNamed("apocalypse")).toThrow(InputError);
});
