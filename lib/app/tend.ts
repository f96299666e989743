/** Does for one open deployment whatever is due, until nothing is: looks, judges, rolls back, ends the bake, counts the harm. */
import { fact, type Via } from "../deployment/fact.ts";
import { dueSteps, type OurHooks, type Step, unjudgedMs } from "../deployment/next-step.ts";
import { messageOf, unreachable } from "../kit/errors.ts";
import { MINUTE_MS, minuteOf, SECOND_MS } from "../kit/time.ts";
import { answerSilentHook, type SilentHookPorts } from "./answer-silent-hook.ts";
import { type JudgePorts, judgeShift } from "./judge-shift.ts";
import { observe } from "./observe.ts";
import { type Recorded, recordedFrom, recordFacts } from "./recording.ts";
import { pursueRollback, type RollBackPorts, refusalOf, rollBack, verifyRollback } from "./roll-back.ts";

export type TendPorts = RollBackPorts & JudgePorts & SilentHookPorts & { ourHooks: OurHooks };

type When = { at: number; via: Via };

/** Calls that began before the end count this long after it. */
const EXPOSURE_MS = 2 * MINUTE_MS;
/** Looks at a rollback under way in one round: the others must not wait for it. */
const LOOKS_A_ROUND = 2;
/** Steps done for one deployment in one tick, at most. */
const STEPS_MAX = 20;

const judgeStep = async (
  ports: TendPorts,
  current: Recorded,
  step: Extract<Step, { kind: "judge" }>,
  when: When,
): Promise<Recorded> => {
  const judged = await judgeShift(ports, current, step, when);
  const policy = current.known.policed?.policy;
  const mustRollBack =
    judged.judgement.verdict === "fail" ||
    (judged.judgement.verdict === "inconclusive" &&
      step.isShiftOver &&
      policy?.onInconclusive === "roll-back");
  if (!mustRollBack) return judged.current;
  const by = judged.judgement.verdict === "fail" ? "judge" : "policy";
  if (refusalOf(judged.current, by) !== undefined) return judged.current;
  const answer = await rollBack(ports, current.record.id, {
    by,
    who: "bellwether",
    why: judged.judgement.why,
    ...when,
  });
  return answer.kind === "refused" ? judged.current : answer.current;
};

const expose = async (ports: TendPorts, current: Recorded, when: When): Promise<Recorded> => {
  const { record, known } = current;
  const fromAt = minuteOf(known.entered.SHIFTING ?? known.described.at);
  const exposure = await ports.counts.exposure({
    function: record.function,
    version: record.function.to,
    fromAt,
    untilAt: Math.min(when.at, Date.parse(record.times.finished ?? "") + EXPOSURE_MS || when.at),
  });
  if (exposure === "unreadable") return current;
  return recordFacts(
    ports,
    record.id,
    [fact(when.at, { kind: "exposed", ...exposure, isFinal: true })],
    when,
  );
};

/** A way back that throws must not keep the round from calling it failed when its time is up. */
const pursue = async (ports: TendPorts, current: Recorded, when: When): Promise<Recorded> => {
  try {
    return await pursueRollback(ports, current, when, LOOKS_A_ROUND);
  } catch (error) {
    ports.log.error("a rollback could not go on", {
      deploymentId: current.record.id,
      reason: messageOf(error),
    });
    return current;
  }
};

const doStep = async (ports: TendPorts, current: Recorded, step: Step, when: When): Promise<Recorded> => {
  switch (step.kind) {
    case "observe": {
      const seen = await observe(ports, current.record.id, when);
      return typeof seen === "string" ? current : verifyRollback(ports, seen, when);
    }
    case "judge":
      return judgeStep(ports, current, step, when);
    case "answer-silent-hook":
      return answerSilentHook(ports, current, step.hook, when);
    case "roll-back":
      return pursue(ports, current, when);
    case "give-up-rollback":
      ports.log.count("RollbackFailed");
      return recordFacts(
        ports,
        current.record.id,
        [fact(step.at, { kind: "rollback-failed", why: step.why })],
        when,
      );
    case "end-bake":
      return recordFacts(ports, current.record.id, [fact(step.at, { kind: "baked" })], when);
    case "expose":
      return expose(ports, current, when);
    default:
      return unreachable(step);
  }
};

/** Told even when a step threw: a canary that nobody can judge is what this is for. Not every look is kept, so `isJudged` says more. */
const tellFreshness = (ports: TendPorts, current: Recorded, isJudged: boolean, now: number): void => {
  const waitingMs = unjudgedMs(current.known, now);
  if (waitingMs === undefined) return;
  ports.log.count("UnjudgedSeconds", isJudged ? 0 : Math.round(waitingMs / SECOND_MS));
};

/** Does what is due. Each kind of step is done at most once a call, so that a step that changes nothing cannot spin. */
export const tend = async (
  ports: TendPorts,
  deploymentId: string,
  when: When,
): Promise<Recorded | undefined> => {
  const stored = await ports.store.load(deploymentId);
  if (stored === undefined) return undefined;
  let current = recordedFrom(stored);
  const done = new Set<string>();
  let isJudged = false;
  try {
    for (let count = 0; count < STEPS_MAX; count += 1) {
      const step = dueSteps(current.known, current.record.status, ports.ourHooks, when.at).find(
        (each) => !done.has(each.kind),
      );
      if (step === undefined) break;
      done.add(step.kind);
      current = await doStep(ports, current, step, when);
      isJudged ||= step.kind === "judge";
    }
  } finally {
    tellFreshness(ports, current, isJudged, when.at);
  }
  return current;
};
