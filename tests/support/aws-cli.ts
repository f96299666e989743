/** The AWS CLI of this machine, pointed at a local account with keys that the account did not give out. */
import { execFile, spawnSync } from "node:child_process";
import { promisify } from "node:util";
import type { Json } from "../../local/account.ts";

const run = promisify(execFile);

/** Why there is no AWS CLI here, or undefined when there is one. */
export const missingCli = (): string | undefined => {
  const { status, error } = spawnSync("aws", ["--version"]);
  return status === 0 ? undefined : `no AWS CLI on PATH (${error?.message ?? `it ended with ${status}`})`;
};

/** Runs one command; what it prints as JSON, or undefined when it prints nothing. Rejects with its complaint. */
export const awsCli = async (endpoint: string, ...args: readonly string[]): Promise<Json> => {
  // Version 1 sends SQS commands elsewhere whatever AWS_ENDPOINT_URL says.
  const where = args[0] === "sqs" ? ["--endpoint-url", endpoint] : [];
  const { stdout } = await run("aws", [...args, ...where, "--output", "json"], {
    env: {
      PATH: process.env.PATH,
      HOME: "/nonexistent",
      PYENV_VERSION: process.env.PYENV_VERSION,
      PYENV_ROOT: process.env.PYENV_ROOT,
      AWS_ENDPOINT_URL: endpoint,
      AWS_REGION: "eu-west-1",
      // Version 1 of the CLI reads this one only.
      AWS_DEFAULT_REGION: "eu-west-1",
      AWS_ACCESS_KEY_ID: "LOCALOWNER",
      AWS_SECRET_ACCESS_KEY: "local-owner",
      AWS_PAGER: "",
      AWS_EC2_METADATA_DISABLED: "true",
    },
  });
  return stdout.trim() === "" ? undefined : JSON.parse(stdout);
};
