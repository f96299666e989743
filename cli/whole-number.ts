/** Whole numbers on the command line, within their range or refused. */
import { InvalidArgumentError } from "commander";

/** A parser for commander: refuses everything that is not a whole number from `least` to `most`. */
export const wholeNumber =
  (least: number, most: number) =>
  (text: string): number => {
    const value = Number(text);
    if (/^\d+$/.test(text) && value >= least && value <= most) return value;
    throw new InvalidArgumentError(`It must be a whole number from ${least} to ${most}.`);
  };
