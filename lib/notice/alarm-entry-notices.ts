/** Notices of alarms that went off while a deployment was under way, with the answer to "was it the deployment?". */
import type { DeploymentRecord, RecordAlarm } from "../deployment/record.ts";
import type { Severity } from "../policy/policy.ts";
import type { Notice } from "./notice.ts";
import { command, placeOf, sentence, usersSentence, wayForward } from "./phrases.ts";

/** A notice id becomes part of a table key of at most 1024 bytes; an alarm's name has up to 255 characters. */
const NAME_PART_CHARACTERS = 60;

/** Both ends of a name, so that long names that differ at either end stay apart. */
const shortName = (name: string): string => {
  const characters = [...name];
  if (characters.length <= 2 * NAME_PART_CHARACTERS) return name;
  return `${characters.slice(0, NAME_PART_CHARACTERS).join("")}~${characters.slice(-NAME_PART_CHARACTERS).join("")}`;
};

const keyOf = (alarm: RecordAlarm): string => `alarm:${alarm.at}:${alarm.state}:${shortName(alarm.name)}`;

const severityOf = (alarm: RecordAlarm): Severity =>
  alarm.severity === "critical" || alarm.severity === "info" ? alarm.severity : "warning";

const BOTH = ["sns", "slack"] as const;

/** Not the deployment: nothing is done about it by itself, so a person must look, unless its owner says it is only for information. */
const cleared = (record: DeploymentRecord, alarm: RecordAlarm): Notice => ({
  id: keyOf(alarm),
  kind: "alarm",
  severity: severityOf(alarm),
  isBroadcast: severityOf(alarm) !== "info",
  outlets: BOTH,
  at: Date.parse(alarm.at),
  title: `ALARM ${alarm.name} during ${placeOf(record)} ${wayForward(record)}: not the deployment, not rolling back`,
  body: [
    usersSentence(record),
    `Not the deployment: ${sentence(alarm.why)}`,
    "The deployment goes on; the alarm needs a look at what both versions depend on.",
    `If you know better: ${command("rollback", record)}`,
  ].join("\n"),
});

const isGoingBack = (record: DeploymentRecord): boolean => record.times.detected !== undefined;

/** The deployment is to blame. A rollback already under way explains the alarm and keeps it quiet. */
const blamed = (
  before: DeploymentRecord | undefined,
  record: DeploymentRecord,
  alarm: RecordAlarm,
): Notice => {
  const isExplained = before !== undefined && isGoingBack(before);
  const isLeft = record.mode === "shadow" && !isGoingBack(record);
  const what = isLeft ? "nothing done (shadow mode)" : `rolling back to v${record.function.from}`;
  return {
    id: keyOf(alarm),
    kind: isLeft ? "would-roll-back" : "alarm",
    severity: isExplained ? "info" : severityOf(alarm),
    isBroadcast: isLeft && !isExplained,
    outlets: isExplained ? ["slack"] : BOTH,
    at: Date.parse(alarm.at),
    title: `ALARM ${alarm.name} blames ${placeOf(record)} ${wayForward(record)}: ${what}`,
    body: [
      usersSentence(record),
      sentence(alarm.why),
      ...(isLeft
        ? [
            `Nothing was done: ${record.service} is only watched (shadow mode).`,
            `To take it back: ${command("rollback", record)}`,
          ]
        : [`All calls go back to v${record.function.from}; that is told when the alias shows it.`]),
      `Why: ${command("explain", record)}`,
    ].join("\n"),
  };
};

/** The last change of the same alarm before this one. */
const previous = (record: DeploymentRecord, alarm: RecordAlarm): RecordAlarm | undefined =>
  record.alarms.filter((each) => each.name === alarm.name && each.at < alarm.at).at(-1);

const isTold = (alarm: RecordAlarm | undefined): alarm is RecordAlarm =>
  alarm?.state === "alarm" && alarm.blame !== "ignored";

/** Over: told to the channel if the alarm was. An alarm that nobody was told of ends as quietly. */
const recovered = (record: DeploymentRecord, alarm: RecordAlarm): Notice[] => {
  const start = previous(record, alarm);
  if (!isTold(start)) return [];
  return [
    {
      id: keyOf(alarm),
      kind: "alarm-over",
      severity: "info",
      isBroadcast: start.blame === "not-the-deployment" && severityOf(start) !== "info",
      outlets: BOTH,
      at: Date.parse(alarm.at),
      title: `RECOVERED ${alarm.name} during ${placeOf(record)} ${wayForward(record)}`,
      body: [sentence(alarm.why), usersSentence(record)].join("\n"),
    },
  ];
};

const noticesFor = (
  before: DeploymentRecord | undefined,
  record: DeploymentRecord,
  alarm: RecordAlarm,
): Notice[] => {
  if (alarm.blame === "ignored") return [];
  if (alarm.state === "ok") return recovered(record, alarm);
  if (alarm.state !== "alarm") return [];
  return [alarm.blame === "deployment" ? blamed(before, record, alarm) : cleared(record, alarm)];
};

/** One notice for each alarm entry that `after` has and `before` has not. */
export const alarmEntryNotices = (
  before: DeploymentRecord | undefined,
  after: DeploymentRecord,
): Notice[] => {
  const known = new Set(before?.alarms.map(keyOf) ?? []);
  return after.alarms
    .filter((alarm) => !known.has(keyOf(alarm)))
    .flatMap((alarm) => noticesFor(before, after, alarm));
};
