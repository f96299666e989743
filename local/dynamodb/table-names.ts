/** Where inputs name tables. AWS takes a table's ARN wherever it takes a name; DynamoDB Local takes names only. */
import type { Json } from "../account.ts";

/** A table's name, from its name or its ARN. */
export const tableName = (nameOrArn: string): string => /:table\/([^/]+)/.exec(nameOrArn)?.[1] ?? nameOrArn;

const named = (part: Json): Json =>
  typeof part?.TableName === "string" ? { ...part, TableName: tableName(part.TableName) } : part;

const eachNamed = (parts: Json): Json =>
  Object.fromEntries(Object.entries(parts).map(([kind, part]) => [kind, named(part)]));

/** The input with every table by its name. */
export const byName = (input: Json): Json => ({
  ...named(input),
  ...(input.TransactItems && { TransactItems: input.TransactItems.map(eachNamed) }),
  ...(input.RequestItems && {
    RequestItems: Object.fromEntries(
      Object.entries(input.RequestItems).map(([name, part]) => [tableName(name), part]),
    ),
  }),
});
