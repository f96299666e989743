import { describe, expect, test } from "vitest";
import type { ExaminePorts } from "../../../lib/app/checkup-look.ts";
import type { GroupSeen } from "../../../lib/checkup/seen.ts";
import { UnavailableError } from "../../../lib/kit/errors.ts";
import { fakeWorld } from "../../fakes/world.ts";
import { run } from "./run-command.ts";

const GROUP: GroupSeen = {
  application: "shop",
  group: "checkout",
  isLambda: true,
  deploymentConfig: "CodeDeployDefault.LambdaCanary10Percent5Minutes",
  serviceRoleArn: "arn:aws:iam::000000000000:role/codedeploy",
  rollbackEvents: ["DEPLOYMENT_FAILURE", "DEPLOYMENT_STOP_ON_ALARM", "DEPLOYMENT_STOP_ON_REQUEST"],
  alarms: { isEnabled: true, ignoresPollFailure: false, names: ["checkout-errors"] },
};

/** An account in which all is well, but for what a test changes. */
const ports = (reader: Partial<ExaminePorts["reader"]> = {}): ExaminePorts => {
  const { ports: world } = fakeWorld();
  const alarm = (name: string) => ({
    name,
    state: "OK",
    stateSince: world.clock.now(),
    hasActionsEnabled: true,
  });
  return {
    ...world,
    slack: async () => ({ kind: "ok", scopes: ["chat:write"] }),
    reader: {
      groups: async () => [{ application: "shop", group: "checkout" }],
      group: async () => GROUP,
      alarms: async (names) => names.map(alarm),
      alarmsNamedLike: async (prefix) => [alarm(`${prefix}judge-stopped`)],
      rule: async () => "on",
      subscriptions: async () => ({ confirmed: 1, pending: 0 }),
      hasTable: async () => true,
      metricSum: async ({ name }) => (name === "EventLost" ? 0 : 9),
      allows: async () => true,
      parameter: async () => "set",
      ...reader,
    },
  };
};

const doctor = (args: readonly string[], given: ExaminePorts = ports()) =>
  run(["doctor", ...args], { parts: { checkup: async () => given } });

describe("doctor", () => {
  test("ends with 0 when nothing is broken, counts what is fine, and lists it when asked", async () => {
    const ran = await doctor([]);
    expect(ran.code).toBe(0);
    expect(ran.stdout).toMatch(/\d+ of \d+ checks are fine; --all lists them\n$/);
    expect((await doctor(["--all"])).stdout).toMatch(/fine {2}shop\/checkout: /);
    expect(ran.stderr).toContain("looking at shop/checkout");
  });

  test("ends with 3 and says of what is broken: what, why it matters, and the command that mends it", async () => {
    const ran = await doctor(
      [],
      ports({ group: async () => ({ ...GROUP, rollbackEvents: ["DEPLOYMENT_FAILURE"] }) }),
    );
    expect(ran.code).toBe(3);
    const [what, why, mend] = ran.stdout.split("\n");
    expect(what).toMatch(/^broken {2}shop\/checkout: .*DEPLOYMENT_STOP_ON_/);
    expect(why).toMatch(/^ {2}why {3}\S/);
    expect(mend).toMatch(
      /^ {2}mend {2}aws deploy update-deployment-group .*--current-deployment-group-name checkout/,
    );
  });

  test("ends with 4 and the missing permission when a check could not look, and looks at all the rest", async () => {
    const denied = new UnavailableError(
      "reading the table: User: arn:aws:iam::0:user/anna is not authorized to perform: dynamodb:DescribeTable on resource: x",
    );
    const ran = await doctor([], ports({ hasTable: () => Promise.reject(denied) }));
    expect(ran.code).toBe(4);
    expect(ran.stdout).toMatch(
      /could not look {2}bellwether-local-deployments: needs dynamodb:DescribeTable/,
    );
    expect(ran.stdout).toMatch(/\d+ of \d+ checks are fine/);
  });

  test("looks only at the groups that are named, and refuses a name that is none", async () => {
    const given = ports({
      groups: async () => [
        { application: "shop", group: "checkout" },
        { application: "shop", group: "search" },
      ],
      group: async (name) => ({ ...GROUP, ...name }),
    });
    const ran = await doctor(["shop/search", "--json"], given);
    const { results } = JSON.parse(ran.stdout) as { results: { id: string; subject: string }[] };
    expect(results.filter(({ id }) => id === "rollback-events").map(({ subject }) => subject)).toEqual([
      "shop/search",
    ]);
    const refused = await doctor(["payments"], given);
    expect(refused).toMatchObject({ code: 2, stdout: "" });
    expect(refused.stderr).toContain("no Lambda deployment group of CodeDeploy is named payments");
  });

  test("prints the policy it takes, looking at nothing", async () => {
    const ran = await run(["doctor", "--print-policy"], { env: { BELLWETHER_STAGE: "prod" } });
    expect(ran.code).toBe(0);
    const { Statement } = JSON.parse(ran.stdout);
    expect(JSON.stringify(Statement)).toContain(":parameter/bellwether/prod/*");
    expect(JSON.stringify(Statement)).not.toMatch(/Put|Update|Delete|Create/);
  });
});
