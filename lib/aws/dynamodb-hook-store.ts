import { PutItemCommand, type PutItemCommandInput } from "@aws-sdk/client-dynamodb";
import { canonical } from "../kit/canonical.ts";
import { UnavailableError } from "../kit/errors.ts";
import type { HookRun, HookStore } from "../ports/hook-store.ts";
import { isNamed, reach } from "./failure.ts";
import { deploymentKey, type Item, jsonOf, queryAll, type Table, text } from "./table.ts";

/** The item a failed condition found, as DynamoDB gives it back on request. */
const found = (thrown: unknown): HookRun | undefined => {
  const item = (thrown as { Item?: Item }).Item;
  return item === undefined ? undefined : jsonOf<HookRun>(item, "run");
};

/** Execution ids are longer than a sort key may be: their digest stands for them. */
export const dynamodbHookStore = (table: Table, hash: (text: string) => string): HookStore => {
  const item = (run: HookRun): Item => ({
    pk: text(deploymentKey(run.deploymentId)),
    sk: text(`HOOK#${hash(run.executionId)}`),
    run: text(canonical(run)),
    ...(run.verdict !== undefined && { verdict: text(run.verdict) }),
  });

  /** Writes if the condition holds; otherwise gives back the run that stands there. */
  const write = async (run: HookRun, condition: string): Promise<HookRun> => {
    const input: PutItemCommandInput = {
      TableName: table.name,
      Item: item(run),
      ConditionExpression: condition,
      ReturnValuesOnConditionCheckFailure: "ALL_OLD",
    };
    try {
      await table.client.send(new PutItemCommand(input));
      return run;
    } catch (error) {
      if (!isNamed(error, "ConditionalCheckFailedException"))
        return reach("storing a hook run", () => Promise.reject(error));
      const standing = found(error);
      if (standing === undefined)
        throw new UnavailableError(`hook run of ${run.deploymentId} vanished while it was decided`);
      return standing;
    }
  };

  return {
    open: (run) => write(run, "attribute_not_exists(pk)"),
    decide: (run, verdict, why) =>
      write({ ...run, verdict, why }, "attribute_exists(pk) AND attribute_not_exists(verdict)"),
    markReported: async (run, at) => {
      await reach("marking a hook run as reported", () =>
        table.client.send(
          new PutItemCommand({ TableName: table.name, Item: item({ ...run, reportedAt: at }) }),
        ),
      );
    },
    ofDeployment: async (deploymentId) =>
      (
        await queryAll(table, {
          KeyConditionExpression: "pk = :pk AND begins_with(sk, :hook)",
          ExpressionAttributeValues: { ":pk": text(deploymentKey(deploymentId)), ":hook": text("HOOK#") },
          ConsistentRead: true,
        })
      ).map((each) => jsonOf<HookRun>(each, "run")),
  };
};
