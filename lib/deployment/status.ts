/** Status and outcome as they follow from what is known. More facts never give a lower rank. */

import type { FactOf } from "./fact.ts";
import { hasMovedTraffic, isRollback, type Known } from "./known.ts";
import type { Cause, DeploymentRecord, Status } from "./record.ts";
import { isEnd } from "./record.ts";

const hookFailed = (known: Known): boolean => known.checked.some((check) => check.verdict === "fail");

const passageStatus = (known: Known): Status => {
  const { POST_TRAFFIC, FULL_TRAFFIC, SHIFTING, PRE_TRAFFIC } = known.entered;
  if (POST_TRAFFIC !== undefined || FULL_TRAFFIC !== undefined) return "POST_TRAFFIC";
  if (SHIFTING !== undefined) return "SHIFTING";
  return PRE_TRAFFIC !== undefined ? "PRE_TRAFFIC" : "REQUESTED";
};

/** How a deployment that never carried traffic, or is itself a rollback, ended. */
const plainEnd = (known: Known): Status => {
  if (known.ended?.result === "succeeded") return "SUCCEEDED";
  return known.ended?.result === "stopped" && !hookFailed(known) ? "STOPPED" : "FAILED";
};

export const statusOf = (known: Known): Status => {
  const { ended } = known;
  if (isRollback(known)) return ended === undefined ? passageStatus(known) : plainEnd(known);
  if (ended !== undefined && ended.result !== "succeeded" && !hasMovedTraffic(known)) return plainEnd(known);
  if (known.restored !== undefined) return "ROLLED_BACK";
  if (known.rollbackFailed !== undefined)
    return known.asked === undefined && known.began.length === 0 && ended?.result === "stopped"
      ? "STOPPED"
      : "ROLLBACK_FAILED";
  if (ended?.result === "succeeded") return known.baked !== undefined ? "SUCCEEDED" : "BAKING";
  return passageStatus(known);
};

const ALARM_CODE = "ALARM_ACTIVE";
const HOOK_CODE = "HOOK_EXECUTION_FAILURE";
const STOP_CODE = "MANUAL_STOP";

const causeOf = (known: Known): Cause => {
  const { asked, ended } = known;
  if (asked !== undefined) return asked.by;
  if (ended?.result === "succeeded" && known.rollbackFailed === undefined && known.restored === undefined)
    return "completed";
  if (hookFailed(known) || ended?.code === HOOK_CODE) return "hook";
  if (ended?.code === ALARM_CODE) return "alarm";
  if (ended?.code === STOP_CODE || ended?.result === "stopped" || known.began.length > 0) return "operator";
  return "infrastructure";
};

/** The look at the whole shift, even when a hook looked at a part of it a moment later. */
const lastWord = (known: Known): FactOf<"judged"> | undefined =>
  known.judged.findLast((each) => each.isShiftOver) ?? known.judged.at(-1);

const whyOf = (known: Known, cause: Cause): string => {
  const lastJudged = lastWord(known);
  switch (cause) {
    case "judge":
    case "policy":
    case "operator":
    case "alarm":
      return known.asked?.why ?? known.ended?.message ?? "stopped from outside Bellwether";
    case "hook":
      return (
        known.checked.find((check) => check.verdict === "fail")?.why ??
        known.ended?.message ??
        "a hook failed"
      );
    case "infrastructure":
      return known.rollbackFailed?.why ?? known.ended?.message ?? "CodeDeploy failed without a reason";
    case "completed":
      return lastJudged?.judgement.why ?? "all traffic moved; nothing was judged";
  }
};

/** The outcome; nothing while it is still under way. */
export const outcomeOf = (known: Known, status: Status): DeploymentRecord["outcome"] => {
  if (!isEnd(status)) return undefined;
  const cause = causeOf(known);
  const hasFailed = cause === "hook" || known.judged.some((each) => each.judgement.verdict === "fail");
  const verdict = hasFailed ? "fail" : (lastWord(known)?.judgement.verdict ?? "inconclusive");
  const failure =
    status === "ROLLBACK_FAILED" && known.rollbackFailed
      ? `${known.rollbackFailed.why} (rolling back because: ${whyOf(known, cause)})`
      : undefined;
  return { verdict, cause, why: failure ?? whyOf(known, cause) };
};
