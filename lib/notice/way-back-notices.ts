/** Notices of a deployment that goes back, or that would if its policy allowed it. */
import { type DeploymentRecord, isEnd, type RecordVerdict } from "../deployment/record.ts";
import { unreachable } from "../kit/errors.ts";
import type { Notice } from "./notice.ts";
import { command, hasHadTraffic, placeOf, sentence, usersSentence, wayBack, wayForward } from "./phrases.ts";

const isGoingBack = (record: DeploymentRecord): boolean =>
  record.times.detected !== undefined && hasHadTraffic(record);

const initiator = (record: DeploymentRecord): string => {
  const askedBy = record.rollback?.askedBy;
  switch (askedBy) {
    case "judge":
      return "automatic: the judge";
    case "alarm":
      return "automatic: an alarm";
    case "policy":
      return "automatic: the policy";
    case "operator":
      return "asked for by a person";
    case undefined:
      return "automatic: CodeDeploy";
    default:
      return unreachable(askedBy);
  }
};

/** Why it goes back, where the record says so before the end: the alarm or the verdict that asked for it. */
const reasonOf = (record: DeploymentRecord): string | undefined => {
  const { askedBy } = record.rollback ?? {};
  if (askedBy === "alarm") return record.alarms.filter((alarm) => alarm.blame === "deployment").at(-1)?.why;
  if (askedBy === "judge" || askedBy === "policy") return record.verdicts.at(-1)?.why;
  return undefined;
};

/** A deployment with traffic that goes back and is not back yet; undefined when it is not going back. */
export const rollingBackNotice = (record: DeploymentRecord): Notice | undefined => {
  if (isEnd(record.status) || !isGoingBack(record)) return undefined;
  const why = reasonOf(record);
  return {
    id: "rolling-back",
    kind: "rolling-back",
    severity: "info",
    isBroadcast: false,
    outlets: ["slack"],
    at: Date.parse(record.times.detected ?? record.times.requested),
    title: `ROLLING BACK ${placeOf(record)} ${wayBack(record)} (${initiator(record)})`,
    body: [
      usersSentence(record),
      ...(why === undefined ? [] : [sentence(why)]),
      `All calls go back to v${record.function.from} now; the alias is read until it shows that.`,
      `Why: ${command("explain", record)}`,
    ].join("\n"),
  };
};

const worseVerdict = (record: DeploymentRecord): RecordVerdict | undefined =>
  record.verdicts.find((each) => each.verdict === "fail");

/** In shadow mode a worse canary is told of, with the plain word that nothing was done about it. */
export const worseNotice = (record: DeploymentRecord): Notice | undefined => {
  const worse = worseVerdict(record);
  if (record.mode !== "shadow" || worse === undefined || isGoingBack(record)) return undefined;
  return {
    id: `would-roll-back:${worse.at}`,
    kind: "would-roll-back",
    severity: "warning",
    isBroadcast: true,
    outlets: ["sns", "slack"],
    at: Date.parse(worse.at),
    title: `WORSE, NOTHING DONE ${placeOf(record)} ${wayForward(record)} (shadow mode)`,
    body: [
      usersSentence(record),
      sentence(worse.why),
      `Nothing was done: ${record.service} is only watched (shadow mode). A policy with mode "enforce" would have rolled it back.`,
      `To take it back: ${command("rollback", record)}`,
      `Why: ${command("explain", record)}`,
    ].join("\n"),
  };
};

/** Owed once, when it becomes known that a deployment goes back, or would. */
export const wayBackNotices = (before: DeploymentRecord | undefined, after: DeploymentRecord): Notice[] => {
  const isNewWorse = before === undefined || worseVerdict(before) === undefined;
  const isNewWay = before === undefined || !isGoingBack(before);
  return [
    isNewWorse ? worseNotice(after) : undefined,
    isNewWay ? rollingBackNotice(after) : undefined,
  ].filter((notice) => notice !== undefined);
};
