/** Keeps what a person asked for by a Slack button. Fast and without rights: the minute's round carries it out. */
import type { IntentStore } from "../ports/intent-store.ts";

export type Asked = { deploymentId: string; verb: "rollback" | "acknowledge"; who: string };

/** The same press twice, a replayed request and two people at once all leave one intent. */
export const acceptAction = async (
  ports: { intents: IntentStore },
  asked: Asked,
  now: number,
): Promise<"accepted" | "asked-before"> => {
  const isNew = await ports.intents.put({ ...asked, why: `asked for in Slack by ${asked.who}`, at: now });
  return isNew ? "accepted" : "asked-before";
};
