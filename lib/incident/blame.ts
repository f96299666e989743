/** Was it the deployment? Answered from per-version numbers where there are any; the answer can be no. */
import type { Blame, FunctionShift } from "../deployment/fact.ts";
import type { Status } from "../deployment/record.ts";
import type { AlarmChange } from "./alarm-change.ts";
import { metricsAbout, versionOf } from "./alarm-change.ts";

/** Calls and bad calls per version up to the alarm; none of the baseline's once all traffic has moved. */
export type ArmCounts = { baseline: { total: number; bad: number }; canary: { total: number; bad: number } };

export type Judged = { blame: Blame; why: string };

/** A canary whose bad-call rate is below this multiple of the baseline's suffers what the baseline suffers. */
const SHARED_RATIO = 1.5;
/** Fewer bad baseline calls than this say nothing about a shared cause. */
const SHARED_BAD_MIN = 3;

const rate = (arm: { total: number; bad: number }): number => (arm.total === 0 ? 0 : arm.bad / arm.total);
const percent = (share: number): string => `${(share * 100).toFixed(1)} %`;

/** An alarm on failed calls cannot be about a version that has answered every call. */
const isUnhurt = (change: AlarmChange, shift: FunctionShift, { canary }: ArmCounts): boolean => {
  const metrics = metricsAbout(change, shift);
  return (
    canary.total > 0 &&
    canary.bad === 0 &&
    metrics.length > 0 &&
    metrics.every(({ name }) => name === "Errors")
  );
};

const fromCounts = (change: AlarmChange, shift: FunctionShift, counts: ArmCounts): Judged | undefined => {
  const { baseline, canary } = counts;
  if (isUnhurt(change, shift, counts))
    return {
      blame: "not-the-deployment",
      why: `version ${shift.to} has not failed one of its ${canary.total} calls`,
    };
  if (baseline.bad < SHARED_BAD_MIN) return undefined;
  if (rate(canary) > rate(baseline) * SHARED_RATIO) return undefined;
  return {
    blame: "not-the-deployment",
    why: `both versions suffer: version ${shift.from} fails ${percent(rate(baseline))} of ${baseline.total} calls, version ${shift.to} ${percent(rate(canary))} of ${canary.total}`,
  };
};

/**
 * Blames or clears a deployment under way for an alarm on its function. Without numbers that clear it, it is blamed:
 * an alarm that a person set, during a change of that very function, is reason enough to take the change back.
 */
export const blameFor = (
  change: AlarmChange,
  deployment: { shift: FunctionShift; status: Status; firstTrafficAt?: number },
  counts: ArmCounts | undefined,
): Judged => {
  const { shift, status, firstTrafficAt } = deployment;
  const version = versionOf(metricsAbout(change, shift));
  if (change.heldBack !== undefined)
    return { blame: "ignored", why: `held back by its owner: ${change.heldBack}` };
  if (
    status === "REQUESTED" ||
    status === "PRE_TRAFFIC" ||
    firstTrafficAt === undefined ||
    change.at < firstTrafficAt
  )
    return {
      blame: "not-the-deployment",
      why: `version ${shift.to} had had no traffic when the alarm went off`,
    };
  if (version === shift.from)
    return {
      blame: "not-the-deployment",
      why: `the alarm watches version ${version}, the one that is being replaced`,
    };
  if (version === shift.to)
    return {
      blame: "deployment",
      why: `the alarm watches version ${version}, the one being deployed: ${change.reason}`,
    };
  const cleared = counts === undefined ? undefined : fromCounts(change, shift, counts);
  return (
    cleared ?? {
      blame: "deployment",
      why: `${change.name} went into alarm while version ${shift.to} of ${shift.name} was being deployed: ${change.reason}`,
    }
  );
};
