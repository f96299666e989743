/** What share of the calls the canary gets, as the alias has it now: never computed from the plan, which only says what should be. */
import { type Fact, fact } from "../deployment/fact.ts";
import { UnavailableError } from "../kit/errors.ts";
import type { Router } from "../ports/router.ts";
import type { Recorded } from "./recording.ts";

/** The canary's share of calls as the alias has it now, percent. */
const canaryPercent = async (router: Router, current: Recorded): Promise<number | undefined> => {
  const { name, alias, to } = current.record.function;
  const routing = await router.read(name, alias);
  if (routing === "unknown") return undefined;
  if (routing.split?.version === to) return routing.split.percent;
  return routing.version === to ? 100 - (routing.split?.percent ?? 0) : 0;
};

/** The share as a fact; none when it cannot be read: a verdict or a way back must not wait for it. */
export const weigh = async (router: Router, current: Recorded, at: number): Promise<Fact[]> => {
  try {
    const percent = await canaryPercent(router, current);
    return percent === undefined ? [] : [fact(at, { kind: "weighed", canaryPercent: percent })];
  } catch (error) {
    if (error instanceof UnavailableError) return [];
    throw error;
  }
};
