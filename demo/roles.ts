/** The two roles that the example service's owner makes: what the function runs as, and what CodeDeploy moves traffic as. */
import { OWNER_KEYS } from "./aws-clients.ts";
import type { Roles } from "./service.ts";

const IAM_VERSION = "2010-05-08";
const MANAGED = "arn:aws:iam::aws:policy/service-role";

/** IAM's query protocol by hand: two operations do not need a client of their own. */
const iam = async (
  endpoint: string,
  region: string,
  action: string,
  input: Record<string, string>,
): Promise<void> => {
  const scope = `${OWNER_KEYS.accessKeyId}/20260105/${region}/iam/aws4_request`;
  const answer = await fetch(endpoint, {
    method: "POST",
    headers: {
      "content-type": "application/x-www-form-urlencoded",
      authorization: `AWS4-HMAC-SHA256 Credential=${scope}, SignedHeaders=host, Signature=0`,
    },
    body: new URLSearchParams({ Action: action, Version: IAM_VERSION, ...input }).toString(),
  });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`IAM ${action}: ${answer.status} ${text}`);
};

const trust = (service: string): string =>
  JSON.stringify({
    Version: "2012-10-17",
    Statement: [{ Effect: "Allow", Principal: { Service: service }, Action: "sts:AssumeRole" }],
  });

export const createRoles = async (endpoint: string, region: string, account: string): Promise<Roles> => {
  const create = async (name: string, service: string, policy: string): Promise<string> => {
    await iam(endpoint, region, "CreateRole", { RoleName: name, AssumeRolePolicyDocument: trust(service) });
    await iam(endpoint, region, "AttachRolePolicy", { RoleName: name, PolicyArn: `${MANAGED}/${policy}` });
    return `arn:aws:iam::${account}:role/${name}`;
  };
  return {
    functionArn: await create("checkout", "lambda.amazonaws.com", "AWSLambdaBasicExecutionRole"),
    codedeployArn: await create(
      "checkout-codedeploy",
      "codedeploy.amazonaws.com",
      "AWSCodeDeployRoleForLambda",
    ),
  };
};
