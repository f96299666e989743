/** The packaged stack on a local account of its own, and our ports wired to it through the real adapters. */
import { ensurePackage } from "../../build/package.ts";
import { cliConfig } from "../../lib/runtime/config.ts";
import { wireCli } from "../../lib/runtime/wire.ts";
import { startAccount } from "../../local/start.ts";

export type LocalStack = Awaited<ReturnType<typeof localStack>>;

/** Points the SDK of this process at the account: one account a test file at a time. */
export const localStack = async (options: { seed: number; startAt?: number }) => {
  const { dir } = await ensurePackage("local");
  const local = await startAccount({ ...options, packageDir: dir, stage: "local" });
  process.env.AWS_ENDPOINT_URL = local.endpoint;
  const config = await cliConfig("local", {
    AWS_ENDPOINT_URL: local.endpoint,
    SLACK_API_URL: `${local.endpoint}/slack/api`,
  });
  const ports = wireCli(config);
  return { ...local, config, ports };
};
