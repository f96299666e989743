/** The account's services as any program of its owner would call them: AWS SDK clients against the local endpoint. */
import { CloudWatchClient } from "@aws-sdk/client-cloudwatch";
import { CodeDeployClient } from "@aws-sdk/client-codedeploy";
import { LambdaClient } from "@aws-sdk/client-lambda";
import { SSMClient } from "@aws-sdk/client-ssm";

export type Clients = {
  cloudwatch: CloudWatchClient;
  codedeploy: CodeDeployClient;
  lambda: LambdaClient;
  ssm: SSMClient;
  /** Closes their connections. */
  close(): void;
};

/** Keys the account did not give out are its owner's. */
export const OWNER_KEYS = { accessKeyId: "LOCALOWNER", secretAccessKey: "local-owner" } as const;

export const clientsOf = (endpoint: string, region: string): Clients => {
  const settings = { endpoint, region, credentials: OWNER_KEYS };
  const clients = {
    cloudwatch: new CloudWatchClient(settings),
    codedeploy: new CodeDeployClient(settings),
    lambda: new LambdaClient(settings),
    ssm: new SSMClient(settings),
  };
  return {
    ...clients,
    close: () => {
      for (const client of Object.values(clients)) client.destroy();
    },
  };
};
