/** Whether a later deployment has taken over the alias: what came before it must not be touched any more. */
import type { DeploymentRecord } from "../deployment/record.ts";
import type { DeploymentStore } from "../ports/deployment-store.ts";

/** Deployments of one service looked back at: more than can follow each other while one is still open. */
const LOOK_BACK = 20;

/** The newest deployment of the same alias that carried traffic after this one and is not its rollback, if there is one. */
export const supersededBy = async (
  store: Pick<DeploymentStore, "history">,
  record: DeploymentRecord,
): Promise<string | undefined> => {
  const recent = await store.history({ service: record.service, limit: LOOK_BACK });
  return recent.find(
    (each) =>
      each.function.alias === record.function.alias &&
      each.times.requested > record.times.requested &&
      each.times.firstTraffic !== undefined &&
      each.rollback?.of !== record.id,
  )?.id;
};
