/** The only reader of the environment. What is missing or wrong is named, all of it, in one line. */
import { InputError, messageOf } from "../kit/errors.ts";

export const STAGES = ["local", "dev", "sit", "prod"] as const;
export type StageName = (typeof STAGES)[number];

export type Config = {
  stage: StageName;
  account: string;
  region: string;
  tableName: string;
  hookNames: { before: string; after: string };
  /** Topic ARN per severity. */
  topics: { critical: string; warning: string; info: string };
  /** Where the audit trail is archived, and the key its roots are signed with. */
  audit: { bucket: string; keyId: string };
  slack: {
    apiUrl: string;
    tokenParameter: string;
    webhookParameter: string;
    signingSecretParameter: string;
    operatorsParameter: string;
    channel?: string;
  };
};

export type Environment = Readonly<Record<string, string | undefined>>;

const SLACK_API = "https://slack.com/api";

const isStage = (text: string): text is StageName => (STAGES as readonly string[]).includes(text);

/** Names follow from stage, account and region; the environment may only override what differs per installation. */
export const configFor = (
  place: { stage: string; account: string; region: string },
  env: Environment,
): Config => {
  const { stage, account, region } = place;
  if (!isStage(stage)) throw new InputError(`stage "${stage}" is not one of ${STAGES.join(", ")}`);
  const topic = (severity: string): string =>
    env[`TOPIC_${severity.toUpperCase()}`] ??
    `arn:aws:sns:${region}:${account}:bellwether-${stage}-${severity}`;
  const hook = (name: string): string => `CodeDeployHook_bellwether-${stage}-${name}`;
  const parameter = (name: string): string => `/bellwether/${stage}/slack/${name}`;
  return {
    stage,
    account,
    region,
    tableName: env.TABLE_NAME ?? `bellwether-${stage}-deployments`,
    hookNames: {
      before: env.HOOK_BEFORE_NAME ?? hook("before"),
      after: env.HOOK_AFTER_NAME ?? hook("after"),
    },
    topics: { critical: topic("critical"), warning: topic("warning"), info: topic("info") },
    audit: {
      bucket: env.AUDIT_BUCKET ?? `bellwether-${stage}-audit-${account}-${region}`,
      keyId: env.AUDIT_KEY ?? `alias/bellwether-${stage}-audit`,
    },
    slack: {
      apiUrl: env.SLACK_API_URL ?? SLACK_API,
      tokenParameter: parameter("token"),
      webhookParameter: parameter("webhook"),
      signingSecretParameter: parameter("signing-secret"),
      operatorsParameter: parameter("operators"),
      ...(env.SLACK_CHANNEL !== undefined && env.SLACK_CHANNEL !== "" && { channel: env.SLACK_CHANNEL }),
    },
  };
};

/** The configuration of a Lambda function. Throws InputError naming every variable that is missing. */
export const functionConfig = (env: Environment = process.env): Config => {
  const missing = ["STAGE", "ACCOUNT_ID", "AWS_REGION", "TABLE_NAME"].filter(
    (name) => (env[name] ?? "") === "",
  );
  if (missing.length > 0) throw new InputError(`missing environment variables: ${missing.join(", ")}`);
  return configFor(
    { stage: env.STAGE ?? "", account: env.ACCOUNT_ID ?? "", region: env.AWS_REGION ?? "" },
    env,
  );
};

const LOCAL_ACCOUNT = "000000000000";
const LOCAL_REGION = "eu-west-1";

/** The account of the caller's own credentials. Throws InputError when no AWS account answers them. */
export const callerAccount = async (region: string): Promise<string> => {
  const { GetCallerIdentityCommand, STSClient } = await import("@aws-sdk/client-sts");
  try {
    const { Account } = await new STSClient({ region }).send(new GetCallerIdentityCommand({}));
    return Account ?? "";
  } catch (error) {
    throw new InputError(
      `no AWS account could be reached: ${messageOf(error)}; set AWS_PROFILE or credentials, or AWS_ENDPOINT_URL for a local account`,
    );
  }
};

/**
 * The configuration of the command line: account and region from the caller's own AWS settings. The local account takes
 * any credentials, so missing ones are made up for it, in this process only.
 */
export const cliConfig = async (stage: string, env: Environment): Promise<Config> => {
  if (stage === "local") {
    process.env.AWS_ACCESS_KEY_ID ??= "local";
    process.env.AWS_SECRET_ACCESS_KEY ??= "local";
    process.env.AWS_REGION ??= env.AWS_DEFAULT_REGION ?? LOCAL_REGION;
    if (env.AWS_ENDPOINT_URL !== undefined) process.env.AWS_ENDPOINT_URL = env.AWS_ENDPOINT_URL;
    return configFor({ stage, account: LOCAL_ACCOUNT, region: LOCAL_REGION }, env);
  }
  const region = env.AWS_REGION ?? env.AWS_DEFAULT_REGION;
  if (region === undefined) throw new InputError("no AWS region: set AWS_REGION");
  process.env.AWS_REGION ??= region;
  return configFor({ stage, account: env.ACCOUNT_ID ?? (await callerAccount(region)), region }, env);
};
