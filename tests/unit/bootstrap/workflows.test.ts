import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { ROOT } from "../../../build/handlers.ts";
import { readStage } from "../../../build/stages.ts";
import { differences, zipDigests } from "../../../build/zip-digests.ts";
import { stagePlace } from "../../../cli/stage-file.ts";
import { DEPLOYED_STAGES, doors, REPOSITORY } from "../../support/bootstrap.ts";
import type { Json } from "../../support/stack.ts";
import { type Claims, mayEnter } from "../../support/trust-policy.ts";

const FOLDER = join(ROOT, ".github");
const FILES = readdirSync(FOLDER, { recursive: true, encoding: "utf8" }).filter((file) =>
  file.endsWith(".yml"),
);
const WORKFLOWS = FILES.filter((file) => file.startsWith("workflows/"));
const textOf = (file: string): string => readFileSync(join(FOLDER, file), "utf8");
const read = (file: string): Json => parse(textOf(file));
const jobsOf = (file: string): [string, Json][] => Object.entries(read(file).jobs ?? {});
const stepsOf = (file: string): Json[] => [
  ...jobsOf(file).flatMap(([, job]) => job.steps),
  ...(read(file).runs?.steps ?? []),
];

/** Everything that a job may be given, and no more. */
const RIGHTS = ["contents read", "id-token write", "actions read"];

const { owner, ownerId, name, id } = REPOSITORY;

/** The claims of GitHub's token for a job, as its workflow file makes them. */
const claimsOf = (file: string, job: Json): Claims => {
  const { on } = read(file);
  const isForPulls = on.pull_request !== undefined;
  const ref = isForPulls ? "refs/pull/7/merge" : `refs/heads/${on.push.branches[0]}`;
  const where = job.environment === undefined ? "pull_request" : `environment:${job.environment}`;
  return {
    iss: "https://token.actions.githubusercontent.com",
    aud: "sts.amazonaws.com",
    sub: `repo:${owner}@${ownerId}/${name}@${id}:${where}`,
    repository: `${owner}/${name}`,
    repository_id: id,
    ref,
    job_workflow_ref: `${owner}/${name}/.github/${file}@${ref}`,
    ...(job.environment !== undefined && { environment: job.environment }),
  };
};

const identified = WORKFLOWS.flatMap((file) =>
  jobsOf(file)
    .filter(([, job]) => job.permissions?.["id-token"] === "write")
    .map(([job, body]) => ({ title: `${file} ${job}`, file, job, body })),
);

describe("the workflows", () => {
  it("are found, and are YAML with jobs and steps", () => {
    expect(FILES.sort()).toEqual([
      "actions/deploy-stage/action.yml",
      "workflows/ci.yml",
      "workflows/deploy.yml",
      "workflows/plan.yml",
    ]);
    for (const file of FILES) expect(stepsOf(file).length, file).toBeGreaterThan(0);
  });

  it.each(FILES)("%s names every foreign action by its commit, with the version beside it", (file) => {
    const uses = textOf(file)
      .split("\n")
      .filter((line) => /^\s*(- )?uses:/.test(line) && !/uses: \.\//.test(line));
    expect(uses.length).toBeGreaterThan(0);
    for (const line of uses) expect(line).toMatch(/uses: [\w.-]+\/[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/);
  });

  it.each(FILES)("%s lets nothing that GitHub hands in write its scripts", (file) => {
    for (const step of stepsOf(file)) expect(step.run ?? "").not.toContain("${{");
  });

  it.each(FILES)("%s leaves no git credentials behind", (file) => {
    for (const step of stepsOf(file))
      if (String(step.uses).startsWith("actions/checkout@"))
        expect(step.with["persist-credentials"]).toBe(false);
  });

  it.each(WORKFLOWS)(
    "%s starts from no rights, has no secrets, and never runs a stranger's code with rights",
    (file) => {
      expect(read(file).permissions).toEqual({});
      expect(textOf(file)).not.toMatch(/secrets\.|pull_request_target|workflow_run/);
      for (const [, job] of jobsOf(file)) {
        const rights = Object.entries(job.permissions).map(([right, level]) => `${right} ${level}`);
        expect(rights.filter((right) => !RIGHTS.includes(right))).toEqual([]);
        expect(job["timeout-minutes"]).toBeGreaterThan(0);
      }
    },
  );

  it("tell the deploy who approved it, which prod refuses to go without", () => {
    const action = textOf("actions/deploy-stage/action.yml");
    expect(action).toMatch(/actions\/runs\/\$GITHUB_RUN_ID\/approvals/);
    expect(action).toContain('--param="approvedBy=$approved_by"');
    expect(readStage("prod").approvalRequired).toBe(true);
  });

  it("ask for an identity in the jobs that deploy, and in the one that plans, which checks nothing out", () => {
    expect(identified.map(({ title }) => title)).toEqual([
      "workflows/deploy.yml dev",
      "workflows/deploy.yml sit",
      "workflows/deploy.yml prod",
      "workflows/plan.yml plan",
    ]);
    const [plan] = identified.slice(-1);
    expect(plan?.body.steps.filter((step: Json) => /checkout|setup-node/.test(step.uses ?? ""))).toEqual([]);
  });

  it.each(identified)("$title is let in where it wants to go, and nowhere else", ({ file, job, body }) => {
    const entered = doors()
      .filter(({ forms }) => forms === "immutable")
      .filter(({ policy, provider }) => mayEnter(policy, provider, claimsOf(file, body)))
      .map((door) => door.name);
    const wanted = job === "plan" ? DEPLOYED_STAGES.map((stage) => `${stage} plan`) : [`${job} deploy`];
    expect(entered).toEqual(wanted);
  });

  it("send each stage to the account and Region of its stage file", () => {
    const deploys = Object.fromEntries(
      jobsOf("workflows/deploy.yml")
        .filter(([job]) => job !== "build")
        .map(([job, { steps }]) => [
          job,
          steps.find((step: Json) => step.uses === "./.github/actions/deploy-stage").with,
        ]),
    );
    const plans = read("workflows/plan.yml").jobs.plan.strategy.matrix.include;
    expect(Object.keys(deploys)).toEqual([...DEPLOYED_STAGES]);
    for (const stage of DEPLOYED_STAGES) {
      expect(deploys[stage]).toMatchObject({ stage, ...stagePlace(stage) });
      expect(plans).toContainEqual(expect.objectContaining({ stage, ...stagePlace(stage) }));
    }
  });

  it("deploy to one stage after the other, one at a time, and never break a deployment off", () => {
    const jobs = Object.fromEntries(jobsOf("workflows/deploy.yml"));
    expect([jobs.dev.needs, jobs.sit.needs, jobs.prod.needs]).toEqual([
      "build",
      ["build", "dev"],
      ["build", "sit"],
    ]);
    for (const stage of DEPLOYED_STAGES)
      expect(jobs[stage].concurrency).toEqual({ group: `deploy-${stage}`, "cancel-in-progress": false });
  });
});

describe("the zips of a release", () => {
  it("must be the same for every stage, byte for byte", () => {
    const folder = mkdtempSync(join(tmpdir(), "zip-digests-"));
    try {
      for (const [stage, text] of [
        ["dev", "one"],
        ["sit", "one"],
        ["prod", "two"],
      ] as const) {
        mkdirSync(join(folder, stage));
        writeFileSync(join(folder, stage, "judge.zip"), text);
        writeFileSync(join(folder, stage, "template.json"), stage);
      }
      const [dev = "", sit = "", prod = ""] = DEPLOYED_STAGES.map((stage) => join(folder, stage));
      expect(differences([dev, sit])).toEqual([]);
      expect(differences([dev, sit, prod])).toEqual([`judge.zip is not the same in ${dev} and ${prod}`]);
      rmSync(join(sit, "judge.zip"));
      expect(differences([dev, sit])).toEqual([`judge.zip is not the same in ${dev} and ${sit}`]);
      expect(differences([sit])).toEqual([`${sit} holds no zip`]);
      expect(zipDigests(dev)[0]).toMatch(/^[0-9a-f]{64} {2}judge\.zip$/);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
