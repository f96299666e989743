/** The account as a deploy sees it, through the SDK. */
import { CloudFormationClient, DescribeStackResourceCommand } from "@aws-sdk/client-cloudformation";
import { DescribeTableCommand, DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { DescribeParametersCommand, SSMClient } from "@aws-sdk/client-ssm";
import { GetCallerIdentityCommand, STSClient, type STSClientConfig } from "@aws-sdk/client-sts";
import type { Cloud } from "./deploy-check.ts";

/** What every client of the SDK takes; the parts of it that clients type in their own ways are left out. */
export type ClientConfig = Pick<STSClientConfig, "region" | "credentials" | "endpoint" | "maxAttempts">;

const isNamed = (error: unknown, name: string): boolean => error instanceof Error && error.name === name;

/** Undefined when AWS says by this error that there is none. */
const orNone = async <T>(asked: Promise<T>, isNone: (error: unknown) => boolean): Promise<T | undefined> => {
  try {
    return await asked;
  } catch (error) {
    if (isNone(error)) return undefined;
    throw error;
  }
};

export const awsCloud = (config: ClientConfig): Cloud => {
  const [sts, ssm] = [new STSClient(config), new SSMClient(config)];
  const [dynamodb, cloudformation] = [new DynamoDBClient(config), new CloudFormationClient(config)];
  return {
    accountId: async () => (await sts.send(new GetCallerIdentityCommand({}))).Account ?? "",
    // Described, not read: whether it is there is all that matters, and who deploys may not read Slack's secrets.
    parametersThere: async (names) => {
      const { Parameters = [] } = await ssm.send(
        new DescribeParametersCommand({
          ParameterFilters: [{ Key: "Name", Option: "Equals", Values: [...names] }],
        }),
      );
      return Parameters.flatMap(({ Name }) => Name ?? []);
    },
    isTableThere: async (name) => {
      const found = await orNone(dynamodb.send(new DescribeTableCommand({ TableName: name })), (error) =>
        isNamed(error, "ResourceNotFoundException"),
      );
      return found !== undefined;
    },
    // CloudFormation has no error of its own for what is not there: all are ValidationError, and say "does not exist".
    stackResource: async (StackName, LogicalResourceId) => {
      const found = await orNone(
        cloudformation.send(new DescribeStackResourceCommand({ StackName, LogicalResourceId })),
        (error) => isNamed(error, "ValidationError") && /does not exist/.test(String(error)),
      );
      return found?.StackResourceDetail?.PhysicalResourceId;
    },
  };
};
