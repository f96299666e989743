/** `stages/<stage>.yml`: which account and Region a stage lives in. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { InputError, messageOf } from "../lib/kit/errors.ts";

const STAGES_DIR = join(import.meta.dirname, "..", "stages");

export type StagePlace = { account: string; region: string };

const ACCOUNT = /^\d{12}$/;
const REGION = /^[a-z]{2}(-[a-z]+)+-\d$/;

/** Throws InputError when the file is missing, is not YAML, or names no account and Region. */
export const stagePlace = (stage: string, dir = STAGES_DIR): StagePlace => {
  const shown = `stages/${stage}.yml`;
  let read: unknown;
  try {
    read = parse(readFileSync(join(dir, `${stage}.yml`), "utf8"));
  } catch (error) {
    throw new InputError(`${shown} cannot be read: ${messageOf(error)}`);
  }
  const { account, region } = (read ?? {}) as { account?: unknown; region?: unknown };
  // YAML reads an account without quotes as a number, and drops its leading zero.
  if (typeof account !== "string" || !ACCOUNT.test(account))
    throw new InputError(`${shown}: account must be twelve digits in quotes`);
  if (typeof region !== "string" || !REGION.test(region))
    throw new InputError(`${shown}: region must be an AWS Region`);
  return { account, region };
};
