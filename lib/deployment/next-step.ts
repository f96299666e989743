/** What an open deployment needs next. Pure: what is known and the time of the tick in, steps out. */
import { MINUTE_MS, minuteOf } from "../kit/time.ts";
import type { Policy } from "../policy/policy.ts";
import { hasMovedTraffic, isRollback, isRollingBack, type Known, shiftEndOf } from "./known.ts";
import { isEnd, type Status } from "./record.ts";

/** Minutes a metric needs to settle: an observation is dated by its invocation's start and becomes visible later. */
export const SETTLE_MINUTES_DEFAULT = 1;
/** A hook of ours that has not answered for this long is answered for: twice its own time, and Lambda has retried it by then. */
export const HOOK_SILENCE_MS = 5 * MINUTE_MS;
/** A rollback not seen on the alias after this long has failed, and a human must look. */
export const ROLLBACK_GIVE_UP_MS = 10 * MINUTE_MS;
/** Exposure is final this long after the end. */
const EXPOSURE_SETTLE_MS = 2 * MINUTE_MS;

/** Older than its bake time by this much, a deployment is history: it is recorded, never acted on. */
const HISTORY_MS = 15 * MINUTE_MS;

export type Step =
  | { kind: "observe" }
  | ({ kind: "judge" } & JudgeWindow)
  | { kind: "answer-silent-hook"; hook: "before" | "after" }
  | { kind: "roll-back" }
  | { kind: "give-up-rollback"; at: number; why: string }
  | { kind: "end-bake"; at: number }
  | { kind: "expose"; isFinal: boolean };

export type OurHooks = { before: string; after: string };

const settleMs = (policy: Policy | null): number =>
  (policy?.settleMinutes ?? SETTLE_MINUTES_DEFAULT) * MINUTE_MS;

/** Nothing is left to judge once it was judged to the end, or is being taken back. */
const isJudged = (known: Known): boolean =>
  known.judged.some((each) => each.isShiftOver) ||
  known.asked !== undefined ||
  known.restored !== undefined ||
  (known.ended !== undefined && known.ended.result !== "succeeded");

const bakedAt = (endedAt: number, policy: Policy | null): number =>
  endedAt + (policy?.bakeMinutes ?? 0) * MINUTE_MS;

/** First seen long after it was over, as on a first install: nobody may act on it now. */
const isHistory = (known: Known, policy: Policy | null, now: number): boolean =>
  known.ended !== undefined && now > bakedAt(known.ended.at, policy) + settleMs(policy) + HISTORY_MS;

/** Minutes from `fromAt` (inclusive) to `untilAt` (exclusive); `isShiftOver` when no more minutes will come. */
export type JudgeWindow = { fromAt: number; untilAt: number; isShiftOver: boolean };

/** The settled minutes in which both versions served; undefined when there is none yet, or never will be. */
export const judgeWindow = (known: Known, now: number): JudgeWindow | undefined => {
  const startedAt = known.entered.SHIFTING;
  if (startedAt === undefined || !hasMovedTraffic(known)) return undefined;
  const endedAt = shiftEndOf(known);
  const settledAt = minuteOf(now - settleMs(known.policed?.policy ?? null));
  const fromAt = minuteOf(startedAt);
  // The minute in which the sharing ended is left out: most of it has no baseline to compare with.
  const lastMinuteEnd =
    endedAt === undefined ? Number.POSITIVE_INFINITY : Math.max(minuteOf(endedAt), fromAt + MINUTE_MS);
  const untilAt = Math.min(settledAt, lastMinuteEnd);
  return untilAt <= fromAt ? undefined : { fromAt, untilAt, isShiftOver: untilAt >= lastMinuteEnd };
};

const judgeStep = (known: Known, policy: Policy | null, now: number): Step[] => {
  if (isJudged(known) || isHistory(known, policy, now)) return [];
  const window = judgeWindow(known, now);
  return window === undefined ? [] : [{ kind: "judge", ...window }];
};

/** How long a canary that takes calls has gone without a verdict, in milliseconds; undefined when none is due. */
export const unjudgedMs = (known: Known, now: number): number | undefined => {
  const startedAt = known.entered.SHIFTING;
  if (startedAt === undefined || !hasMovedTraffic(known) || isJudged(known)) return undefined;
  if (isHistory(known, known.policed?.policy ?? null, now)) return undefined;
  return Math.max(0, now - Math.max(startedAt, known.judged.at(-1)?.at ?? startedAt));
};

const isOurs = (name: string | undefined, ours: string): boolean =>
  name !== undefined && (name === ours || name.endsWith(`:${ours}`));

const hookSteps = (known: Known, ours: OurHooks, now: number): Step[] => {
  const { PRE_TRAFFIC, SHIFTING, POST_TRAFFIC } = known.entered;
  const { before, after } = known.described.hooks;
  const isSilentSince = (startedAt: number | undefined): boolean =>
    startedAt !== undefined && now - startedAt >= HOOK_SILENCE_MS;
  if (known.ended !== undefined) return [];
  if (isOurs(before, ours.before) && SHIFTING === undefined && isSilentSince(PRE_TRAFFIC))
    return [{ kind: "answer-silent-hook", hook: "before" }];
  if (isOurs(after, ours.after) && isSilentSince(POST_TRAFFIC))
    return [{ kind: "answer-silent-hook", hook: "after" }];
  return [];
};

/** When the watch after the shift is over, if it is. */
const bakeEnd = (known: Known, policy: Policy | null, now: number): number | undefined => {
  if (known.ended?.result !== "succeeded" || known.asked !== undefined || known.baked !== undefined)
    return undefined;
  const isLookedAt = known.judged.some((each) => each.isShiftOver) || isHistory(known, policy, now);
  const at = bakedAt(known.ended.at, policy);
  return isLookedAt && now >= at ? at : undefined;
};

const rollbackSteps = (known: Known, now: number): Step[] => {
  if (!isRollingBack(known)) return [];
  const sinceAt = Math.max(
    known.lastAskedAt ?? 0,
    known.ended !== undefined && known.ended.result !== "succeeded" ? known.ended.at : 0,
  );
  if (now - sinceAt < ROLLBACK_GIVE_UP_MS) return [{ kind: "roll-back" }];
  const minutes = Math.round((now - sinceAt) / MINUTE_MS);
  return [
    { kind: "roll-back" },
    {
      kind: "give-up-rollback",
      at: sinceAt + ROLLBACK_GIVE_UP_MS,
      why: `after ${minutes} minutes the alias still does not send all traffic to version ${known.described.function.from}`,
    },
  ];
};

/** Everything due at `now`, in the order to do it. Each step may make the later ones unnecessary: ask again after each. */
export const dueSteps = (known: Known, status: Status, ours: OurHooks, now: number): Step[] => {
  const policy = known.policed?.policy ?? null;
  if (isRollback(known)) return isEnd(status) ? [] : [{ kind: "observe" }];
  const bakeEndAt = bakeEnd(known, policy, now);
  return [
    ...(known.ended === undefined ? [{ kind: "observe" } as const] : []),
    ...hookSteps(known, ours, now),
    ...rollbackSteps(known, now),
    ...judgeStep(known, policy, now),
    ...(bakeEndAt === undefined ? [] : [{ kind: "end-bake", at: bakeEndAt } as const]),
    ...exposeSteps(known, status, now),
  ];
};

const exposeSteps = (known: Known, status: Status, now: number): Step[] => {
  if (known.exposed?.isFinal || !hasMovedTraffic(known)) return [];
  if (!isEnd(status)) return [];
  const endAt = known.restored?.at ?? known.baked?.at ?? known.rollbackFailed?.at ?? known.ended?.at ?? now;
  return now - endAt >= EXPOSURE_SETTLE_MS ? [{ kind: "expose", isFinal: true }] : [];
};

/** Whether somebody still has to look: it has not ended, or how many calls it hurt is not final. */
export const isOpen = (known: Known, status: Status): boolean =>
  !isEnd(status) ||
  isRollingBack(known) ||
  (!isRollback(known) && hasMovedTraffic(known) && known.exposed?.isFinal !== true);
