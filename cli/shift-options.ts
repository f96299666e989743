/** Rates, weights and configurations as people type them. */
import { InvalidArgumentError } from "commander";
import { messageOf } from "../lib/kit/errors.ts";
import { customConfig, type DeploymentConfig, predefinedNamed } from "../lib/traffic/config.ts";

const RATE = /^(\d+(?:\.\d+)?)(%?)$/;
const CUSTOM = /^(canary|linear):(\d+):(\d+)$/;
/** Calls a second that one alias may plausibly get. */
const CALLS_MOST = 1e6;

/** `0.1%` or `0.001`: a rate from 0 to 1. */
export const rateOption = (text: string): number => {
  const [, digits, unit] = RATE.exec(text) ?? [];
  const rate = digits === undefined ? Number.NaN : Number(digits) / (unit === "%" ? 100 : 1);
  if (rate >= 0 && rate <= 1) return rate;
  throw new InvalidArgumentError('It must be a rate like "0.1%" or "0.001", from 0 to 1 (or 100%).');
};

/** A budget: a rate that is neither 0, which would never act, nor 1, which always would. */
export const budgetOption = (text: string): number => {
  const rate = rateOption(text);
  if (rate > 0 && rate < 1) return rate;
  throw new InvalidArgumentError("It must be above 0 and below 100%.");
};

/** Calls a second, fractions allowed, above 0. */
export const callsOption = (text: string): number => {
  const calls = Number(text);
  if (/^\d+(\.\d+)?$/.test(text) && calls > 0 && calls <= CALLS_MOST) return calls;
  throw new InvalidArgumentError(`It must be a number above 0, at most ${CALLS_MOST}.`);
};

/** A predefined configuration by name, or `canary:<percent>:<minutes>`, `linear:<percent>:<minutes>`. */
export const configOption = (text: string): DeploymentConfig => {
  const predefined = predefinedNamed(text);
  if (predefined !== undefined) return predefined;
  const [, kind, percent, minutes] = CUSTOM.exec(text) ?? [];
  if (kind !== "canary" && kind !== "linear")
    throw new InvalidArgumentError(
      'It must be a predefined one like "LambdaCanary10Percent5Minutes", or custom like "canary:10:5" or "linear:10:1".',
    );
  try {
    const custom = customConfig(kind, Number(percent), Number(minutes));
    return predefinedNamed(custom.name) ?? custom;
  } catch (error) {
    throw new InvalidArgumentError(`${messageOf(error)}.`);
  }
};
