/** Opens local accounts with the packaged stack in them, for one scenario each. */
import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ensurePackage, type Progress } from "../build/package.ts";
import { cliConfig } from "../lib/runtime/config.ts";
import { wireCli } from "../lib/runtime/wire.ts";
import { type LocalAccount, startAccount } from "../local/start.ts";
import { clientsOf } from "./aws-clients.ts";
import type { Ground, Grounds } from "./ground.ts";
import { createRoles } from "./roles.ts";
import { putSlackToken } from "./slack-token.ts";

const STAGE = "local";

/** The SDK of this process talks to this account from now on: accounts are played one after the other. */
const groundOn = async (local: LocalAccount, onClose: () => void): Promise<Ground> => {
  const { account, endpoint } = local;
  const clients = clientsOf(endpoint, account.region);
  process.env.AWS_ENDPOINT_URL = endpoint;
  const reading = wireCli(await cliConfig(STAGE, { AWS_ENDPOINT_URL: endpoint }));
  await putSlackToken(clients.ssm);
  return {
    account,
    clients,
    roles: await createRoles(endpoint, account.region, account.id),
    reading,
    advance: local.advance,
    close: async () => {
      clients.close();
      onClose();
      await local.close();
    },
  };
};

/** Packages the stack unless that was done before. Throws when it cannot be packaged. */
export const openGrounds = async (progress: Progress = () => {}): Promise<Grounds> => {
  const { dir } = await ensurePackage(STAGE, undefined, { progress });
  // A copy: whoever packages this checkout meanwhile must not pull it away between two scenarios.
  const packageDir = mkdtempSync(join(tmpdir(), "bellwether-demo-"));
  const remove = (): void => rmSync(packageDir, { recursive: true, force: true });
  process.once("exit", remove);
  cpSync(dir, packageDir, { recursive: true });
  const open = new Set<LocalAccount>();
  return {
    open: async (seed) => {
      const local = await startAccount({ seed, packageDir, stage: STAGE });
      open.add(local);
      return groundOn(local, () => open.delete(local));
    },
    close: async () => {
      for (const local of [...open]) await local.close();
      open.clear();
      process.off("exit", remove);
      remove();
    },
  };
};
