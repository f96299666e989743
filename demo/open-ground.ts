/** Opens local accounts with the packaged stack in them, for one scenario each. */
import { cpSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as z from "zod/mini";
import { ensurePackage, type Progress } from "../build/package.ts";
import { cliConfig } from "../lib/runtime/config.ts";
import { wireCli } from "../lib/runtime/wire.ts";
import { type LocalAccount, startAccount } from "../local/start.ts";
import { clientsOf, OWNER_KEYS } from "./aws-clients.ts";
import type { Ground, Grounds } from "./ground.ts";
import { createRoles } from "./roles.ts";
import { putSlackToken } from "./slack-token.ts";

export const STAGE_DEFAULT = "local";

/** What the framework writes beside the template. */
const State = z.object({ service: z.object({ provider: z.object({ region: z.string() }) }) });

const regionOf = (packageDir: string): string =>
  State.parse(JSON.parse(readFileSync(join(packageDir, "serverless-state.json"), "utf8"))).service.provider
    .region;

/** The SDK of this process talks to this account from now on: accounts are played one after the other. */
const groundOn = async (local: LocalAccount, stage: string, onClose: () => void): Promise<Ground> => {
  const { account, endpoint } = local;
  const clients = clientsOf(endpoint, account.region);
  Object.assign(process.env, {
    AWS_ENDPOINT_URL: endpoint,
    AWS_REGION: account.region,
    AWS_ACCESS_KEY_ID: OWNER_KEYS.accessKeyId,
    AWS_SECRET_ACCESS_KEY: OWNER_KEYS.secretAccessKey,
  });
  const place = { AWS_ENDPOINT_URL: endpoint, AWS_REGION: account.region, ACCOUNT_ID: account.id };
  const reading = wireCli(await cliConfig(stage, place));
  await putSlackToken(clients.ssm, stage);
  return {
    stage,
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

/** Packages the stage's stack unless that was done before. Throws when it cannot be packaged. */
export const openGrounds = async (
  progress: Progress = () => {},
  stage: string = STAGE_DEFAULT,
): Promise<Grounds> => {
  const { dir } = await ensurePackage(stage, undefined, { progress });
  // A copy: whoever packages this checkout meanwhile must not pull it away between two scenarios.
  const packageDir = mkdtempSync(join(tmpdir(), "bellwether-demo-"));
  const remove = (): void => rmSync(packageDir, { recursive: true, force: true });
  process.once("exit", remove);
  cpSync(dir, packageDir, { recursive: true });
  const open = new Set<LocalAccount>();
  return {
    open: async (seed) => {
      const local = await startAccount({ seed, packageDir, stage, region: regionOf(packageDir) });
      open.add(local);
      return groundOn(local, stage, () => open.delete(local));
    },
    close: async () => {
      for (const local of [...open]) await local.close();
      open.clear();
      process.off("exit", remove);
      remove();
    },
  };
};
