/** Calls of services for which no SDK client is installed, as the account's owner. */

const headersFor = (service: string, contentType: string) => ({
  "content-type": contentType,
  authorization: `AWS4-HMAC-SHA256 Credential=owner/20260105/eu-west-1/${service}/aws4_request, SignedHeaders=host, Signature=0`,
});

const send = async (endpoint: string, headers: Record<string, string>, body: string): Promise<string> => {
  const answer = await fetch(endpoint, { method: "POST", headers, body });
  const text = await answer.text();
  if (!answer.ok) throw new Error(text);
  return text;
};

/** IAM's and SNS's protocol; answers XML. */
export const queryCall = (
  endpoint: string,
  service: string,
  version: string,
  fields: Readonly<Record<string, string>>,
): Promise<string> =>
  send(
    endpoint,
    headersFor(service, "application/x-www-form-urlencoded"),
    new URLSearchParams({ Version: version, ...fields }).toString(),
  );

/** `target` is such as `AmazonSQS.CreateQueue`. */
export const jsonCall = async (endpoint: string, service: string, target: string, input: object) =>
  JSON.parse(
    await send(
      endpoint,
      { ...headersFor(service, "application/x-amz-json-1.0"), "x-amz-target": target },
      JSON.stringify(input),
    ),
  );

/** A role that Lambda may take on, with these statements as its only policy. Gives its ARN. */
export const makeRole = async (endpoint: string, name: string, statements: readonly object[]) => {
  const trust = {
    Statement: [
      { Effect: "Allow", Principal: { Service: "lambda.amazonaws.com" }, Action: "sts:AssumeRole" },
    ],
  };
  const call = (fields: Record<string, string>) =>
    queryCall(endpoint, "iam", "2010-05-08", { RoleName: name, ...fields });
  await call({ Action: "CreateRole", AssumeRolePolicyDocument: JSON.stringify(trust) });
  await call({
    Action: "PutRolePolicy",
    PolicyName: "all",
    PolicyDocument: JSON.stringify({ Version: "2012-10-17", Statement: statements }),
  });
  return `arn:aws:iam::000000000000:role/${name}`;
};
