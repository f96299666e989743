/** The template that PROD gets, with its roles, retention and protection, comes up and keeps every promise too. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Grounds } from "../../demo/ground.ts";
import { openGrounds } from "../../demo/open-ground.ts";
import { playOne } from "../../demo/play.ts";
import { SCENARIO_NAMES, scenariosNamed } from "../../demo/scenarios.ts";

const SEED = 5;

describe("on the packaged PROD template, roles enforced", () => {
  let grounds: Grounds;
  beforeAll(async () => {
    grounds = await openGrounds(undefined, "prod");
  });
  afterAll(() => grounds?.close());

  test.each(SCENARIO_NAMES)("%s ends as it must", async (name) => {
    const [scenario] = scenariosNamed(name);
    if (scenario === undefined) throw new Error(`no scenario ${name}`);
    const { faults, ended } = await playOne(scenario, () => grounds.open(SEED));
    expect(faults).toEqual([]);
    expect(ended?.record).toMatchObject({ stage: "prod", region: "af-south-1" });
  });
});
