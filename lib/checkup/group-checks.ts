/** What a CodeDeploy deployment group must say, so that a bad version is taken back. */
import { DAY_MS } from "../kit/time.ts";
import { type CheckResult, command, fine } from "./result.ts";
import type { AlarmSeen, GroupSeen } from "./seen.ts";

const ROLLBACK_EVENTS = ["DEPLOYMENT_FAILURE", "DEPLOYMENT_STOP_ON_ALARM", "DEPLOYMENT_STOP_ON_REQUEST"];
/** An alarm without data for this long has probably a wrong dimension. */
const SILENT_MAX_MS = DAY_MS;

const subjectOf = ({ application, group }: GroupSeen): string => `${application}/${group}`;

const update = ({ application, group }: GroupSeen, ...change: readonly string[]): string =>
  command(
    ...["aws", "deploy", "update-deployment-group", "--application-name", application],
    ...["--current-deployment-group-name", group, ...change],
  );

/** Without STOP_ON_REQUEST a stopped canary leaves the alias split, and every later deployment fails. */
export const checkRollbackEvents = (seen: GroupSeen): CheckResult => {
  const missing = ROLLBACK_EVENTS.filter((event) => !seen.rollbackEvents.includes(event));
  if (missing.length === 0) return fine("rollback-events", subjectOf(seen), "rolls back on all three events");
  return {
    kind: "broken",
    id: "rollback-events",
    subject: subjectOf(seen),
    what: `does not roll back on ${missing.join(", ")}`,
    why: "a deployment that ends so leaves the bad version serving, or the alias split between two",
    mend: update(seen, "--auto-rollback-configuration", `enabled=true,events=${ROLLBACK_EVENTS.join(",")}`),
  };
};

export const checkPollFailure = (seen: GroupSeen): CheckResult => {
  const { isEnabled, ignoresPollFailure, names } = seen.alarms;
  if (!ignoresPollFailure) return fine("alarm-poll", subjectOf(seen), "stops when its alarms cannot be read");
  const alarms = names.map((name) => ({ name }));
  const configuration = { enabled: isEnabled, ignorePollAlarmFailure: false, alarms };
  return {
    kind: "broken",
    id: "alarm-poll",
    subject: subjectOf(seen),
    what: "goes on when its alarms cannot be read",
    why: "no evidence passes for good evidence: an alarm that was deleted protects nobody",
    mend: update(seen, "--alarm-configuration", JSON.stringify(configuration)),
  };
};

export const checkPace = (seen: GroupSeen): CheckResult =>
  seen.deploymentConfig.endsWith("AllAtOnce")
    ? {
        kind: "risk",
        id: "pace",
        subject: subjectOf(seen),
        what: `shifts by ${seen.deploymentConfig}`,
        why: "every caller meets the new version before anybody has judged it",
        mend: update(seen, "--deployment-config-name", "CodeDeployDefault.LambdaCanary10Percent5Minutes"),
      }
    : fine("pace", subjectOf(seen), `shifts by ${seen.deploymentConfig}`);

const describe = (name: string): string =>
  command("aws", "cloudwatch", "describe-alarms", "--alarm-names", name);

/** An alarm that a group names: it must exist, see data, and not stand in ALARM before anything is deployed. */
export const checkGroupAlarm = (
  seen: GroupSeen,
  name: string,
  found: readonly AlarmSeen[],
  now: number,
): CheckResult => {
  const alarm = found.find((each) => each.name === name);
  const base = { id: "group-alarm", subject: `${subjectOf(seen)} ${name}` };
  if (alarm === undefined) {
    const alarms = seen.alarms.names.filter((each) => each !== name).map((each) => ({ name: each }));
    const configuration = { enabled: alarms.length > 0, ignorePollAlarmFailure: false, alarms };
    return {
      ...base,
      kind: "broken",
      what: "the alarm does not exist",
      why: "CodeDeploy stops every deployment of this group while it cannot read the alarm",
      mend: update(seen, "--alarm-configuration", JSON.stringify(configuration)),
    };
  }
  if (alarm.state === "ALARM")
    return {
      ...base,
      kind: "broken",
      what: "the alarm is in ALARM now",
      why: "CodeDeploy stops a deployment at once while an alarm of its group is raised, a fix included",
      mend: describe(name),
    };
  if (alarm.state === "INSUFFICIENT_DATA" && now - alarm.stateSince > SILENT_MAX_MS)
    return {
      ...base,
      kind: "risk",
      what: "the alarm has had no data for more than 24 hours",
      why: "it cannot fire; its metric name or a dimension is probably wrong",
      mend: describe(name),
    };
  return fine(base.id, base.subject, "the alarm is there and not raised");
};

/** A group without alarms is only as safe as the judge. */
export const checkHasAlarms = (seen: GroupSeen): CheckResult =>
  seen.alarms.isEnabled && seen.alarms.names.length > 0
    ? fine("has-alarms", subjectOf(seen), `${seen.alarms.names.length} alarms guard it`)
    : {
        kind: "note",
        id: "has-alarms",
        subject: subjectOf(seen),
        what: "no alarm guards it",
        why: "when Bellwether is down, CodeDeploy's alarms are all that stops a bad version",
        mend: command("aws", "cloudwatch", "describe-alarms", "--alarm-name-prefix", seen.application),
      };
