/** What differs between stages: one small file each, in `stages/`, checked before anything is made of it. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { z } from "zod";
import { ROOT } from "./handlers.ts";

/** The stages there are. A stack of any other name would be nobody's: no policy, no retention, no alarms that anyone hears. */
export const STAGES = ["local", "dev", "sit", "prod"] as const;
export type StageName = (typeof STAGES)[number];

/** The only retention times, in days, that CloudWatch Logs takes (AWS::Logs::LogGroup, RetentionInDays). */
const LEGAL_RETENTION_DAYS = [
  1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
];
/** The longest that the dead letter queue keeps a message. */
const DEAD_LETTER_LIFE_SECONDS = 1_209_600;

const text = (pattern: RegExp, what: string) => z.string(what).regex(pattern, what);
const count = (what: string, max = Number.MAX_SAFE_INTEGER) =>
  z.int(`a whole number from 1: ${what}`).min(1, `1 or more: ${what}`).max(max, `at most ${max}: ${what}`);
const isTrue = (what: string) => z.boolean(`true or false: ${what}`);

const stageFile = z.strictObject({
  account: text(/^\d{12}$/, 'an AWS account: 12 digits in quotes, as in "012345678901"'),
  region: text(/^[a-z]{2}(-[a-z]+)+-\d$/, "an AWS region, as in eu-west-1"),
  /** Whether `serverless deploy` wants to hear who approved it. */
  approvalRequired: isTrue("whether a deploy must name who approved it"),
  logLevel: z.enum(["DEBUG", "INFO", "WARN", "ERROR"], "DEBUG, INFO, WARN or ERROR"),
  logRetentionInDays: z
    .number("a number of days")
    .refine(
      (days) => LEGAL_RETENTION_DAYS.includes(days),
      `one of CloudWatch's retention times: ${LEGAL_RETENTION_DAYS.join(", ")}`,
    ),
  logEncryption: z.enum(["aws-key", "customer-key"], "aws-key, or customer-key for a key of the stack's own"),
  tableRetention: z.enum(["Delete", "Retain"], "Delete or Retain: what becomes of the table with its stack"),
  tableDeletionProtection: isTrue("whether DynamoDB refuses to delete the table"),
  /** For services whose policy names none. */
  slackChannel: text(/^#?[a-z0-9_-]{1,80}$/, "a Slack channel, as in deployments"),
  /** What a deploy does when no secret for Slack is there. */
  slackSecret: z.enum(["required", "wanted", "not-needed"], "required, wanted or not-needed"),
  /** The most of the account's concurrency that a storm of alarms, or of requests from the internet, may take. */
  stormConcurrency: count("the concurrency that alarms or requests from the internet may take"),
  /** Whether alarms about functions that do not run tell anybody. */
  heartbeatTells: isTrue("whether alarms about functions that do not run tell anybody"),
  noticeUnsentSecondsMax: count("how long a notice may wait, in seconds"),
  unjudgedSecondsMax: count("how long a canary may shift without a verdict, in seconds"),
  eventAgeMsMax: count("how long an event may wait for its function, in milliseconds"),
  deadLetterSecondsMax: count("how long a dead letter may lie, in seconds", DEAD_LETTER_LIFE_SECONDS - 1),
  claimedConcurrencyMax: count("how much of the account's concurrency may be claimed"),
  eventsLostPerHourMax: count("how many lost events an hour are no news"),
  /** How long nobody may delete what the audit archive holds; under GOVERNANCE some may. */
  auditLockMode: z.enum(["GOVERNANCE", "COMPLIANCE"], "GOVERNANCE or COMPLIANCE"),
  auditLockDays: count("how many days the audit archive is locked", 36_500),
  /** How Bellwether ships itself: a configuration of CodeDeploy's own, or one of custom.canary.configs. */
  selfDeploymentConfig: text(/^[A-Za-z0-9]+$/, "a deployment configuration, as in Canary10Percent5Minutes"),
  /** False, by --param, for the one deployment that mends what an alarm of Bellwether's own is about. */
  selfDeploymentHeedsAlarms: isTrue("whether an alarm of Bellwether's own stops its own deployment"),
  /** The most that any role of the stack may ever be given: a policy of the account, such as `bellwether bootstrap` makes. */
  permissionsBoundary: text(
    /^[\w+=,.@/-]{1,512}$/,
    "the name of an IAM policy of the account, as in bellwether-bootstrap-dev-boundary",
  ).optional(),
});

export type StageFile = z.infer<typeof stageFile>;

const fileOf = (stage: string): string => `stages/${stage}.yml`;

const wordsOf = (issue: z.core.$ZodIssue): string => {
  if (issue.code !== "unrecognized_keys") return `${issue.path.join(".")} must be ${issue.message}`;
  const known = Object.keys(stageFile.shape).join(", ");
  return `${issue.keys.join(", ")} is not known here; known are ${known}`;
};

const parsed = (file: string, yaml: string): unknown => {
  try {
    return parse(yaml) ?? {};
  } catch (error) {
    const [line] = String(error instanceof Error ? error.message : error).split("\n");
    throw new Error(`${file} is not YAML: ${line}`);
  }
};

/** Throws an Error of one line: the file, every key that is wrong, and what is right. */
export const checkStage = (stage: string, yaml: string): StageFile => {
  const file = fileOf(stage);
  const { data, error } = stageFile.safeParse(parsed(file, yaml));
  if (data === undefined) throw new Error(`${file}: ${error.issues.map(wordsOf).join("; ")}`);
  return data;
};

/** Reads and checks the file of a stage. Throws an Error of one line when there is no such stage, no file, or a bad one. */
export const readStage = (stage: string, root = ROOT): StageFile => {
  if (!STAGES.some((known) => known === stage))
    throw new Error(`unknown stage "${stage}": use one of ${STAGES.join(", ")}`);
  const path = join(root, fileOf(stage));
  if (!existsSync(path))
    throw new Error(`${fileOf(stage)} is missing: copy the file of another stage and say what differs`);
  return checkStage(stage, readFileSync(path, "utf8"));
};
