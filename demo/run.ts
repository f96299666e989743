/** Runs one scenario from an empty account to its end. What happens in between is the account's and Bellwether's doing alone. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { MINUTE_MS, minuteOf, SECOND_MS } from "../lib/kit/time.ts";
import { type Policy, parsePolicy } from "../lib/policy/policy.ts";
import { CALLS_PER_SECOND, CHECKOUT_DIR, type Input, USUAL } from "./callers.ts";
import type { Ground } from "./ground.ts";
import type { Act, Ended, Moment, Scenario, Site } from "./scenario.ts";
import { createService, deploy, type Service, servedBy } from "./service.ts";
import { toldSince } from "./told.ts";

/** Long enough for a history of the old version, short enough to wait for. */
const WARM_MINUTES_DEFAULT = 12;
/** Watch after all traffic moved, unless the scenario says otherwise. */
const BAKE_MINUTES = 5;
const STEP_MS = 30 * SECOND_MS;
/** A deployment that is not over after this much account time never will be. */
const ACCOUNT_TIME_MAX_MS = 75 * MINUTE_MS;
const HISTORY_MAX = 20;

const policyOf = (scenario: Scenario): Policy => ({
  ...parsePolicy(readFileSync(join(CHECKOUT_DIR, "policy.json"), "utf8")),
  bakeMinutes: BAKE_MINUTES,
  ...scenario.policy,
});

const siteOf = (ground: Ground, service: Service, callsPerSecond: number): Site => ({
  account: ground.account,
  service,
  call: (inputs: readonly Input[]) =>
    ground.account.traffic.set(service.name, service.alias, {
      callsPerSecond,
      phases: [{ afterMs: 0, inputs }],
    }),
});

type Befell = Ended["befell"][number];

/** Runs what is due, once; gives back what was. */
const runDue = async (acts: Set<Act>, moment: Moment, site: Site): Promise<Befell[]> => {
  const due = [...acts].filter((act) => act.isDue(moment));
  for (const act of due) {
    acts.delete(act);
    await act.run(site);
  }
  return due.map(({ name }) => ({ at: site.account.world.now(), name }));
};

/** Closed record, nothing left to tell, nothing left to happen. */
const isOver = async (
  { reading }: Ground,
  deploymentId: string,
  acts: ReadonlySet<Act>,
): Promise<boolean> => {
  const stored = await reading.store.load(deploymentId);
  if (stored === undefined || stored.isOpen || acts.size > 0) return false;
  return (await reading.outbox.unsent(1)).length === 0;
};

/** Lets time pass until it is over; gives up after the most it may take, and lets the checks say what is missing. */
const letPass = async (
  ground: Ground,
  deploymentId: string,
  scenario: Scenario,
  site: Site,
): Promise<Befell[]> => {
  const befell: Befell[] = [];
  const { world } = ground.account;
  const startedAt = world.now();
  const acts = new Set(scenario.acts ?? []);
  while (world.now() - startedAt < ACCOUNT_TIME_MAX_MS) {
    const stored = await ground.reading.store.load(deploymentId);
    const moment = { sinceDeployedMs: world.now() - startedAt, record: stored?.record };
    befell.push(...(await runDue(acts, moment, site)));
    if (await isOver(ground, deploymentId, acts)) break;
    await ground.advance(STEP_MS);
  }
  return befell;
};

const readBack = async (
  ground: Ground,
  site: Site,
  deploymentId: string,
  deployedAt: number,
  befell: readonly Befell[],
): Promise<Ended> => {
  const { reading, account } = ground;
  const stored = await reading.store.load(deploymentId);
  if (stored === undefined) throw new Error(`${deploymentId} never came on record`);
  const { record, lines } = stored;
  const history = await reading.store.history({ service: site.service.name, limit: HISTORY_MAX });
  const exposure = await reading.counts.exposure({
    function: record.function,
    version: record.function.to,
    fromAt: minuteOf(deployedAt),
    untilAt: account.world.now(),
  });
  if (exposure === "unreadable") throw new Error("CloudWatch could not be read");
  return {
    deploymentId,
    record,
    lines,
    told: toldSince(account, deployedAt),
    befell,
    aliasVersion: await servedBy(site.service),
    deployedAt,
    endedAt: account.world.now(),
    callsServed: exposure.calls,
    isOpen: stored.isOpen,
    others: history.filter((each) => each.id !== deploymentId),
    site,
  };
};

/** Resolves with everything that can be read back. Throws only when there is nothing to read. */
export const runScenario = async (scenario: Scenario, ground: Ground): Promise<Ended> => {
  const { world } = ground.account;
  const service = await createService(
    ground.clients,
    ground.roles,
    scenario,
    policyOf(scenario),
    ground.stage,
  );
  const site = siteOf(ground, service, scenario.callsPerSecond ?? CALLS_PER_SECOND);
  site.call(scenario.inputs ?? USUAL);
  await scenario.setUp?.(site);
  await ground.advance((scenario.warmMinutes ?? WARM_MINUTES_DEFAULT) * MINUTE_MS);
  await scenario.before?.(site);
  const deployedAt = world.now();
  const deploymentId = await deploy(service, scenario.description ?? `${scenario.to.version}, from the demo`);
  const befell = await letPass(ground, deploymentId, scenario, site);
  return readBack(ground, site, deploymentId, deployedAt, befell);
};
