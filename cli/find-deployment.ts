/** Which deployment a person means: an id, a function's name for its latest, or `@latest` for the latest of all. */
import type { DeploymentRecord } from "../lib/deployment/record.ts";
import { InputError } from "../lib/kit/errors.ts";
import type { DeploymentStore } from "../lib/ports/deployment-store.ts";

export const LATEST = "@latest";
const DEPLOYMENT_ID = /^d-[A-Za-z0-9]+$/;

export const isDeploymentId = (said: string): boolean => DEPLOYMENT_ID.test(said);

/** Newest records looked through for one that is not itself a rollback. */
const LOOK_THROUGH = 20;

/** The newest release; a rollback is part of the deployment it takes back, so it only counts when there is nothing else. */
const newest = (records: readonly DeploymentRecord[]): DeploymentRecord | undefined =>
  records.find((record) => record.kind !== "rollback") ?? records[0];

/**
 * The id of the deployment that is meant. A well-formed id is taken as it is, known or not. Throws InputError, saying
 * what to try, when nothing can be meant.
 */
export const findDeployment = async (store: DeploymentStore, said: string): Promise<string> => {
  if (isDeploymentId(said)) return said;
  const service = said === LATEST ? undefined : said;
  const records = await store.history({ ...(service !== undefined && { service }), limit: LOOK_THROUGH });
  const found = newest(records);
  if (found !== undefined) return found.id;
  throw new InputError(
    service === undefined
      ? "no deployment is on record yet"
      : `no deployment of ${service} is on record; see what is with: bellwether history`,
  );
};

/** The record that is meant. Throws InputError when it is not on record. */
export const findRecord = async (store: DeploymentStore, said: string) => {
  const id = await findDeployment(store, said);
  const stored = await store.load(id);
  if (stored === undefined)
    throw new InputError(
      `deployment ${id} is not on record; if CodeDeploy knows it, run: bellwether reconcile`,
    );
  return stored;
};
