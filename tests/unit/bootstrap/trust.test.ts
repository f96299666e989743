import { describe, expect, it } from "vitest";
import { doors, REPOSITORY, type SubjectForms } from "../../support/bootstrap.ts";
import { type Claims, mayEnter } from "../../support/trust-policy.ts";

const { owner, ownerId, name, id } = REPOSITORY;
const NAMED = `repo:${owner}/${name}`;
const IMMUTABLE = `repo:${owner}@${ownerId}/${name}@${id}`;
const WORKFLOWS = `${owner}/${name}/.github/workflows`;

/** What GitHub says of a deploying job of `deploy.yml` on main, in the environment of its stage. */
const deploying = (stage: string, changes: Record<string, string | string[] | undefined> = {}): Claims => {
  const claims = {
    iss: "https://token.actions.githubusercontent.com",
    aud: "sts.amazonaws.com",
    sub: `${IMMUTABLE}:environment:${stage}`,
    repository: `${owner}/${name}`,
    repository_id: id,
    repository_owner: owner,
    repository_owner_id: ownerId,
    environment: stage,
    ref: "refs/heads/main",
    workflow: "deploy",
    job_workflow_ref: `${WORKFLOWS}/deploy.yml@refs/heads/main`,
    event_name: "push",
    actor: "anna",
    ...changes,
  };
  return Object.fromEntries(Object.entries(claims).filter(([, value]) => value !== undefined)) as Claims;
};

/** What GitHub says of a job of `plan.yml` for a pull request. No environment, so none in the token. */
const planning = (changes: Record<string, string | string[] | undefined> = {}): Claims =>
  deploying("", {
    sub: `${IMMUTABLE}:pull_request`,
    environment: undefined,
    ref: "refs/pull/7/merge",
    workflow: "plan",
    job_workflow_ref: `${WORKFLOWS}/plan.yml@refs/pull/7/merge`,
    event_name: "pull_request",
    ...changes,
  });

type Entered = Partial<Record<SubjectForms, string>>;
const NOBODY: Entered = {};
const PLANS = "dev plan, sit plan, prod plan";
const old = { sub: `${NAMED}:environment:prod` };

/** Who comes, with what in hand, and which roles they may be, by the forms of subject that the account takes. */
const TOKENS: readonly (readonly [string, Claims, Entered])[] = [
  ["the deploy job for dev", deploying("dev"), { immutable: "dev deploy", both: "dev deploy" }],
  ["the deploy job for sit", deploying("sit"), { immutable: "sit deploy", both: "sit deploy" }],
  ["the deploy job for prod", deploying("prod"), { immutable: "prod deploy", both: "prod deploy" }],
  ["an older repository's deploy job", deploying("prod", old), { named: "prod deploy", both: "prod deploy" }],
  [
    "that, in a repository of the same name made anew",
    deploying("prod", { ...old, repository_id: "9009" }),
    { named: "prod deploy" },
  ],
  [
    "an older token without a repository id",
    deploying("prod", { ...old, repository_id: undefined }),
    { named: "prod deploy" },
  ],
  ["the plan job of a pull request", planning(), { immutable: PLANS, both: PLANS }],
  [
    "an older repository's pull request",
    planning({ sub: `${NAMED}:pull_request` }),
    { named: PLANS, both: PLANS },
  ],
  // Who it is
  [
    "another owner",
    deploying("prod", { sub: `repo:evil@${ownerId}/${name}@${id}:environment:prod` }),
    NOBODY,
  ],
  [
    "another owner's number",
    deploying("prod", { sub: `repo:${owner}@1/${name}@${id}:environment:prod` }),
    NOBODY,
  ],
  [
    "another repository's number",
    deploying("prod", { sub: `repo:${owner}@${ownerId}/${name}@1:environment:prod` }),
    NOBODY,
  ],
  ["a repository id that is not the subject's", deploying("prod", { repository_id: "9009" }), NOBODY],
  [
    "the owner's number with a digit more",
    deploying("prod", { sub: `repo:${owner}@${ownerId}1/${name}@${id}:environment:prod` }),
    NOBODY,
  ],
  [
    "a repository whose name begins alike",
    deploying("prod", { sub: `repo:${owner}/${name}-evil:environment:prod` }),
    NOBODY,
  ],
  [
    "a repository whose name ends alike",
    deploying("prod", { sub: `repo:${owner}/my-${name}:environment:prod` }),
    NOBODY,
  ],
  [
    "an owner whose name ends alike",
    deploying("prod", { sub: `repo:not-${owner}/${name}:environment:prod` }),
    NOBODY,
  ],
  ["the owner in another case", deploying("prod", { sub: `repo:Acme/${name}:environment:prod` }), NOBODY],
  [
    "a Cyrillic look-alike of the owner",
    deploying("prod", { sub: `repo:аcme/${name}:environment:prod` }),
    NOBODY,
  ],
  [
    "the deploy job of a fork",
    deploying("prod", {
      sub: `repo:mallory@3003/${name}@4004:environment:prod`,
      repository: `mallory/${name}`,
      repository_id: "4004",
    }),
    NOBODY,
  ],
  [
    "the plan job of a fork, run in the fork",
    planning({
      sub: `repo:mallory@3003/${name}@4004:pull_request`,
      repository_id: "4004",
      job_workflow_ref: `mallory/${name}/.github/workflows/plan.yml@refs/pull/7/merge`,
    }),
    NOBODY,
  ],
  // Where it runs
  [
    "the branch form of main, no environment",
    deploying("prod", { sub: `${IMMUTABLE}:ref:refs/heads/main`, environment: undefined }),
    NOBODY,
  ],
  [
    "a tag",
    deploying("prod", { sub: `${IMMUTABLE}:ref:refs/tags/v1`, environment: undefined, ref: "refs/tags/v1" }),
    NOBODY,
  ],
  [
    "a pull request that names the deploy workflow",
    planning({ job_workflow_ref: `${WORKFLOWS}/deploy.yml@refs/pull/7/merge` }),
    NOBODY,
  ],
  [
    "a pull request job in the prod environment",
    deploying("prod", {
      ref: "refs/pull/7/merge",
      job_workflow_ref: `${WORKFLOWS}/deploy.yml@refs/pull/7/merge`,
    }),
    NOBODY,
  ],
  ["an environment nobody knows", deploying("staging"), NOBODY],
  ["the environment in another case", deploying("Prod"), NOBODY],
  ["an environment whose name begins alike", deploying("prod-eu"), NOBODY],
  ["a subject for prod, an environment claim for dev", deploying("prod", { environment: "dev" }), NOBODY],
  [
    "a colon smuggled into the environment's name",
    deploying("prod", {
      sub: `${IMMUTABLE}:environment:dev%3Aenvironment%3Aprod`,
      environment: "dev:environment:prod",
    }),
    NOBODY,
  ],
  ["a percent-encoded subject", deploying("prod", { sub: `${IMMUTABLE}%3Aenvironment%3Aprod` }), NOBODY],
  ["a star for the environment", deploying("*", { environment: "*" }), NOBODY],
  ["a star for the whole subject", deploying("prod", { sub: "*" }), NOBODY],
  ["a star for the repository", deploying("prod", { sub: `repo:${owner}/*:environment:prod` }), NOBODY],
  ["a line break behind the subject", deploying("prod", { sub: `${IMMUTABLE}:environment:prod\n` }), NOBODY],
  ["another branch", deploying("prod", { ref: "refs/heads/feature" }), NOBODY],
  // Which workflow it is
  [
    "another workflow of the repository",
    deploying("prod", { job_workflow_ref: `${WORKFLOWS}/ci.yml@refs/heads/main` }),
    NOBODY,
  ],
  [
    "the deploy workflow of another branch",
    deploying("prod", {
      ref: "refs/heads/feature",
      job_workflow_ref: `${WORKFLOWS}/deploy.yml@refs/heads/feature`,
    }),
    NOBODY,
  ],
  [
    "the deploy workflow of a branch named like main",
    deploying("prod", { job_workflow_ref: `${WORKFLOWS}/deploy.yml@refs/heads/main2` }),
    NOBODY,
  ],
  [
    "the deploy workflow of a tag called main",
    deploying("prod", { job_workflow_ref: `${WORKFLOWS}/deploy.yml@refs/tags/main` }),
    NOBODY,
  ],
  [
    "the deploy workflow at a commit",
    deploying("prod", { job_workflow_ref: `${WORKFLOWS}/deploy.yml@${"a".repeat(40)}` }),
    NOBODY,
  ],
  [
    "a reusable workflow of another repository",
    deploying("prod", { job_workflow_ref: "evil/tools/.github/workflows/deploy.yml@refs/heads/main" }),
    NOBODY,
  ],
  ["no job_workflow_ref at all", deploying("prod", { job_workflow_ref: undefined }), NOBODY],
  [
    "a pull request by another workflow",
    planning({ job_workflow_ref: `${WORKFLOWS}/ci.yml@refs/pull/7/merge` }),
    NOBODY,
  ],
  [
    "the plan workflow on a branch that spells a pull",
    planning({ job_workflow_ref: `${WORKFLOWS}/plan.yml@refs/heads/refs/pull/7/merge` }),
    NOBODY,
  ],
  [
    "the plan workflow on main",
    planning({
      sub: `${IMMUTABLE}:ref:refs/heads/main`,
      job_workflow_ref: `${WORKFLOWS}/plan.yml@refs/heads/main`,
    }),
    NOBODY,
  ],
  // What kind of token it is
  ["no audience", deploying("prod", { aud: undefined }), NOBODY],
  ["GitHub's default audience", deploying("prod", { aud: `https://github.com/${owner}` }), NOBODY],
  ["another cloud's audience", deploying("prod", { aud: "api://AzureADTokenExchange" }), NOBODY],
  ["two audiences, ours among them", deploying("prod", { aud: ["sts.amazonaws.com", "evil"] }), NOBODY],
  ["no subject", deploying("prod", { sub: undefined }), NOBODY],
  ["an empty subject", deploying("prod", { sub: "" }), NOBODY],
  [
    "two subjects, ours among them",
    deploying("prod", { sub: [`${IMMUTABLE}:environment:prod`, "repo:evil/evil:pull_request"] }),
    NOBODY,
  ],
  ["another issuer", deploying("prod", { iss: "https://token.actions.example.com" }), NOBODY],
  [
    "an enterprise's issuer",
    deploying("prod", { iss: "https://token.actions.githubusercontent.com/acme" }),
    NOBODY,
  ],
  [
    "a workflow on another forge",
    deploying("prod", {
      iss: "https://gitlab.com",
      sub: `project_path:${owner}/${name}:ref_type:branch:ref:main`,
    }),
    NOBODY,
  ],
];

const DOORS = doors();
const line = (what: string, entered: Entered): string =>
  `${what.padEnd(52)} ${(["immutable", "named", "both"] as const).map((forms) => (entered[forms] ?? "-").padEnd(29)).join(" ")}`.trimEnd();

const enteredBy = (claims: Claims): Entered => {
  const open = DOORS.filter(({ policy, provider }) => mayEnter(policy, provider, claims));
  const forms = new Set(open.map((door) => door.forms));
  return Object.fromEntries(
    [...forms].map((form) => [
      form,
      open
        .filter((door) => door.forms === form)
        .map((door) => door.name)
        .join(", "),
    ]),
  );
};

describe("who may enter from GitHub", () => {
  it("tries at least 30 tokens at 18 doors", () => {
    expect(TOKENS.length).toBeGreaterThanOrEqual(30);
    expect(new Set(TOKENS.map(([what]) => what)).size).toBe(TOKENS.length);
    expect(DOORS).toHaveLength(18);
  });

  it("is as this table says: the token, then the roles by forms of subject taken", () => {
    const heads = line("token", { immutable: "immutable", named: "named", both: "both" });
    const found = [heads, ...TOKENS.map(([what, claims]) => line(what, enteredBy(claims)))];
    const wanted = [heads, ...TOKENS.map(([what, , entered]) => line(what, entered))];
    expect(found.join("\n")).toBe(wanted.join("\n"));
  });

  it.each(TOKENS)("%s", (_what, claims, entered) => {
    expect(enteredBy(claims)).toEqual(entered);
  });

  it.each(["sub", "job_workflow_ref", "ref", "environment", "repository_id"])(
    "would let a stranger in if %s were not asked for",
    (claim) => {
      const key = `token.actions.githubusercontent.com:${claim}`;
      const unasked = DOORS.map((door) => {
        const Statement = door.policy.Statement.map((statement) => {
          const { [key]: _dropped, ...StringEquals } = statement.Condition?.StringEquals ?? {};
          return { ...statement, Condition: { ...statement.Condition, StringEquals } };
        });
        return { ...door, policy: { Statement } };
      });
      const differing = TOKENS.filter(([, claims]) =>
        DOORS.some(
          ({ policy, provider }, index) =>
            mayEnter(policy, provider, claims) !==
            mayEnter(unasked[index]?.policy ?? policy, provider, claims),
        ),
      );
      expect(differing.length).toBeGreaterThan(0);
    },
  );

  it("is never decided by a wildcard or by a set operator, but for a pull request's number", () => {
    for (const { policy, name: door } of DOORS) {
      const [statement] = policy.Statement;
      const { StringEquals, ...others } = statement?.Condition ?? {};
      expect(JSON.stringify(StringEquals)).not.toContain("*");
      expect(Object.keys(others)).toEqual(door.endsWith("plan") ? ["StringLike"] : []);
      if (door.endsWith("plan"))
        expect(others.StringLike).toEqual({
          "token.actions.githubusercontent.com:job_workflow_ref": `${WORKFLOWS}/plan.yml@refs/pull/*/merge`,
        });
    }
  });
});
