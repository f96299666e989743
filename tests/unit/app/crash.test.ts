/** A crash at every call of the functions that follow a deployment: the next look ends in the same bytes. */
import { describe, expect, test } from "vitest";
import { reconcile } from "../../../lib/app/reconcile.ts";
import { tick } from "../../../lib/app/tick.ts";
import { track } from "../../../lib/app/track.ts";
import { canonical } from "../../../lib/kit/canonical.ts";
import { MINUTE_MS } from "../../../lib/kit/time.ts";
import { type Fault, faulty } from "../../fakes/faulty.ts";
import { STORIES, type StoryKind } from "../../fakes/stories.ts";
import { ENFORCING, fakeWorld } from "../../fakes/world.ts";

type World = ReturnType<typeof fakeWorld>;
type Ports = World["ports"];

/** The functions, each called once the story is over, as EventBridge and the schedules do. */
const ROUNDS = {
  "track-deployment": (ports: Ports, at: number) => track(ports, "d-STORY1", { at, via: "event" }),
  "judge-canary": (ports: Ports, at: number) => tick(ports, at),
  reconcile: (ports: Ports, at: number) => reconcile(ports, at),
} as const;

const atTheEnd = (kind: StoryKind): { world: World; at: number } => {
  const world = fakeWorld({ story: kind, policy: ENFORCING });
  world.told.clock.at = world.told.story.endAt + 10_000;
  return { world, at: world.told.clock.at };
};

/** One call with a fault in it, then the rounds that come anyway; the record in the end, but for who found what. */
const endOf = async (kind: StoryKind, round: keyof typeof ROUNDS, fault: Fault | undefined) => {
  const { world, at } = atTheEnd(kind);
  // The judge's round only tends what is known already.
  if (round === "judge-canary") await track(world.ports, "d-STORY1", { at, via: "event" });
  const broken = faulty(world.ports, fault);
  await ROUNDS[round](broken.ports, at).catch(() => undefined);
  for (let later = 1; later <= 8; later += 1) {
    world.told.clock.at = at + later * MINUTE_MS;
    await reconcile(world.ports, world.told.clock.at);
    await tick(world.ports, world.told.clock.at);
  }
  const stored = await world.ports.store.load("d-STORY1");
  const {
    verdicts: _,
    outcome: __,
    exposure: ___,
    ...record
  } = stored?.record ?? { verdicts: [], outcome: undefined, exposure: undefined };
  return { bytes: canonical({ ...record, source: "any" }), calls: broken.calls() };
};

describe.each(Object.keys(ROUNDS) as (keyof typeof ROUNDS)[])("a crash at every call of %s", (round) => {
  test.each(STORIES)(
    "after a deployment that %s: nothing is lost, and nothing is done twice",
    async (kind) => {
      const truth = await endOf(kind, round, undefined);
      expect(truth.calls).toBeGreaterThanOrEqual(3);
      for (let call = 1; call <= truth.calls; call += 1) {
        for (const when of ["before", "after"] as const) {
          expect((await endOf(kind, round, { call, when })).bytes, `fault ${when} call ${call}`).toBe(
            truth.bytes,
          );
        }
      }
    },
  );
});
