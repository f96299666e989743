/** Notices of an alarm that belongs to no deployment, and of its recovery. */
import type { AlarmChange } from "../incident/alarm-change.ts";
import { functionsOf } from "../incident/alarm-change.ts";
import { isoOf } from "../kit/time.ts";
import type { Severity } from "../policy/policy.ts";
import type { Notice, OutboxEntry } from "./notice.ts";
import { sentence } from "./phrases.ts";

/** CloudWatch allows 1023 characters; a notice is read on a phone. */
const REASON_CHARACTERS_MAX = 500;

const reasonOf = (change: AlarmChange): string => {
  const characters = [...change.reason];
  const text =
    characters.length <= REASON_CHARACTERS_MAX
      ? change.reason
      : `${characters.slice(0, REASON_CHARACTERS_MAX).join("")}...`;
  return text.trim() === "" ? "CloudWatch gave no reason." : sentence(text);
};

const watched = (change: AlarmChange): string => {
  const functions = functionsOf(change);
  return functions.length === 0 ? "" : ` It watches ${functions.join(", ")}.`;
};

const consoleLink = (change: AlarmChange): string => {
  const region = change.arn.split(":")[3] ?? "";
  return `https://${region}.console.aws.amazon.com/cloudwatch/home?region=${region}#alarmsV2:alarm/${encodeURIComponent(change.name)}`;
};

const noticeOf = (change: AlarmChange, severity: Severity): Notice => {
  const isOver = change.state === "ok";
  return {
    id: `${isOver ? "alarm-over" : "alarm"}:${change.at}`,
    kind: isOver ? "alarm-over" : "alarm",
    severity: isOver ? "info" : severity,
    isBroadcast: severity !== "info",
    outlets: ["sns", "slack"],
    at: change.at,
    title: isOver
      ? `RECOVERED ${change.name}`
      : `ALARM ${change.name}: no deployment is under way that explains it`,
    body: [
      `${reasonOf(change)}${watched(change)}`,
      `Since ${isoOf(change.at)}.`,
      isOver ? "Nothing is left to do." : "Nothing was done by itself: a person must look.",
      `Look: ${consoleLink(change)}`,
    ].join("\n"),
  };
};

/** Outbox entries of one change of one alarm, an entry per outlet. The same change always gives the same entries. */
export const alarmNotice = (change: AlarmChange, severity: Severity): OutboxEntry[] => {
  const notice = noticeOf(change, severity);
  return notice.outlets.map((outlet) => ({ subject: { kind: "alarm", id: change.arn }, outlet, notice }));
};
