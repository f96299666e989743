/** A Slack token. The local Slack takes any; with one in place Bellwether posts its messages. */
import { PutParameterCommand, type SSMClient } from "@aws-sdk/client-ssm";
import { clientsOf } from "./aws-clients.ts";

export const putSlackToken = async (ssm: SSMClient, stage: string): Promise<void> => {
  const parameter = {
    Name: `/bellwether/${stage}/slack/token`,
    Value: "xoxb-local",
    Type: "SecureString",
  } as const;
  await ssm.send(new PutParameterCommand({ ...parameter, Overwrite: true }));
};

/** The same, for an account that is only known by its address. */
export const putSlackTokenAt = async (endpoint: string, region: string): Promise<void> => {
  const clients = clientsOf(endpoint, region);
  await putSlackToken(clients.ssm, "local");
  clients.close();
};
