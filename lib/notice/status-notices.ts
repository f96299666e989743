/** Notices of a deployment under way: begun, shifting, watched. Told by editing its one message, and by nothing else. */
import { type DeploymentRecord, isEnd, rankOf, type Status } from "../deployment/record.ts";
import { unreachable } from "../kit/errors.ts";
import { endNotice } from "./end-notices.ts";
import type { Notice } from "./notice.ts";
import { command, placeOf, usersSentence, wayForward } from "./phrases.ts";
import { rollingBackNotice, worseNotice } from "./way-back-notices.ts";

type Told = Pick<Notice, "id" | "kind" | "at"> & { word: string; state: string; judging?: string };

const quiet = (record: DeploymentRecord, { word, state, judging, ...told }: Told): Notice => ({
  ...told,
  severity: "info",
  isBroadcast: false,
  outlets: ["slack"],
  title: `${word} ${placeOf(record)} ${wayForward(record)} (${state})`,
  body: [
    usersSentence(record),
    ...(judging === undefined ? [] : [judging]),
    `Look: ${command("show", record)}`,
  ].join("\n"),
});

const judgingSentence = (record: DeploymentRecord): string =>
  record.mode === "enforce"
    ? `v${record.function.to} is judged every minute and taken back by itself if it is worse.`
    : `v${record.function.to} is judged every minute; in shadow mode nothing is taken back.`;

const noticeOf = (record: DeploymentRecord): Notice => {
  const { times, status, deploymentConfig } = record;
  const requestedAt = Date.parse(times.requested);
  const movedAt = times.fullTraffic === undefined ? requestedAt : Date.parse(times.fullTraffic);
  switch (status) {
    case "REQUESTED":
    case "PRE_TRAFFIC":
      return quiet(record, {
        id: "started",
        kind: "started",
        at: requestedAt,
        word: "STARTED",
        state: deploymentConfig,
      });
    case "SHIFTING":
      return quiet(record, {
        id: "shifting",
        kind: "shifting",
        at: times.firstTraffic === undefined ? requestedAt : Date.parse(times.firstTraffic),
        word: "SHIFTING",
        state: deploymentConfig,
        judging: judgingSentence(record),
      });
    case "POST_TRAFFIC":
      return quiet(record, {
        id: "post-traffic",
        kind: "shifting",
        at: movedAt,
        word: "CHECKING",
        state: `all calls on v${record.function.to}, last checks`,
      });
    case "BAKING":
      return quiet(record, {
        id: "baking",
        kind: "baking",
        at: movedAt,
        word: "BAKING",
        state: `all calls on v${record.function.to}, still watched`,
      });
    case "SUCCEEDED":
    case "FAILED":
    case "STOPPED":
    case "ROLLED_BACK":
    case "ROLLBACK_FAILED":
      return endNotice(record, status);
    default:
      return unreachable(status);
  }
};

/** Both states before the first call are told as one. */
const stepOf = (status: Status): number => Math.max(rankOf(status), rankOf("PRE_TRAFFIC"));

/** The notice of the state a deployment has newly reached; none when it stays, or falls back to a state that was told. */
export const statusNotices = (before: DeploymentRecord | undefined, after: DeploymentRecord): Notice[] => {
  if (before !== undefined && stepOf(after.status) <= stepOf(before.status)) return [];
  const isGoingBack = after.times.detected !== undefined && !isEnd(after.status);
  return isGoingBack ? [] : [noticeOf(after)];
};

/** What there is to say about a deployment as its record stands, whatever was told before: its one living message. */
export const standingNotice = (record: DeploymentRecord): Notice => {
  if (isEnd(record.status)) return noticeOf(record);
  return rollingBackNotice(record) ?? worseNotice(record) ?? noticeOf(record);
};
