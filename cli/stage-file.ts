/** `stages/<stage>.yml`: which account and Region a stage lives in. */
import { readStage } from "../build/stages.ts";
import { InputError, messageOf } from "../lib/kit/errors.ts";

export type StagePlace = { account: string; region: string };

/** Throws InputError, one line, when the file is missing or anything in it is wrong. */
export const stagePlace = (stage: string): StagePlace => {
  try {
    const { account, region } = readStage(stage);
    return { account, region };
  } catch (error) {
    throw new InputError(messageOf(error));
  }
};
