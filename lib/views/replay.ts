/** Past deployments judged again from what their verdicts stored: what would have been taken back, had this policy held. */
import type { AuditLine, FactOf } from "../deployment/fact.ts";
import type { DeploymentRecord } from "../deployment/record.ts";
import { unpackInput } from "../deployment/stored-judgement.ts";
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
  readonly minute: number;
  readonly why: string;
};

/** `withoutInputs`: releases whose verdicts stored nothing to judge again, as when nobody looked. */
export type Replay = { readonly judged: readonly Replayed[]; readonly withoutInputs: number };

/** The last look that stored its inputs: it holds all minutes before it. */
const lastLook = (lines: readonly AuditLine[]): FactOf<"judged"> | undefined =>
  lines
    .map((line) => line.fact)
    .filter((fact): fact is FactOf<"judged"> => fact.kind === "judged" && fact.input !== undefined)
    .sort((left, right) => left.at - right.at)
    .at(-1);

/** The stored inputs under another policy's budget, harm and signals; a signal that was not counted cannot be added. */
export const underPolicy = (input: JudgeInput, policy: Policy | undefined): JudgeInput => {
  const names = policy?.signals?.map(signalName);
  return {
    ...input,
    alpha: policy?.falseRollbackRate ?? input.alpha,
    minHarm: policy?.minHarmRate ?? input.minHarm,
    signals: input.signals.filter(({ name }) => names === undefined || names.includes(name)),
  };
};

/** One release judged again; undefined when nothing was stored to judge. */
export const replayedOf = (
  record: DeploymentRecord,
  lines: readonly AuditLine[],
  policy?: Policy,
): Replayed | undefined => {
  const look = lastLook(lines);
  if (look?.input === undefined) return undefined;
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
    minute: judged.minute,
    why: judged.why,
  };
};

const plural = (count: number, one: string): string => `${count} ${one}${count === 1 ? "" : "s"}`;

/** "Would have rolled back 3 of 112 …": what one wants to know first. */
export const replaySentence = ({ judged, withoutInputs }: Replay): string => {
  const fails = judged.filter(({ now }) => now === "fail");
  const missed = fails.filter(({ wasRolledBack }) => !wasRolledBack).length;
  const spared = judged.filter(
    ({ before, now, wasRolledBack }) => wasRolledBack && before === "fail" && now !== "fail",
  );
  const unsure = judged.filter(({ now }) => now === "inconclusive").length;
  const parts = [
    `Would have rolled back ${fails.length} of ${plural(judged.length, "deployment")}`,
    ...(missed > 0 ? [`${missed} of them stayed then`] : []),
    ...(spared.length > 0 ? [`${spared.length} that the judge took back would have stayed`] : []),
    ...(unsure > 0 ? [`${unsure} inconclusive`] : []),
    ...(withoutInputs > 0 ? [`${withoutInputs} more had nothing stored to judge`] : []),
  ];
  return `${parts.join("; ")}.`;
};
