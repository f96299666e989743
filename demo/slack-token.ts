/** A Slack token for the local stage. The local Slack takes any; with one in place Bellwether posts its messages. */
import { PutParameterCommand, type SSMClient } from "@aws-sdk/client-ssm";
import { clientsOf } from "./aws-clients.ts";

export const putSlackToken = async (ssm: SSMClient): Promise<void> => {
  const parameter = {
    Name: "/bellwether/local/slack/token",
    Value: "xoxb-local",
    Type: "SecureString",
  } as const;
  await ssm.send(new PutParameterCommand({ ...parameter, Overwrite: true }));
};

/** The same, for an account that is only known by its address. */
export const putSlackTokenAt = async (endpoint: string, region: string): Promise<void> => {
  const clients = clientsOf(endpoint, region);
  await putSlackToken(clients.ssm);
  clients.close();
};
