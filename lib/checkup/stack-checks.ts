/** Whether Bellwether itself is there, awake, and able to tell somebody. */
import { DAY_MS } from "../kit/time.ts";
import { type CheckResult, command, fine, type Severity } from "./result.ts";
import type { AlarmSeen, SlackSeen } from "./seen.ts";

const SILENT_MAX_MS = DAY_MS;

export const deployCommand = (stage: string): string =>
  command("npx", "serverless", "deploy", "--stage", stage);

export const checkPresent = (what: string, name: string, stage: string, isThere: boolean): CheckResult =>
  isThere
    ? fine("present", name, `the ${what} is there`)
    : {
        kind: "broken",
        id: "present",
        subject: name,
        what: `the ${what} is missing`,
        why: "Bellwether's stack is not whole in this account and region",
        mend: deployCommand(stage),
      };

export const checkRule = (name: string, stage: string, state: "on" | "off" | "gone"): CheckResult => {
  if (state === "on") return fine("rule", name, "is enabled");
  return {
    kind: "broken",
    id: "rule",
    subject: name,
    what: state === "off" ? "the rule is disabled" : "the rule does not exist",
    why: "what it should start does not run: deployments go on unwatched",
    mend: state === "off" ? command("aws", "events", "enable-rule", "--name", name) : deployCommand(stage),
  };
};

/** Nobody hears a critical notice without a confirmed subscription; the other topics matter less. */
export const checkTopic = (
  arn: string,
  stage: string,
  seen: { confirmed: number; pending: number } | "gone",
): CheckResult => {
  if (seen === "gone") return checkPresent("topic", arn, stage, false);
  if (seen.confirmed > 0) return fine("topic", arn, `${seen.confirmed} confirmed subscriptions`);
  const kinds: [string, Severity][] = [
    ["-critical", "broken"],
    ["-info", "note"],
  ];
  const kind = kinds.find(([ending]) => arn.endsWith(ending))?.[1] ?? "risk";
  return {
    kind,
    id: "topic",
    subject: arn,
    what: `no confirmed subscription${seen.pending > 0 ? `, ${seen.pending} wait to be confirmed` : ""}`,
    why: "what is published here reaches nobody",
    mend: command(
      ...["aws", "sns", "subscribe", "--topic-arn", arn],
      ...["--protocol", "email", "--notification-endpoint", "oncall@example.com"],
    ),
  };
};

/** Every alarm of the stage's own; one result that says so when there is none at all. */
export const checkOwnAlarms = (
  prefix: string,
  stage: string,
  found: readonly AlarmSeen[],
  now: number,
): readonly CheckResult[] =>
  found.length === 0
    ? [checkPresent("set of alarms", `${prefix}-*`, stage, false)]
    : found.map((alarm) => checkOwnAlarm(stage, alarm, now));

const checkOwnAlarm = (stage: string, alarm: AlarmSeen, now: number): CheckResult => {
  const { name } = alarm;
  const base = { id: "own-alarm", subject: name };
  if (!alarm.hasActionsEnabled)
    return {
      ...base,
      kind: stage === "local" ? "note" : "broken",
      what: "its actions are off",
      why: "it changes its state and tells nobody",
      mend: command("aws", "cloudwatch", "enable-alarm-actions", "--alarm-names", name),
    };
  const describe = command("aws", "cloudwatch", "describe-alarms", "--alarm-names", name);
  if (alarm.state === "INSUFFICIENT_DATA" && now - alarm.stateSince > SILENT_MAX_MS)
    return {
      ...base,
      kind: "broken",
      what: "no data for more than 24 hours",
      why: "it cannot fire",
      mend: describe,
    };
  if (alarm.state === "ALARM")
    return {
      ...base,
      kind: "risk",
      what: "is in ALARM now",
      why: `see docs/runbooks/${name.replace(/^bellwether-[a-z]+-/, "")}.md`,
      mend: describe,
    };
  return fine(base.id, base.subject, `is ${alarm.state}`);
};

export const checkJudgeRan = (name: string, runs: number, minutes: number): CheckResult =>
  runs > 0
    ? fine("judge-ran", name, `${runs} runs in ${minutes} minutes`)
    : {
        kind: "broken",
        id: "judge-ran",
        subject: name,
        what: `no run in ${minutes} minutes`,
        why: "nobody judges: deployments go on unwatched",
        mend: command("aws", "logs", "tail", `/aws/lambda/${name}`, "--since", "1h"),
      };

export const checkEventsLost = (stage: string, lost: number): CheckResult =>
  lost === 0
    ? fine("events-lost", "EventBridge", "no lost event in 24 hours")
    : {
        kind: "note",
        id: "events-lost",
        subject: "EventBridge",
        what: `${lost} deployments were mended by reconcile in 24 hours`,
        why: "delivery is best effort; a few are no news, many mean a rule or a function that fails",
        mend: command("bellwether", "reconcile", "--stage", stage),
      };

/** `kind`: how much it matters when the parameter is not there. */
export const checkParameter = (
  name: string,
  kind: Severity,
  why: string,
  value: string | undefined,
): CheckResult =>
  (value ?? "").trim() === ""
    ? {
        kind,
        id: "parameter",
        subject: name,
        what: "is not set",
        why,
        mend: `${command("aws", "ssm", "put-parameter", "--name", name, "--type", "SecureString")} --value "$VALUE"`,
      }
    : fine("parameter", name, "is set");

/** The bot writes and edits messages with `chat:write` alone. */
export const checkSlack = (tokenParameter: string, seen: SlackSeen): CheckResult => {
  const base = { id: "slack", subject: "Slack" };
  if (seen.kind === "ok" && seen.scopes.includes("chat:write"))
    return fine(base.id, base.subject, `the token is good: ${seen.scopes.join(", ")}`);
  return {
    ...base,
    kind: "broken",
    what: seen.kind === "ok" ? "the token lacks the scope chat:write" : `refuses the token: ${seen.error}`,
    why: "no message reaches the channel; SNS is all that is left",
    mend: `${command("aws", "ssm", "put-parameter", "--overwrite", "--type", "SecureString", "--name", tokenParameter)} --value "$SLACK_TOKEN"`,
  };
};

/** Approval lives in GitHub, out of AWS's sight. */
export const noteApproval = (stage: string): CheckResult => ({
  kind: "note",
  id: "approval",
  subject: `GitHub environment ${stage}`,
  what: "whether a person must approve cannot be seen from AWS",
  why: "without a required reviewer whoever can push can deploy",
  mend: command("gh", "api", `repos/{owner}/{repo}/environments/${stage}`, "--jq", ".protection_rules"),
});

export const checkPolicy = (
  service: string,
  stage: string,
  found: { policy: { mode: string } } | "none" | { broken: string },
): CheckResult => {
  const base = { id: "policy", subject: service };
  if (found !== "none" && "policy" in found && found.policy.mode !== "shadow")
    return fine(base.id, base.subject, `mode ${found.policy.mode}`);
  const isBroken = found !== "none" && "broken" in found;
  return {
    ...base,
    kind: isBroken ? "broken" : "note",
    what: isBroken ? `its policy cannot be used: ${found.broken}` : "is judged in shadow",
    why: "Bellwether says what it would do and rolls nothing back by itself",
    mend: `${command("bellwether", "policy", "put", service, "policy.json", "--stage", stage)}`,
  };
};
