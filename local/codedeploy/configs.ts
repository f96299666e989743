/** Deployment configurations: which share of traffic goes to the new version, and when. */
import type { Json } from "../account.ts";
import { refusal } from "./state.ts";

export type Routing =
  | { type: "AllAtOnce" }
  | { type: "TimeBasedCanary"; percent: number; minutes: number }
  | { type: "TimeBasedLinear"; percent: number; minutes: number };

export type Config = { id: string; name: string; createdAt: number; routing: Routing };

/** After `afterMs` since the first shift, `percent` of the traffic goes to the new version. */
export type Step = { afterMs: number; percent: number };

export const PREDEFINED_PREFIX = "CodeDeployDefault.";
export const ALL_AT_ONCE = "CodeDeployDefault.LambdaAllAtOnce";
export const MAX_CUSTOM_CONFIGS = 200;
const MAX_PERCENT = 99;
/** Between the first and the last shift. */
const MAX_SHIFT_MINUTES = 2880;
const MAX_NAME_LENGTH = 100;
const MINUTE_MS = 60_000;

const predefined = (): [string, Routing][] => [
  ["LambdaAllAtOnce", { type: "AllAtOnce" }],
  ...[5, 10, 15, 30].map((minutes): [string, Routing] => [
    `LambdaCanary10Percent${minutes}Minutes`,
    { type: "TimeBasedCanary", percent: 10, minutes },
  ]),
  ...[1, 2, 3, 10].map((minutes): [string, Routing] => [
    `LambdaLinear10PercentEvery${minutes}Minute${minutes === 1 ? "" : "s"}`,
    { type: "TimeBasedLinear", percent: 10, minutes },
  ]),
];

/** When CodeDeploy began to deploy Lambda functions. */
const PREDEFINED_AT = Date.UTC(2017, 10, 28);

export const predefinedConfigs = (): Config[] =>
  predefined().map(([name, routing], index) => ({
    id: `00000000-0000-4000-8000-${String(index + 1).padStart(12, "0")}`,
    name: `${PREDEFINED_PREFIX}${name}`,
    createdAt: PREDEFINED_AT,
    routing,
  }));

/** A linear shift moves at the start of each interval: nine intervals for ten steps of 10 %. */
export const stepsOf = (routing: Routing): Step[] => {
  switch (routing.type) {
    case "AllAtOnce":
      return [{ afterMs: 0, percent: 100 }];
    case "TimeBasedCanary":
      return [
        { afterMs: 0, percent: routing.percent },
        { afterMs: routing.minutes * MINUTE_MS, percent: 100 },
      ];
    case "TimeBasedLinear":
      return Array.from({ length: Math.ceil(100 / routing.percent) }, (_, index) => ({
        afterMs: index * routing.minutes * MINUTE_MS,
        percent: Math.min(100, (index + 1) * routing.percent),
      }));
  }
};

const invalidRouting = (what: string) => refusal("InvalidTrafficRoutingConfiguration", what);

const checked = (type: "TimeBasedCanary" | "TimeBasedLinear", percent: Json, minutes: Json): Routing => {
  const routing = { type, percent: Number(percent), minutes: Number(minutes) };
  if (!Number.isInteger(routing.percent) || routing.percent < 1 || routing.percent > MAX_PERCENT)
    throw invalidRouting(`The percentage must be a whole number from 1 to ${MAX_PERCENT}.`);
  if (!Number.isInteger(routing.minutes) || routing.minutes < 1)
    throw invalidRouting("The interval must be a whole number of minutes, at least 1.");
  if ((stepsOf(routing).at(-1)?.afterMs ?? 0) > MAX_SHIFT_MINUTES * MINUTE_MS)
    throw invalidRouting(`The traffic shift must not take longer than ${MAX_SHIFT_MINUTES} minutes.`);
  return routing;
};

/** Reads CreateDeploymentConfig's trafficRoutingConfig; throws InvalidTrafficRoutingConfiguration. */
export const parseRouting = (config: Json): Routing => {
  switch (config?.type) {
    case undefined:
    case "AllAtOnce":
      return { type: "AllAtOnce" };
    case "TimeBasedCanary":
      return checked(
        "TimeBasedCanary",
        config.timeBasedCanary?.canaryPercentage,
        config.timeBasedCanary?.canaryInterval,
      );
    case "TimeBasedLinear":
      return checked(
        "TimeBasedLinear",
        config.timeBasedLinear?.linearPercentage,
        config.timeBasedLinear?.linearInterval,
      );
    default:
      throw invalidRouting(`The traffic routing type ${config.type} is not known.`);
  }
};

export const routingShape = (routing: Routing): Json => {
  switch (routing.type) {
    case "AllAtOnce":
      return { type: "AllAtOnce" };
    case "TimeBasedCanary":
      return {
        type: "TimeBasedCanary",
        timeBasedCanary: { canaryPercentage: routing.percent, canaryInterval: routing.minutes },
      };
    case "TimeBasedLinear":
      return {
        type: "TimeBasedLinear",
        timeBasedLinear: { linearPercentage: routing.percent, linearInterval: routing.minutes },
      };
  }
};

/** Throws as CreateDeploymentConfig does for a name that cannot be. */
export const checkConfigName = (name: Json): string => {
  if (!name) throw refusal("DeploymentConfigNameRequired", "Deployment configuration name is required.");
  if (String(name).length > MAX_NAME_LENGTH || String(name).startsWith(PREDEFINED_PREFIX))
    throw refusal("InvalidDeploymentConfigName", `The deployment configuration name ${name} is not valid.`);
  return String(name);
};
