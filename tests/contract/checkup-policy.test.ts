/** The policy that `doctor --print-policy` prints is what a checkup takes: no less, and nothing more. */
import { CreateRoleCommand, IAMClient, PutRolePolicyCommand } from "@aws-sdk/client-iam";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { clientsOf, OWNER_KEYS } from "../../demo/aws-clients.ts";
import { createRoles } from "../../demo/roles.ts";
import { createService, deploy } from "../../demo/service.ts";
import { putSlackToken } from "../../demo/slack-token.ts";
import { examine } from "../../lib/app/examine.ts";
import { CHECKUP_ACTIONS, checkupPolicy } from "../../lib/checkup/permissions.ts";
import { MINUTE_MS } from "../../lib/kit/time.ts";
import { SHADOW_POLICY } from "../../lib/policy/policy.ts";
import { wireCheckup } from "../../lib/runtime/wire-checkup.ts";
import { quietLog } from "../fakes/quiet-log.ts";
import { type LocalStack, localStack } from "../support/local-stack.ts";

const ROLE = "doctor";

describe("a checkup under the printed policy", () => {
  let stack: LocalStack;
  let owner: IAMClient;

  beforeAll(async () => {
    stack = await localStack({ seed: 31 });
    const { account, endpoint } = stack;
    const clients = clientsOf(endpoint, account.region);
    await putSlackToken(clients.ssm, "local");
    const roles = await createRoles(endpoint, account.region, account.id);
    const service = await createService(
      clients,
      roles,
      { from: { version: "v1" }, to: { version: "v1", build: 2 } },
      SHADOW_POLICY,
      "local",
    );
    await deploy(service, "to be looked at");
    await stack.advance(10 * MINUTE_MS);
    clients.close();
    owner = new IAMClient({ endpoint, region: account.region, credentials: OWNER_KEYS });
    await owner.send(new CreateRoleCommand({ RoleName: ROLE, AssumeRolePolicyDocument: "{}" }));
    const keys = account.iam.credentialsFor(`arn:aws:iam::${account.id}:role/${ROLE}`, "doctor");
    process.env.AWS_ACCESS_KEY_ID = keys.accessKeyId;
    process.env.AWS_SECRET_ACCESS_KEY = keys.secretAccessKey;
    process.env.AWS_SESSION_TOKEN = keys.sessionToken;
  });
  afterAll(async () => {
    delete process.env.AWS_SESSION_TOKEN;
    owner.destroy();
    await stack.close();
  });

  const look = () => examine(wireCheckup(stack.config, quietLog), [], () => {});
  const allow = (document: object): Promise<unknown> =>
    owner.send(
      new PutRolePolicyCommand({
        RoleName: ROLE,
        PolicyName: "calls",
        PolicyDocument: JSON.stringify(document),
      }),
    );

  test("looks at everything, and uses every action that is in it", async () => {
    await allow(checkupPolicy("local"));
    const results = await look();
    expect(results.filter(({ kind }) => kind === "could-not-look")).toEqual([]);
    expect(results.some(({ id }) => id === "hook-invocable")).toBe(true);
    const used = [...stack.account.iam.used].filter((line) => line.startsWith("doctor "));
    expect(new Set(used.map((line) => line.split(" ")[1]))).toEqual(new Set(CHECKUP_ACTIONS));
  });

  test("without a permission says which one it lacks, and looks at all the rest", async () => {
    const { Statement } = checkupPolicy("local") as { Statement: { Action: string[] | string }[] };
    await allow({
      Version: "2012-10-17",
      Statement: Statement.map((each) => ({
        ...each,
        Action: [each.Action].flat().filter((action) => action !== "sns:ListSubscriptionsByTopic"),
      })).filter(({ Action }) => Action.length > 0),
    });
    const results = await look();
    const blind = results.filter((result) => result.kind === "could-not-look");
    expect(blind.length).toBeGreaterThan(0);
    expect(new Set(blind.map((result) => "action" in result && result.action))).toEqual(
      new Set(["sns:ListSubscriptionsByTopic"]),
    );
    expect(results.some(({ id, kind }) => id === "rule" && kind === "fine")).toBe(true);
  });
});
