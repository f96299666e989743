/** Plays scenarios one after the other, each in an account of its own. */
import { performance } from "node:perf_hooks";
import { messageOf } from "../lib/kit/errors.ts";
import { check, type Judged } from "./check.ts";
import type { Ground } from "./ground.ts";
import { type Outcome, outcomeOf } from "./outcome.ts";
import { runScenario } from "./run.ts";
import type { Ended, Scenario } from "./scenario.ts";
import { SERVICE } from "./service.ts";

export type Played = {
  scenario: Scenario;
  outcome: Outcome;
  /** What was wrong, one line each; none when it ended as it must. */
  faults: readonly string[];
  /** Absent when the scenario could not be played to its end. */
  ended?: Ended;
  judged?: Judged;
};

const broken = (scenario: Scenario, wallMs: number, why: string): Played => ({
  scenario,
  faults: [`could not be played to its end: ${why}`],
  outcome: {
    name: scenario.name,
    deploymentId: "",
    service: SERVICE,
    outcome: "UNKNOWN",
    verdict: null,
    cause: null,
    minutesToVerdict: null,
    exposure: { calls: 0, bad: 0 },
    aliasVersion: "",
    expectedVersion: "",
    notifications: [],
    auditLines: 0,
    wallMs,
    ok: false,
  },
});

/**
 * What goes wrong in a scenario is its outcome. Rejects only when no account can be opened (no Java, a package that will
 * not do): that would befall every scenario.
 */
export const playOne = async (scenario: Scenario, openGround: () => Promise<Ground>): Promise<Played> => {
  const startedAt = performance.now();
  const wallMs = (): number => Math.round(performance.now() - startedAt);
  const ground = await openGround();
  try {
    const ended = await runScenario(scenario, ground);
    const judged = check(scenario, ended, ground.reading.hash);
    return {
      scenario,
      ended,
      judged,
      faults: judged.faults,
      outcome: outcomeOf(scenario, ended, judged, wallMs()),
    };
  } catch (error) {
    return broken(scenario, wallMs(), messageOf(error));
  } finally {
    await ground.close();
  }
};
