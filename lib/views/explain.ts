/** Why a deployment ended as it did, or why it is not promoted yet: sentences, each backed by a stored fact. */
import type { AuditLine, FactOf } from "../deployment/fact.ts";
import { type DeploymentRecord, isEnd } from "../deployment/record.ts";
import { sentenceOf } from "../judge/sentence.ts";
import { durationText } from "../kit/time.ts";
import {
  command,
  hasHadTraffic,
  placeOf,
  rollbackMs,
  sentence,
  usersSentence,
  wayForward,
} from "../notice/phrases.ts";
import { type EvidenceCourse, evidenceCourses, evidenceLines } from "./evidence.ts";
import { factSentence } from "./fact-sentence.ts";

export type Explanation = {
  /** What became of it, in one line. */
  headline: string;
  /** Why, most decisive first. */
  sentences: readonly string[];
  /** How the evidence grew, minute by minute; empty for a rollback, or when nothing was judged. */
  evidence: readonly EvidenceCourse[];
  /** The commands that help from here. */
  commands: readonly string[];
};

const headlineOf = (record: DeploymentRecord): string => {
  const what = `${placeOf(record)} ${wayForward(record)}`;
  if (record.kind === "rollback")
    return `${what} takes back ${record.rollback?.of ?? "another deployment"} (${record.status}).`;
  switch (record.status) {
    case "REQUESTED":
    case "PRE_TRAFFIC":
      return `${what} has had no traffic yet (${record.status}).`;
    case "SHIFTING":
    case "POST_TRAFFIC":
      return record.times.detected === undefined
        ? `${what} is not promoted yet: it is still shifting (${record.status}).`
        : `${what} is being rolled back.`;
    case "BAKING":
      return record.times.detected === undefined
        ? `${what} serves all calls, and is watched until its bake time is over.`
        : `${what} is being rolled back.`;
    case "SUCCEEDED":
      return `${what} succeeded${record.outcome?.verdict === "pass" ? "" : `, but its verdict is ${record.outcome?.verdict ?? "missing"}`}.`;
    case "FAILED":
      return `${what} failed before any call reached it.`;
    case "STOPPED":
      return hasHadTraffic(record)
        ? `${what} was stopped halfway; the alias still splits calls.`
        : `${what} was stopped before any call reached it.`;
    case "ROLLED_BACK":
      return `${what} was rolled back${rolledBackIn(record)}.`;
    case "ROLLBACK_FAILED":
      return `${what} should have been rolled back, and was not.`;
  }
};

const rolledBackIn = (record: DeploymentRecord): string => {
  const took = rollbackMs(record);
  return took === undefined ? "" : ` within ${durationText(took)}`;
};

const CAUSES: Readonly<Record<NonNullable<DeploymentRecord["outcome"]>["cause"], string>> = {
  judge: "The judge decided",
  alarm: "An alarm decided",
  hook: "A hook decided",
  operator: "A person decided",
  policy: "The policy decided",
  infrastructure: "CodeDeploy gave up",
  completed: "It ran to its end",
};

const outcomeSentences = ({ outcome }: DeploymentRecord): string[] =>
  outcome === undefined ? [] : [sentence(`${CAUSES[outcome.cause]}: ${outcome.why}`)];

const judgedIn = (lines: readonly AuditLine[]): readonly FactOf<"judged">[] =>
  lines
    .map((line) => line.fact)
    .filter((fact): fact is FactOf<"judged"> => fact.kind === "judged")
    .sort((left, right) => left.at - right.at);

/** What every signal says in the last judgement; of a record without its lines, the last verdict alone. */
const evidenceSentences = (record: DeploymentRecord, lines: readonly AuditLine[]): string[] => {
  const last = judgedIn(lines).at(-1);
  if (last !== undefined && last.judgement.signals.length > 0)
    return last.judgement.signals
      .map((finding) => ({ name: finding.name, text: sentenceOf(finding) }))
      .filter(({ text }) => text !== record.outcome?.why)
      .map(({ name, text }) => `${name}: ${text}`);
  const verdict = record.verdicts.at(-1);
  return verdict === undefined ? ["Nothing was judged."] : [sentence(verdict.why)];
};

const waitingSentences = (record: DeploymentRecord): string[] => {
  if (isEnd(record.status) || record.times.detected !== undefined) return [];
  const { to } = record.function;
  const { status } = record;
  if (status === "BAKING") return ["It is promoted when the bake time ends without an alarm that blames it."];
  if (status === "POST_TRAFFIC")
    return ["It is promoted when the checks after the shift and the bake time end well."];
  if (status === "SHIFTING")
    return [
      record.mode === "enforce"
        ? `It is promoted when all traffic has moved and v${to} was not found worse; a worse one is rolled back at once.`
        : `It is promoted when CodeDeploy has moved all traffic; in shadow mode v${to} is judged and never taken back.`,
    ];
  return ["Traffic moves when the checks before it pass."];
};

const policySentence = (record: DeploymentRecord): string =>
  record.policySha256 === undefined
    ? "No usable policy: watched and judged, never touched (shadow mode)."
    : `Policy ${record.policySha256.slice(0, 12)} in ${record.mode} mode held when it began.`;

const EXPLAINING: readonly AuditLine["fact"]["kind"][] = [
  "checked",
  "alarmed",
  "rollback-asked",
  "rollback-failed",
  "restored",
];

/** A fact's sentence; a reason that stands in the outcome already is not said twice. */
const sentenceFor = (record: DeploymentRecord, fact: AuditLine["fact"]): string =>
  fact.kind === "rollback-asked" && fact.why === record.outcome?.why
    ? `Rollback asked for by ${fact.by} (${fact.who}).`
    : factSentence(fact);

const factSentences = (record: DeploymentRecord, lines: readonly AuditLine[]): string[] =>
  lines
    .map((line) => line.fact)
    .filter((fact) => EXPLAINING.includes(fact.kind))
    .sort((left, right) => left.at - right.at)
    .map((fact) => sentenceFor(record, fact));

const commandsFor = (record: DeploymentRecord): string[] => {
  const canGoBack = record.kind !== "rollback" && record.status !== "ROLLED_BACK" && hasHadTraffic(record);
  return [command("show", record), ...(canGoBack ? [command("rollback", record)] : [])];
};

/** The explanation of a record; its audit lines, if given, add every signal's numbers and who asked for what. */
export const explain = (record: DeploymentRecord, lines: readonly AuditLine[] = []): Explanation => {
  const sentences = [
    ...outcomeSentences(record),
    ...waitingSentences(record),
    ...(record.kind === "rollback" ? [] : evidenceSentences(record, lines)),
    ...factSentences(record, lines),
    ...(record.kind === "rollback" ? [] : [usersSentence(record), policySentence(record)]),
  ];
  return {
    headline: headlineOf(record),
    sentences: [...new Set(sentences)],
    evidence: record.kind === "rollback" ? [] : evidenceCourses(lines),
    commands: commandsFor(record),
  };
};

/** Plain lines: headline, indented sentences, evidence over time, commands. */
export const explanationLines = ({ headline, sentences, evidence, commands }: Explanation): string[] => [
  headline,
  ...sentences.map((each) => `  ${each}`),
  ...(evidence.length === 0 ? [] : ["  Evidence by the minute:"]),
  ...evidenceLines(evidence).map((each) => `    ${each}`),
  "",
  ...commands.map((each) => `  ${each}`),
];
