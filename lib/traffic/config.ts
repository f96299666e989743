/**
 * CodeDeploy deployment configurations for Lambda: the nine predefined ones, and custom ones within its limits
 * (docs.aws.amazon.com/codedeploy/latest/userguide/deployment-configurations.html and limits.html).
 */
import { InputError } from "../kit/errors.ts";

/** Percent 1-99 and whole minutes. Canary: one step, then all. Linear: as much again after each interval. */
export type DeploymentConfig =
  | { readonly kind: "all-at-once"; readonly name: string }
  | {
      readonly kind: "canary" | "linear";
      readonly name: string;
      readonly percent: number;
      readonly intervalMinutes: number;
    };

const PREFIX = "CodeDeployDefault.";
/** The most that one step may shift, and the longest time from first to last shift. */
const PERCENT_MOST = 99;
const MINUTES_MOST = 2_880;
const NAME_LENGTH_MOST = 100;

const canary = (intervalMinutes: number): DeploymentConfig => ({
  kind: "canary",
  name: `${PREFIX}LambdaCanary10Percent${intervalMinutes}Minutes`,
  percent: 10,
  intervalMinutes,
});

const linear = (intervalMinutes: number): DeploymentConfig => ({
  kind: "linear",
  name: `${PREFIX}LambdaLinear10PercentEvery${intervalMinutes}Minute${intervalMinutes === 1 ? "" : "s"}`,
  percent: 10,
  intervalMinutes,
});

/** In order of the time they take. */
export const PREDEFINED: readonly DeploymentConfig[] = [
  { kind: "all-at-once", name: `${PREFIX}LambdaAllAtOnce` },
  canary(5),
  linear(1),
  canary(10),
  canary(15),
  linear(2),
  linear(3),
  canary(30),
  linear(10),
];

/** The predefined configuration of this name, with or without its prefix; undefined for any other. */
export const predefinedNamed = (name: string): DeploymentConfig | undefined =>
  PREDEFINED.find((config) => config.name === name || config.name === `${PREFIX}${name}`);

/** Minutes from the first shift to the last. */
export const minutesOf = (config: DeploymentConfig): number => {
  if (config.kind === "all-at-once") return 0;
  const steps = config.kind === "canary" ? 1 : Math.ceil(100 / config.percent) - 1;
  return steps * config.intervalMinutes;
};

const assertIn = (value: number, least: number, most: number, what: string): void => {
  if (!Number.isInteger(value) || value < least || value > most)
    throw new InputError(`${what} must be a whole number from ${least} to ${most}, not ${value}`);
};

/** A custom configuration with a name that says what it does. Throws InputError outside CodeDeploy's limits. */
export const customConfig = (
  kind: "canary" | "linear",
  percent: number,
  intervalMinutes: number,
): DeploymentConfig => {
  assertIn(percent, 1, PERCENT_MOST, "percent");
  assertIn(intervalMinutes, 1, MINUTES_MOST, "interval");
  const every = kind === "linear" ? "Every" : "";
  const word = kind === "linear" ? "Linear" : "Canary";
  const name = `Lambda${word}${percent}Percent${every}${intervalMinutes}Minute${intervalMinutes === 1 ? "" : "s"}`;
  const config: DeploymentConfig = { kind, name, percent, intervalMinutes };
  if (minutesOf(config) > MINUTES_MOST)
    throw new InputError(`${name} takes ${minutesOf(config)} minutes, the most is ${MINUTES_MOST}`);
  if (name.length > NAME_LENGTH_MOST) throw new InputError(`${name} is too long a name`);
  return config;
};
