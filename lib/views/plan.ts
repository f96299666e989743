/** Which deployment configuration can see what, at some traffic: rows, a recommendation, and whether one is enough. */
import { MUST_SEE_EXCESS } from "../judge/finding.ts";
import { type Plan, type Sight, seesRate, sightOf } from "../judge/sight.ts";
import { MINUTE_MS } from "../kit/time.ts";
import { type DeploymentConfig, minutesOf } from "../traffic/config.ts";
import { recommend } from "../traffic/recommend.ts";
import { weightsByMinute } from "../traffic/shift.ts";

/** Rates are 0-1. `alpha` is one signal's share of the budget. */
export type Circumstances = {
  readonly callsPerSecond: number;
  readonly baselineRate: number;
  readonly alpha: number;
  readonly minHarm: number;
  readonly historyMinutes: number;
  /** The bad rate that has to be seen; the judge's own bar above the baseline unless said. */
  readonly mustSeeRate?: number;
};

/** `sight` is absent when even a canary that fails every call would be missed. */
export type PlanRow = {
  readonly config: DeploymentConfig;
  readonly minutes: number;
  readonly sight?: Sight;
  readonly isEnough: boolean;
};

export type ShiftPlan = {
  readonly circumstances: Circumstances & { readonly mustSeeRate: number };
  readonly rows: readonly PlanRow[];
  /** The quickest that is enough; absent when not even two days at half of the calls are. */
  readonly best?: PlanRow;
};

/** The same question has the same answer. */
const SEED = 1;
const MINUTE_SECONDS = MINUTE_MS / 1_000;

/** What silence must be able to rule out, as the judge sees it: an excess worth acting on. */
export const mustSeeOf = ({ baselineRate, minHarm, mustSeeRate }: Circumstances): number =>
  mustSeeRate ?? Math.min(1, baselineRate + Math.max(MUST_SEE_EXCESS, minHarm));

const shiftOf = (circumstances: Circumstances, weights: readonly number[]): Plan => ({
  callsPerMinute: circumstances.callsPerSecond * MINUTE_SECONDS,
  weights,
  baselineRate: circumstances.baselineRate,
  alpha: circumstances.alpha,
  minHarm: circumstances.minHarm,
  historyMinutes: circumstances.historyMinutes,
});

const lookFor =
  (circumstances: Circumstances) =>
  (weights: readonly number[]): Sight | undefined =>
    sightOf(shiftOf(circumstances, weights), SEED);

const rowOf = (config: DeploymentConfig, sight: Sight | undefined, mustSeeRate: number): PlanRow => ({
  config,
  minutes: minutesOf(config),
  ...(sight === undefined ? {} : { sight }),
  isEnough: sight !== undefined && sight.rate <= mustSeeRate,
});

/** One configuration by itself. */
export const planFor = (config: DeploymentConfig, circumstances: Circumstances): PlanRow =>
  rowOf(config, lookFor(circumstances)(weightsByMinute(config)), mustSeeOf(circumstances));

/** All predefined configurations, the one in use if it is another, and a custom one where none is enough. */
export const planOf = (circumstances: Circumstances, inUse?: DeploymentConfig): ShiftPlan => {
  const mustSeeRate = mustSeeOf(circumstances);
  const { options, best } = recommend(mustSeeRate, lookFor(circumstances), (weights, rate) =>
    seesRate(shiftOf(circumstances, weights), rate, SEED),
  );
  const rows = options.map(({ config, sight }) => rowOf(config, sight, mustSeeRate));
  const isListed = inUse === undefined || rows.some(({ config }) => config.name === inUse.name);
  return {
    circumstances: { ...circumstances, mustSeeRate },
    rows: isListed ? rows : [...rows, planFor(inUse, circumstances)],
    ...(best && { best: rowOf(best.config, best.sight, mustSeeRate) }),
  };
};

/** A rate as people say it: two figures, in percent. */
export const rateText = (rate: number): string => `${Number((100 * rate).toPrecision(2))} %`;

const withoutPrefix = (name: string): string => name.replace("CodeDeployDefault.", "");

/** One configuration's worth in one line, for people and for build logs. */
export const rowSentence = ({ config, minutes, sight, isEnough }: PlanRow, mustSeeRate: number): string => {
  const name = withoutPrefix(config.name);
  if (config.kind === "all-at-once")
    return `${name} moves all calls at once: nothing can be seen before everybody meets it.`;
  const wanted = `${rateText(mustSeeRate)} must be seen`;
  if (sight === undefined)
    return `${name} would miss even a version that fails every call in its ${minutes} minutes; ${wanted}.`;
  return `${name} sees bad rates from ${rateText(sight.rate)} on, four times in five, after ${sight.minutes.toFixed(1)} minutes and ${Math.round(sight.badCalls)} bad calls; ${wanted}: ${isEnough ? "enough" : "not enough"}.`;
};

/** How CodeDeploy is told of a custom configuration; undefined for a predefined one. */
export const createCommand = ({ config }: PlanRow): string | undefined => {
  if (config.kind === "all-at-once" || config.name.startsWith("CodeDeployDefault.")) return undefined;
  const { kind, percent, intervalMinutes } = config;
  const [type, key] =
    kind === "canary" ? ["TimeBasedCanary", "timeBasedCanary"] : ["TimeBasedLinear", "timeBasedLinear"];
  const routing = `type=${type},${key}={${kind}Percentage=${percent},${kind}Interval=${intervalMinutes}}`;
  return `aws deploy create-deployment-config --compute-platform Lambda --deployment-config-name ${config.name} --traffic-routing-config "${routing}"`;
};
