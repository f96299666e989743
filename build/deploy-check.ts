/** What is looked at before a deploy changes anything: the wrong account, nobody who approved, no Slack, a table of somebody else. */
import type { StageFile } from "./stages.ts";

/** What a deploy asks of the account. */
export type Cloud = {
  accountId(): Promise<string>;
  /** Those of these SSM parameters that are there. */
  parametersThere(names: readonly string[]): Promise<readonly string[]>;
  isTableThere(name: string): Promise<boolean>;
  /** The physical name of a stack's resource; undefined when there is no such stack or resource. */
  stackResource(stack: string, logicalId: string): Promise<string | undefined>;
};

export type Intent = {
  stage: string;
  file: StageFile;
  /** Where Serverless is about to deploy to: `--region` may say something else than the stage. */
  region: string;
  approvedBy?: string;
};

export type Checked = { refusal?: string; warnings: readonly string[] };

const SERVICE = "bellwether";

const refuse = (refusal: string): Checked => ({ refusal, warnings: [] });

const unapproved = ({ stage, file, approvedBy = "" }: Intent): string | undefined =>
  file.approvalRequired && approvedBy.trim() === ""
    ? `stage ${stage} wants approval: say who gave it with --param="approvedBy=<name>"; nothing was changed`
    : undefined;

const elsewhere = async (cloud: Cloud, { stage, file, region }: Intent): Promise<string | undefined> => {
  if (region !== file.region)
    return `stage ${stage} stands in ${file.region}, not in ${region}: leave --region out; nothing was changed`;
  const account = await cloud.accountId();
  return account === file.account
    ? undefined
    : `these credentials are for account ${account}, and stage ${stage} stands in ${file.account} (stages/${stage}.yml): use a profile of that account; nothing was changed`;
};

const foreignTable = async (cloud: Cloud, { stage }: Intent): Promise<string | undefined> => {
  const table = `${SERVICE}-${stage}-deployments`;
  const stack = `${SERVICE}-${stage}`;
  if (!(await cloud.isTableThere(table))) return undefined;
  if ((await cloud.stackResource(stack, "DeploymentsTable")) === table) return undefined;
  return `table ${table} is already there and does not belong to stack ${stack}: import it with a change set of type IMPORT if it holds the record, or delete it; nothing was changed`;
};

const silence = async (cloud: Cloud, { stage, file }: Intent): Promise<string | undefined> => {
  if (file.slackSecret === "not-needed") return undefined;
  const names = ["token", "webhook"].map((name) => `/${SERVICE}/${stage}/slack/${name}`);
  if ((await cloud.parametersThere(names)).length > 0) return undefined;
  return `notices would reach no Slack channel: neither ${names.join(" nor ")} is there; put one as a SecureString`;
};

/**
 * Everything that speaks against this deploy, the first of it as the refusal. Reads only. Rejects when the account does not
 * answer: what could not be looked at is not deployed over.
 */
export const checkDeploy = async (cloud: Cloud, intent: Intent): Promise<Checked> => {
  const wrong = unapproved(intent) ?? (await elsewhere(cloud, intent)) ?? (await foreignTable(cloud, intent));
  if (wrong !== undefined) return refuse(wrong);
  const silent = await silence(cloud, intent);
  if (silent === undefined) return { warnings: [] };
  return intent.file.slackSecret === "required"
    ? refuse(`${silent}; nothing was changed`)
    : { warnings: [silent] };
};

/** Taking a stack away wants the right account and somebody who approved, and no more. */
export const checkRemoval = async (cloud: Cloud, intent: Intent): Promise<Checked> => {
  const wrong = unapproved(intent) ?? (await elsewhere(cloud, intent));
  return wrong === undefined ? { warnings: [] } : refuse(wrong);
};
