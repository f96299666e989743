/** What happened, moment by moment, as the record, its facts and the messages tell it. */
import type { Fact, FactOf } from "../lib/deployment/fact.ts";
import type { DeploymentRecord } from "../lib/deployment/record.ts";
import { MINUTE_MS } from "../lib/kit/time.ts";
import { factSentence } from "../lib/views/fact-sentence.ts";
import type { Ended, Told } from "./scenario.ts";

export type Tone = "good" | "bad" | "warning" | "quiet";
export type Moment = { at: number; what: string; text: string; tone?: Tone };

const BAR_CELLS = 20;

/** Both versions' shares of the calls, drawn. */
export const trafficBar = ({ function: { from, to } }: DeploymentRecord, canaryPercent: number): string => {
  const cells = Math.round((canaryPercent / 100) * BAR_CELLS);
  const canary = canaryPercent > 0 ? Math.max(1, cells) : 0;
  return `v${from} ${"█".repeat(BAR_CELLS - canary)}${"░".repeat(canary)} v${to} ${String(canaryPercent).padStart(3)} %`;
};

const VERDICT_TONES = { pass: "good", fail: "bad", inconclusive: "quiet" } as const;

const countsText = ({ judgement }: FactOf<"judged">): string => {
  const decisive = judgement.signals.find((each) => each.name === judgement.signal) ?? judgement.signals[0];
  if (decisive === undefined) return "";
  const { name, baseline, canary } = decisive;
  return `${name}: old ${baseline.bad} of ${baseline.total}, new ${canary.bad} of ${canary.total}`;
};

const judged = (fact: FactOf<"judged">): Omit<Moment, "at"> => {
  const { verdict } = fact.judgement;
  const isOpen = verdict === "inconclusive" && !fact.isShiftOver;
  return {
    what: "judged",
    text: isOpen ? `no verdict yet; ${countsText(fact)}` : factSentence(fact),
    tone: fact.isShiftOver && verdict === "inconclusive" ? "warning" : VERDICT_TONES[verdict],
  };
};

/** What stands before a fact's sentence, and how it sounds; nothing for facts that the traffic bar or the end tells. */
const voiceOf = (fact: Fact): Omit<Moment, "at" | "text"> | undefined => {
  switch (fact.kind) {
    case "described":
      return { what: "deployed" };
    case "checked":
      return { what: "hook", tone: fact.verdict === "fail" ? "bad" : "good" };
    case "alarmed":
      return { what: "alarm", tone: fact.state === "alarm" ? "warning" : "quiet" };
    case "rollback-asked":
    case "rollback-began":
      return { what: "rolling back", tone: "bad" };
    case "restored":
      return { what: "restored", tone: "good" };
    case "rollback-failed":
      return { what: "not restored", tone: "bad" };
    case "baked":
      return { what: "baked", tone: "good" };
    case "ended":
      return { what: "CodeDeploy" };
    case "exposed":
      return fact.isFinal ? { what: "counted", tone: "quiet" } : undefined;
    case "judged":
    case "policed":
    case "entered":
    case "weighed":
    case "acknowledged":
      return undefined;
  }
};

const ofFact = (fact: Fact): Omit<Moment, "at"> | undefined => {
  if (fact.kind === "judged") return judged(fact);
  const voice = voiceOf(fact);
  if (voice === undefined) return undefined;
  // Why stands in the verdict or the alarm just before it.
  const text =
    fact.kind === "rollback-asked" ? `Asked for by the ${fact.by} (${fact.who}).` : factSentence(fact);
  return { ...voice, text };
};

const TOLD_TONES = { critical: "bad", warning: "warning", info: "quiet" } as const;

/** A message that is edited says something else by now than when it was posted: the end of the story shows it. */
const tellingOf = ({ outlet, channel, title, isReply, edits }: Told): string => {
  if (outlet === "slack" && edits > 0)
    return `${channel}: the deployment's message is posted, and edited ${edits === 1 ? "once" : `${edits} times`}`;
  return `${channel}${isReply ? " (thread)" : ""}: ${title}`;
};

const ofTold = (told: Told): Moment => ({
  at: told.at,
  what: told.outlet === "sns" ? "SNS" : "Slack",
  text: tellingOf(told),
  tone: told.edits > 0 ? "quiet" : TOLD_TONES[told.severity],
});

/** A verdict that only repeats the one before it is no moment. */
const withoutRepeats = (moments: readonly Moment[]): readonly Moment[] => {
  let lastJudged = "";
  return moments.filter(({ what, text }) => {
    if (what !== "judged") return true;
    const isNews = text !== lastJudged;
    lastJudged = text;
    return isNews;
  });
};

/** The first share was first looked at some time after CodeDeploy had set it. */
const trafficOf = ({ traffic, times }: DeploymentRecord): { at: number; weight: number }[] =>
  traffic.map(({ at, weight }, index) => ({
    at: Date.parse(index === 0 && weight > 0 && weight < 100 ? (times.firstTraffic ?? at) : at),
    weight,
  }));

/** Facts that became known late stand where they happened. */
export const momentsOf = ({ record, lines, told, befell }: Ended): readonly Moment[] => {
  const acts = befell.map(({ at, name }): Moment => ({ at, what: "meanwhile", text: name, tone: "warning" }));
  const facts = lines.flatMap(({ fact }): Moment[] => {
    const moment = ofFact(fact);
    return moment === undefined ? [] : [{ at: fact.at, ...moment }];
  });
  const traffic = trafficOf(record).map(({ at, weight }) => ({
    at,
    what: "traffic",
    text: trafficBar(record, weight),
  }));
  return withoutRepeats(
    [...acts, ...facts, ...traffic, ...told.map(ofTold)].sort((left, right) => left.at - right.at),
  );
};

/** Minutes and tenths from the first call of the new version until nobody met it any more. */
export const minutesExposed = ({ times }: DeploymentRecord): number | undefined =>
  times.firstTraffic === undefined || times.restored === undefined
    ? undefined
    : Math.round((10 * (Date.parse(times.restored) - Date.parse(times.firstTraffic))) / MINUTE_MS) / 10;
