/** Past deployments judged again from what their verdicts stored: what would have been taken back, had this policy held. */
import type { AuditLine } from "../deployment/fact.ts";
import { lastLook } from "../deployment/known.ts";
import type { DeploymentRecord } from "../deployment/record.ts";
import { unpackInput } from "../deployment/stored-judgement.ts";
import type { SignalSeries } from "../judge/counts.ts";
import { judge } from "../judge/judge.ts";
import type { JudgeInput, Verdict } from "../judge/judgement.ts";
import { type Policy, signalName } from "../policy/policy.ts";

export type Replayed = {
  readonly id: string;
  readonly service: string;
  /** ISO 8601 in UTC. */
  readonly requested: string;
  readonly from: string;
  readonly to: string;
  /** What was found at the time, and whether it was taken back, by whomever. */
  readonly before: Verdict;
  readonly wasRolledBack: boolean;
  /** What would be found now, and when: 1-based minute of the shift. */
  readonly now: Verdict;
  readonly wouldRollBack: boolean;
  readonly minute: number;
  readonly why: string;
};

/** `withoutInputs`: releases whose verdicts stored nothing to judge again, as when nobody looked. */
export type Replay = { readonly judged: readonly Replayed[]; readonly withoutInputs: number };

/**
 * The stored inputs under another policy's budget, harm and signals. A signal it asks for that was not counted then is one
 * of which no minute was read: it takes its share of the budget, and nothing passes.
 */
export const underPolicy = (input: JudgeInput, policy: Policy | undefined): JudgeInput => {
  const length = Math.max(0, ...input.signals.map(({ minutes }) => minutes.length));
  const unread = (name: string): SignalSeries => ({ name, minutes: Array.from({ length }, () => null) });
  const names = policy?.signals?.map(signalName);
  return {
    ...input,
    alpha: policy?.falseRollbackRate ?? input.alpha,
    minHarm: policy?.minHarmRate ?? input.minHarm,
    signals:
      names?.map((name) => input.signals.find((signal) => signal.name === name) ?? unread(name)) ??
      input.signals,
  };
};

/** What a policy does with a verdict on the whole shift; without one, a failure is taken back. */
const rollsBack = (verdict: Verdict, policy: Policy | undefined): boolean => {
  if (policy === undefined) return verdict === "fail";
  if (policy.mode === "shadow") return false;
  return verdict === "fail" || (verdict === "inconclusive" && policy.onInconclusive === "roll-back");
};

/** One release judged again; undefined when nothing was stored to judge. */
export const replayedOf = (
  record: DeploymentRecord,
  lines: readonly AuditLine[],
  policy?: Policy,
): Replayed | undefined => {
  const look = lastLook(lines.map((line) => line.fact));
  if (look === undefined) return undefined;
  const judged = judge(underPolicy(unpackInput(look.input), policy), { isShiftOver: look.isShiftOver });
  return {
    id: record.id,
    service: record.service,
    requested: record.times.requested,
    from: record.function.from,
    to: record.function.to,
    before: look.judgement.verdict,
    wasRolledBack: record.status === "ROLLED_BACK",
    now: judged.verdict,
    wouldRollBack: rollsBack(judged.verdict, policy),
    minute: judged.minute,
    why: judged.why,
  };
};

const plural = (count: number, one: string): string => `${count} ${one}${count === 1 ? "" : "s"}`;

/** "Would have rolled back 3 of 112 …": what one wants to know first. */
export const replaySentence = ({ judged, withoutInputs }: Replay): string => {
  const back = judged.filter(({ wouldRollBack }) => wouldRollBack);
  const missed = back.filter(({ wasRolledBack }) => !wasRolledBack).length;
  const spared = judged.filter(
    ({ before, wouldRollBack, wasRolledBack }) => wasRolledBack && before === "fail" && !wouldRollBack,
  );
  const worse = judged.filter(({ now, wouldRollBack }) => now === "fail" && !wouldRollBack).length;
  const unsure = judged.filter(({ now }) => now === "inconclusive").length;
  const parts = [
    `Would have rolled back ${back.length} of ${plural(judged.length, "deployment")}`,
    ...(missed > 0 ? [`${missed} of them stayed then`] : []),
    ...(spared.length > 0 ? [`${spared.length} that the judge took back would have stayed`] : []),
    ...(worse > 0 ? [`${worse} found worse and left alone, as the policy only watches`] : []),
    ...(unsure > 0 ? [`${unsure} inconclusive`] : []),
    ...(withoutInputs > 0 ? [`${withoutInputs} more had nothing stored to judge`] : []),
  ];
  return `${parts.join("; ")}.`;
};
