import { describe, expect, test } from "vitest";
import type { BootstrapPorts } from "../../../cli/parts.ts";
import type { Proposal, StackEvent, StackOrder, StackSeen } from "../../../lib/ports/stacks.ts";
import { run } from "./run-command.ts";

const STACK = "AWS::CloudFormation::Stack";
const DEV = "536580886816";
const PROVIDER = `arn:aws:iam::${DEV}:oidc-provider/token.actions.githubusercontent.com`;
const NAME = "bellwether-bootstrap-dev";
const ARGS = ["bootstrap", "--stage", "dev", "--repository", "acme/bellwether"];
const NUMBERS = ["--owner-id", "1001", "--repository-id", "2002"];
const OUTPUTS = { DeployRoleArn: "arn:deploy", ArtifactBucket: "bucket", PlanRoleArn: "arn:plan" };

const ended = (status: string): StackEvent => ({ id: status, logicalId: NAME, type: STACK, status });
const READY: Proposal = {
  kind: "ready",
  changes: [{ action: "Add", logicalId: "DeployRole", type: "AWS::IAM::Role", isReplacement: false }],
};

type Account = {
  id?: string;
  seen?: StackSeen;
  audiences?: readonly string[];
  proposals?: Proposal[];
  /** What CloudFormation says after the change is carried out. */
  events?: StackEvent[];
};

/** An account whose CloudFormation keeps what it is told, and answers as the test says. */
const accountOf = ({ id = DEV, seen, audiences, proposals = [READY], events = [] }: Account = {}) => {
  const asked: string[] = [];
  const orders: StackOrder[] = [];
  let now = seen;
  let isExecuted = false;
  let at = 1_000_000;
  const ports: BootstrapPorts = {
    account: async () => id,
    providers: { audiences: async () => audiences ?? "none" },
    clock: {
      now: () => at,
      sleep: async (ms) => {
        at += ms;
      },
    },
    stacks: {
      read: async () => now ?? "none",
      propose: async (order, isNew) => {
        asked.push(isNew ? "create" : "update");
        orders.push(order);
        return "proposal";
      },
      proposal: async () => proposals.shift() ?? { kind: "pending" },
      withdraw: async () => {
        asked.push("withdraw");
      },
      execute: async () => {
        asked.push("execute");
        isExecuted = true;
        const [order] = orders;
        if (order && events.some(({ status }) => /^(CREATE|UPDATE)_COMPLETE$/.test(status)))
          now = { ...order, status: "CREATE_COMPLETE", outputs: OUTPUTS };
      },
      events: async () => (isExecuted ? events : []),
    },
  };
  return { asked, orders, parts: { connectBootstrap: async () => ports } };
};

describe("bootstrap", () => {
  test("makes the stack, shows what happens, and says what to tell GitHub", async () => {
    const { asked, orders, parts } = accountOf({
      proposals: [{ kind: "pending" }, READY],
      events: [ended("CREATE_COMPLETE")],
    });
    const ran = await run([...ARGS, ...NUMBERS, "--yes"], { parts });
    expect(ran.code).toBe(0);
    expect(asked).toEqual(["create", "execute"]);
    expect(orders[0]?.parameters).toMatchObject({
      SubjectForms: "immutable",
      RepositoryId: "2002",
      ExistingProviderArn: "",
    });
    expect(ran.stderr).toContain("repo:acme@1001/bellwether@2002:environment:dev");
    expect(ran.stderr).toContain("will add DeployRole (AWS::IAM::Role)");
    expect(ran.stderr).toContain("gh variable set DEPLOY_ROLE_ARN --env dev --body arn:deploy");
    expect(ran.stdout).toContain("bucket");
  });

  test("finds nothing to change the second time, and asks nothing of CloudFormation", async () => {
    const first = accountOf({ events: [ended("CREATE_COMPLETE")] });
    await run([...ARGS, ...NUMBERS, "--yes"], first);
    const [order] = first.orders;
    if (order === undefined) throw new Error("nothing was ordered");
    const second = accountOf({ seen: { ...order, status: "UPDATE_COMPLETE", outputs: OUTPUTS } });
    const ran = await run([...ARGS, ...NUMBERS, "--json"], second);
    expect(ran).toMatchObject({ code: 0, stdout: `${JSON.stringify(OUTPUTS, undefined, 2)}\n` });
    expect(ran.stderr).toContain("nothing to change");
    expect(second.asked).toEqual([]);
    const changed = await run([...ARGS, "--dry-run"], second);
    expect(changed.stdout).toContain('changes    SubjectForms from "immutable" to "named"');
    expect(changed.stdout).toContain("beware");
  });

  test("prints its plan and changes nothing in a dry run", async () => {
    const { asked, parts } = accountOf();
    const ran = await run([...ARGS, ...NUMBERS, "--dry-run"], { parts });
    expect(ran.code).toBe(0);
    expect(ran.stdout).toContain(
      "deploys    jobs of acme/bellwether/.github/workflows/deploy.yml@refs/heads/main",
    );
    expect(asked).toEqual([]);
  });

  test("uses the OIDC provider that the account has, unless it takes other audiences", async () => {
    const has = accountOf({ audiences: ["sts.amazonaws.com"], events: [ended("CREATE_COMPLETE")] });
    expect((await run([...ARGS, ...NUMBERS, "--yes"], has)).code).toBe(0);
    expect(has.orders[0]?.parameters.ExistingProviderArn).toBe(PROVIDER);
    const other = await run([...ARGS, ...NUMBERS, "--yes"], accountOf({ audiences: ["elsewhere"] }));
    expect(other.code).toBe(2);
    expect(other.stderr).toContain("does not take the audience sts.amazonaws.com");
  });

  test.each([
    ["no repository", ["bootstrap", "--stage", "dev"], "--repository OWNER/REPO"],
    [
      "a repository with a star",
      ["bootstrap", "--stage", "dev", "--repository", "acme/*"],
      "is not OWNER/REPO",
    ],
    ["one number of two", [...ARGS, "--owner-id", "1001"], "belong together"],
    ["a number that is none", [...ARGS, "--owner-id", "x", "--repository-id", "1"], "--owner-id"],
    [
      "the named subject alone, twice said",
      [...ARGS, "--accept-named-subject"],
      "--owner-id and --repository-id",
    ],
    ["a branch without refs/heads", [...ARGS, "--ref", "main"], "refs/heads/"],
    ["stage local", ["bootstrap", "--stage", "local", "--repository", "a/b"], "needs no bootstrap"],
    [
      "another account's provider",
      [...ARGS, "--provider-arn", "arn:aws:iam::1:oidc-provider/x"],
      "--provider-arn must be",
    ],
  ])("refuses %s with 2", async (_what, args, said) => {
    const { asked, parts } = accountOf();
    const ran = await run([...args, "--yes"], { parts });
    expect(ran.code).toBe(2);
    expect(ran.stderr).toContain(said);
    expect(asked).toEqual([]);
  });

  test("refuses credentials of another account with 2", async () => {
    const { asked, parts } = accountOf({ id: "111122223333" });
    const ran = await run([...ARGS, "--yes"], { parts });
    expect(ran.code).toBe(2);
    expect(ran.stderr).toContain(`your credentials are for account 111122223333, but dev is account ${DEV}`);
    expect(asked).toEqual([]);
  });

  test("tells the first failure, not its consequences, with 3", async () => {
    const events = [
      {
        id: "1",
        logicalId: "SigningKey",
        type: "AWS::KMS::Key",
        status: "CREATE_FAILED",
        reason: "denied by a service control policy",
      },
      {
        id: "2",
        logicalId: "DeployRole",
        type: "AWS::IAM::Role",
        status: "CREATE_FAILED",
        reason: "Resource creation cancelled",
      },
      ended("ROLLBACK_COMPLETE"),
    ];
    const ran = await run([...ARGS, "--yes"], accountOf({ events }));
    expect(ran.code).toBe(3);
    expect(ran.stderr.trim().split("\n").at(-1)).toBe(
      "bellwether: bootstrap ended as ROLLBACK_COMPLETE: SigningKey (AWS::KMS::Key): denied by a service control policy",
    );
  });

  test("never replaces what is kept: it withdraws, with 3", async () => {
    const change = { action: "Modify", logicalId: "SigningKey", type: "AWS::KMS::Key", isReplacement: true };
    const { asked, parts } = accountOf({ proposals: [{ kind: "ready", changes: [change] }] });
    const ran = await run([...ARGS, "--yes"], { parts });
    expect(ran.code).toBe(3);
    expect(ran.stderr).toContain("would remove or replace SigningKey");
    expect(asked).toEqual(["create", "withdraw"]);
  });

  test("says why CloudFormation will not have it, with 3", async () => {
    const broken = accountOf({ proposals: [{ kind: "broken", reason: "too large" }] });
    expect((await run([...ARGS, "--yes"], broken)).stderr).toContain("CloudFormation refuses: too large");
    expect(broken.asked).toEqual(["create", "withdraw"]);
    const seen = { status: "ROLLBACK_COMPLETE", template: "", parameters: {}, outputs: {} };
    const dead = await run([...ARGS, "--yes"], accountOf({ seen }));
    expect(dead).toMatchObject({ code: 3 });
    expect(dead.stderr).toContain("aws cloudformation delete-stack --stack-name bellwether-bootstrap-dev");
  });

  test("ends with 5 when it is still under way, and with 6 when nobody approved", async () => {
    const slow = await run(
      [...ARGS, "--yes", "--timeout", "4"],
      accountOf({ events: [ended("CREATE_IN_PROGRESS")] }),
    );
    expect(slow.code).toBe(5);
    const declined = accountOf();
    expect((await run(ARGS, { ...declined, isTty: true, answer: "n" })).code).toBe(6);
    expect(declined.asked).toEqual([]);
  });

  test("prints the template alone", async () => {
    const ran = await run(["bootstrap", "--template"], {});
    expect(ran.stdout).toMatch(/^# What an account needs/);
    expect(ran.code).toBe(0);
  });
});
