/** AWS::DynamoDB::Table. */
import type { Json, ResourceMaker } from "../account.ts";
import { physicalName } from "../physical-name.ts";
import type { Expiry } from "./expiry.ts";
import type { TableOperations } from "./table-operations.ts";
import type { Tables } from "./tables.ts";

/** What CreateTable takes as CloudFormation gives it. */
const SAME = [
  "AttributeDefinitions",
  "KeySchema",
  "GlobalSecondaryIndexes",
  "LocalSecondaryIndexes",
  "BillingMode",
  "ProvisionedThroughput",
  "Tags",
];

const isTrue = (value: Json): boolean => value === true || value === "true";

const createInput = (name: string, properties: Json): Json => ({
  TableName: name,
  ...Object.fromEntries(
    SAME.filter((field) => properties[field] !== undefined).map((field) => [field, properties[field]]),
  ),
  DeletionProtectionEnabled: isTrue(properties.DeletionProtectionEnabled),
  ...(properties.StreamSpecification && {
    StreamSpecification: {
      StreamEnabled: true,
      StreamViewType: properties.StreamSpecification.StreamViewType,
    },
  }),
  ...(properties.SSESpecification && {
    SSESpecification: { Enabled: isTrue(properties.SSESpecification.SSEEnabled) },
  }),
});

/** A table that is there already stays, with its items; its time to live and backups follow the template. */
export const tableMaker =
  (tables: Tables, operations: TableOperations, expiry: Expiry): ResourceMaker =>
  async (properties, context) => {
    const name = properties.TableName ?? physicalName(context);
    if (tables.find(name) === undefined) await operations.CreateTable?.(createInput(name, properties));
    const table = tables.get(name);
    const timeToLive = properties.TimeToLiveSpecification;
    if (timeToLive !== undefined)
      table.timeToLive = {
        attributeName: timeToLive.AttributeName,
        isEnabled: isTrue(timeToLive.Enabled),
      };
    expiry.start(table);
    table.isBackedUp = isTrue(properties.PointInTimeRecoverySpecification?.PointInTimeRecoveryEnabled);
    return {
      ref: name,
      attributes: { Arn: table.arn, ...(table.stream && { StreamArn: table.stream.arn }) },
    };
  };
