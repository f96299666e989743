import { PutItemCommand, UpdateItemCommand } from "@aws-sdk/client-dynamodb";
import { canonical } from "../kit/canonical.ts";
import { isoOf } from "../kit/time.ts";
import type { Intent, IntentStore } from "../ports/intent-store.ts";
import { reach, reachUnless } from "./failure.ts";
import { deploymentKey, type Item, jsonOf, number, open, openWork, type Table, text } from "./table.ts";

const keyOf = (intent: Intent): Item => ({
  pk: text(deploymentKey(intent.deploymentId)),
  sk: text(`INTENT#${intent.verb}`),
});

export const dynamodbIntentStore = (table: Table): IntentStore => {
  return {
    put: async (intent) => {
      const item = { ...keyOf(intent), intent: text(canonical(intent)), ...open("INTENT", isoOf(intent.at)) };
      const stored = await reachUnless(
        "storing what was asked for",
        ["ConditionalCheckFailedException"],
        "known" as const,
        () =>
          table.client.send(
            new PutItemCommand({
              TableName: table.name,
              Item: item,
              ConditionExpression: "attribute_not_exists(pk) OR attribute_exists(doneAt)",
            }),
          ),
      );
      return stored !== "known";
    },
    pending: async () => (await openWork(table, "INTENT")).map((item) => jsonOf<Intent>(item, "intent")),
    markDone: async (intent, at) => {
      await reach("marking what was asked for as done", () =>
        table.client.send(
          new UpdateItemCommand({
            TableName: table.name,
            Key: keyOf(intent),
            UpdateExpression: "SET doneAt = :at REMOVE openKind, openSince",
            ExpressionAttributeValues: { ":at": number(at) },
          }),
        ),
      );
    },
  };
};
