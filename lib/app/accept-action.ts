/** Keeps what a person asked for by a chat button. Fast and without rights: the minute's round carries it out. */
import type { IntentStore } from "../ports/intent-store.ts";
import type { Log } from "../ports/log.ts";

export type Asked = {
  deploymentId: string;
  verb: "rollback" | "acknowledge" | "explain";
  userId: string;
  userName: string;
};

export type AcceptPorts = {
  intents: IntentStore;
  log: Log;
  operators: () => Promise<string | undefined>;
  stage: { stage: string };
};

const isOperator = async (ports: AcceptPorts, userId: string): Promise<boolean> =>
  ((await ports.operators()) ?? "")
    .split(",")
    .map((id) => id.trim())
    .includes(userId);

/**
 * Answers with what the person is told. The same press twice, a replayed request and two people at once leave one
 * intent. Only people named as operators may ask for anything; with nobody named, nobody may.
 */
export const acceptAction = async (ports: AcceptPorts, asked: Asked, now: number): Promise<string> => {
  const { deploymentId, verb, userId, userName } = asked;
  if (verb === "explain") return `npx bellwether explain ${deploymentId} --stage ${ports.stage.stage}`;
  if (!(await isOperator(ports, userId))) {
    ports.log.warn("a chat button was pressed by somebody who may not", { deploymentId, verb, userId });
    return `You are not among the operators of this stage, so ${deploymentId} was left alone.`;
  }
  const who = `${userId} (${userName})`;
  const isNew = await ports.intents.put({
    deploymentId,
    verb,
    who,
    why: `asked for in Slack by ${userName}`,
    at: now,
  });
  ports.log.info("a chat button was pressed", { deploymentId, verb, userId, isNew });
  if (!isNew) return `That was asked for already; ${deploymentId} is being dealt with.`;
  return verb === "rollback"
    ? `Rolling back ${deploymentId}. The message above will say when it is done.`
    : `Noted: you are looking at ${deploymentId}.`;
};
