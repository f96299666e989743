/** Which configuration can see what, and which to take: the quickest that sees the harm the owner wants to see. */
import { customConfig, type DeploymentConfig, minutesOf, PREDEFINED } from "./config.ts";
import { weightsByMinute } from "./shift.ts";

/** What the judge would see with these canary shares (0-1, one a minute); undefined when nothing. */
export type Look<Sight extends { readonly rate: number }> = (weights: readonly number[]) => Sight | undefined;

/** Whether a given bad rate (0-1) would be seen with these shares: cheaper to ask than what would be. */
export type Glance = (weights: readonly number[], rate: number) => boolean;

/** One configuration's line. `sight` is absent when even a canary that always fails would be missed. */
export type Option<Sight> = {
  readonly config: DeploymentConfig;
  readonly minutes: number;
  readonly sight?: Sight;
};

export type Recommendation<Sight> = {
  readonly options: readonly Option<Sight>[];
  /** The quickest option that sees `wantedRate`; absent when none does. */
  readonly best?: Option<Sight>;
};

/** Custom canaries to try when no predefined configuration serves: more weight first, then more time. */
const CUSTOM_PERCENTS = [10, 20, 35, 50] as const;
const CUSTOM_MINUTES = [10, 15, 30, 60, 120, 240, 480, 960, 1_440, 2_880] as const;

const optionOf = <Sight extends { readonly rate: number }>(
  config: DeploymentConfig,
  look: Look<Sight>,
): Option<Sight> => {
  const sight = look(weightsByMinute(config));
  return { config, minutes: minutesOf(config), ...(sight === undefined ? {} : { sight }) };
};

const sees = <Sight extends { readonly rate: number }>(
  { sight }: Option<Sight>,
  wantedRate: number,
): boolean => sight !== undefined && sight.rate <= wantedRate;

/** The quickest custom canary that sees it, and of those the one with the least weight. */
const customFor = <Sight extends { readonly rate: number }>(
  wantedRate: number,
  look: Look<Sight>,
  glance: Glance,
): Option<Sight> | undefined => {
  for (const minutes of CUSTOM_MINUTES)
    for (const percent of CUSTOM_PERCENTS) {
      const config = customConfig("canary", percent, minutes);
      if (!glance(weightsByMinute(config), wantedRate)) continue;
      const option = optionOf(config, look);
      if (sees(option, wantedRate)) return option;
    }
  return undefined;
};

/** Looks through the nine predefined configurations, then through custom ones. `wantedRate` is a bad rate 0-1. */
export const recommend = <Sight extends { readonly rate: number }>(
  wantedRate: number,
  look: Look<Sight>,
  glance: Glance,
): Recommendation<Sight> => {
  const options = PREDEFINED.map((config) => optionOf(config, look));
  const predefined = options.find((option) => sees(option, wantedRate));
  if (predefined !== undefined) return { options, best: predefined };
  const custom = customFor(wantedRate, look, glance);
  return custom === undefined ? { options } : { options: [...options, custom], best: custom };
};
