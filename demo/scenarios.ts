/** All scenarios by name, in the order they are shown. */
import { InputError } from "../lib/kit/errors.ts";
import type { Scenario } from "./scenario.ts";
import { alarmed } from "./scenarios/alarmed.ts";
import { disturbed } from "./scenarios/disturbed.ts";
import { hooked } from "./scenarios/hooked.ts";
import { judged } from "./scenarios/judged.ts";

const ORDER = [
  "healthy",
  "bad-errors",
  "bad-latency",
  "smoke-fails",
  "hook-crashes",
  "alarm-while-shifting",
  "alarm-in-bake",
  "linear-shift",
  "shared-outage",
  "fix-under-alarm",
  "low-traffic",
  "slack-down",
  "events-lost",
] as const;

const ALL = "all";

export const SCENARIO_NAMES: readonly string[] = ORDER;

/** Made anew on each call: a scenario may keep what it saw. Throws InputError for a name that is none. */
export const scenariosNamed = (name: string): readonly Scenario[] => {
  const all = [...judged, ...hooked, ...alarmed, ...disturbed.map((make) => make())];
  const wanted: readonly string[] = name === ALL ? ORDER : [name];
  return wanted.map((each) => {
    const found = all.find((scenario) => scenario.name === each);
    if (found === undefined)
      throw new InputError(`unknown scenario "${each}": there are ${ORDER.join(", ")}, and all`);
    return found;
  });
};
