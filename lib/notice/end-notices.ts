/** Notices of a deployment's end. Only what went back, or what a person must mend, is called out to the whole channel. */
import type { DeploymentRecord } from "../deployment/record.ts";
import { unreachable } from "../kit/errors.ts";
import { durationText } from "../kit/time.ts";
import type { Severity } from "../policy/policy.ts";
import type { Notice } from "./notice.ts";
import {
  command,
  hasHadTraffic,
  lastVerdictWhy,
  placeOf,
  rollbackMs,
  sentence,
  usersSentence,
  wayBack,
  wayForward,
} from "./phrases.ts";

/** Stages where a rollback wakes somebody. The local account plays production. */
const CRITICAL_STAGES: readonly string[] = ["prod", "local"];

const BOTH = ["sns", "slack"] as const;

const finishedAt = ({ times }: DeploymentRecord): number =>
  Date.parse(times.finished ?? times.restored ?? times.detected ?? times.requested);

const why = (record: DeploymentRecord): string[] =>
  record.outcome === undefined ? [] : [sentence(record.outcome.why)];

const explain = (record: DeploymentRecord): string => `Why: ${command("explain", record)}`;

const rolledBack = (record: DeploymentRecord): Notice => {
  const tookMs = rollbackMs(record);
  const who = record.rollback?.automatic === false ? "asked for by a person" : "automatic";
  const took = tookMs === undefined ? "" : `, ${durationText(tookMs)}`;
  return {
    id: "rolled-back",
    kind: "rolled-back",
    severity: CRITICAL_STAGES.includes(record.stage) ? "critical" : "warning",
    isBroadcast: true,
    outlets: BOTH,
    at: finishedAt(record),
    title: `ROLLED BACK ${placeOf(record)} ${wayBack(record)} (${who}${took})`,
    body: [
      usersSentence(record),
      ...why(record),
      `The alias was read afterwards and sends all calls to v${record.function.from}. Nothing is left to do for users; mend v${record.function.to} before it is deployed again.`,
      explain(record),
    ].join("\n"),
  };
};

const rollbackFailed = (record: DeploymentRecord): Notice => ({
  id: "rollback-failed",
  kind: "rollback-failed",
  severity: "critical",
  isBroadcast: true,
  outlets: BOTH,
  at: finishedAt(record),
  title: `ROLLBACK FAILED ${placeOf(record)} ${wayBack(record)} (a person must act now)`,
  body: [
    usersSentence(record),
    ...why(record),
    `Try again: ${command("rollback", record)}`,
    `Then read the alias ${record.function.alias} of ${record.function.name}: it must send all calls to v${record.function.from}.`,
    explain(record),
  ].join("\n"),
});

/** A stop that left the alias between two versions; one before traffic leaves nothing behind. */
const stopped = (record: DeploymentRecord): Notice => {
  const isSplit = hasHadTraffic(record);
  const title = isSplit
    ? `STOPPED HALFWAY ${placeOf(record)} (calls are split between v${record.function.from} and v${record.function.to}, a person must act)`
    : `STOPPED ${placeOf(record)} ${wayForward(record)} (before any call reached v${record.function.to})`;
  return {
    id: isSplit ? "stopped-halfway" : "stopped",
    kind: "stopped",
    severity: isSplit ? "critical" : "warning",
    isBroadcast: isSplit,
    outlets: BOTH,
    at: finishedAt(record),
    title,
    body: [
      usersSentence(record),
      ...why(record),
      ...(isSplit
        ? [`Nobody asked for a rollback, so none was made. To take it back: ${command("rollback", record)}`]
        : []),
      explain(record),
    ].join("\n"),
  };
};

const failed = (record: DeploymentRecord): Notice => ({
  id: "failed",
  kind: "failed",
  severity: "warning",
  isBroadcast: false,
  outlets: BOTH,
  at: finishedAt(record),
  title: `FAILED ${placeOf(record)} ${wayForward(record)} (users stay on v${record.function.from})`,
  body: [
    usersSentence(record),
    ...why(record),
    `v${record.function.from} serves all calls. Mend v${record.function.to} and deploy again.`,
    explain(record),
  ].join("\n"),
});

/** A service nobody wrote a policy for is watched without having asked: too little evidence there wakes nobody. */
const inconclusiveSeverity = (record: DeploymentRecord): Severity =>
  record.mode === "shadow" ? "info" : "warning";

const inconclusive = (record: DeploymentRecord): Notice => {
  const last = record.verdicts.at(-1);
  const looked = last?.reason === "could-not-look" ? "the numbers could not be read" : "not enough evidence";
  const said = last === undefined ? "nothing was judged" : looked;
  return {
    id: "inconclusive",
    kind: "inconclusive",
    severity: inconclusiveSeverity(record),
    isBroadcast: false,
    outlets: BOTH,
    at: finishedAt(record),
    title: `INCONCLUSIVE ${placeOf(record)} ${wayForward(record)} (live, not proven healthy: ${said})`,
    body: [
      usersSentence(record),
      ...why(record),
      `v${record.function.to} serves all calls and nobody can say that it is as good as v${record.function.from}. Look at it yourself, or plan a shift that sees more: npx bellwether plan ${record.service} --stage ${record.stage}`,
      `To take it back: ${command("rollback", record)}`,
      explain(record),
    ].join("\n"),
  };
};

const succeeded = (record: DeploymentRecord): Notice => {
  const isWorse = record.outcome?.verdict === "fail";
  return {
    id: "succeeded",
    kind: "succeeded",
    severity: isWorse ? "warning" : "info",
    isBroadcast: false,
    outlets: BOTH,
    at: finishedAt(record),
    title: isWorse
      ? `COMPLETED, JUDGED WORSE ${placeOf(record)} ${wayForward(record)} (live; nothing was taken back)`
      : `SUCCEEDED ${placeOf(record)} ${wayForward(record)} (judged no worse)`,
    body: [
      usersSentence(record),
      ...(isWorse ? [sentence(record.outcome?.why ?? "")] : [sentence(lastVerdictWhy(record) ?? "")]),
      ...(isWorse ? [`To take it back: ${command("rollback", record)}`] : []),
      explain(record),
    ].join("\n"),
  };
};

export type EndStatus = "SUCCEEDED" | "FAILED" | "STOPPED" | "ROLLED_BACK" | "ROLLBACK_FAILED";

/** The notice of how a deployment ended. */
export const endNotice = (record: DeploymentRecord, status: EndStatus): Notice => {
  switch (status) {
    case "SUCCEEDED":
      return record.outcome?.verdict === "inconclusive" ? inconclusive(record) : succeeded(record);
    case "FAILED":
      return failed(record);
    case "STOPPED":
      return stopped(record);
    case "ROLLED_BACK":
      return rolledBack(record);
    case "ROLLBACK_FAILED":
      return rollbackFailed(record);
    default:
      return unreachable(status);
  }
};
