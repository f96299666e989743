/** Notices that only bring a deployment's one message up to date: nobody is called for them. */
import { type DeploymentRecord, isEnd } from "../deployment/record.ts";
import type { Notice } from "./notice.ts";
import { hasHadTraffic, placeOf, usersSentence, wayForward } from "./phrases.ts";

/** A notice id becomes part of a table key of at most 1024 bytes. */
const WHO_CHARACTERS_MAX = 100;

const lastChange = ({ times }: DeploymentRecord): number =>
  Date.parse(times.finished ?? times.restored ?? times.fullTraffic ?? times.firstTraffic ?? times.requested);

const edit = (record: DeploymentRecord, told: Pick<Notice, "id" | "kind" | "title" | "body">): Notice => ({
  ...told,
  severity: "info",
  isBroadcast: false,
  outlets: ["slack"],
  at: lastChange(record),
});

/** Somebody took it on: one notice for each person. */
export const acknowledgedNotices = (
  before: DeploymentRecord | undefined,
  after: DeploymentRecord,
): Notice[] => {
  const known = new Set(before?.acknowledgedBy ?? []);
  return after.acknowledgedBy
    .filter((who) => !known.has(who))
    .map((who) =>
      edit(after, {
        id: `acknowledged:${[...who].slice(0, WHO_CHARACTERS_MAX).join("")}`,
        kind: "acknowledged",
        title: `ACKNOWLEDGED ${placeOf(after)} ${wayForward(after)} (by ${who})`,
        body: `${who} is looking at it.`,
      }),
    );
};

/** How many calls were hurt is only known some minutes after the end: the counts may grow once more then. */
export const exposureNotices = (before: DeploymentRecord | undefined, after: DeploymentRecord): Notice[] => {
  if (before === undefined || !isEnd(before.status) || !isEnd(after.status) || !hasHadTraffic(after))
    return [];
  const { calls, bad } = after.exposure;
  const hasGrown =
    calls > before.exposure.calls || (calls === before.exposure.calls && bad > before.exposure.bad);
  if (!hasGrown) return [];
  return [
    edit(after, {
      id: `exposure:${calls}:${bad}`,
      kind: "exposure",
      title: `COUNTED ${placeOf(after)} ${wayForward(after)} (calls served by v${after.function.to})`,
      body: usersSentence(after),
    }),
  ];
};
