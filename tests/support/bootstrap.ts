/** The bootstrap template as one account gets it: read as plain YAML, its references answered. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { ROOT } from "../../build/handlers.ts";
import type { Account } from "../../local/account.ts";
import { resolveIn } from "../../local/cloudformation/intrinsics.ts";
import { scopeOf } from "../../local/cloudformation/scope.ts";
import type { Json } from "./stack.ts";
import type { Provider, TrustPolicy } from "./trust-policy.ts";

export const DEPLOYED_STAGES = ["dev", "sit", "prod"] as const;
export type DeployedStage = (typeof DEPLOYED_STAGES)[number];

export const BOOTSTRAP_FILE = join(ROOT, "bootstrap", "bootstrap.yml");
export const ACCOUNTS: Readonly<Record<DeployedStage, { account: string; region: string }>> = {
  dev: { account: "536580886816", region: "eu-west-1" },
  sit: { account: "815856636111", region: "eu-west-1" },
  prod: { account: "093646564004", region: "af-south-1" },
};

/** The repository that may enter in tests. */
export const REPOSITORY = { owner: "acme", ownerId: "1001", name: "bellwether", id: "2002" } as const;

export const SUBJECT_FORMS = ["immutable", "named", "both"] as const;
export type SubjectForms = (typeof SUBJECT_FORMS)[number];

export const parametersFor = (stage: DeployedStage, forms: SubjectForms): Record<string, string> => ({
  Stage: stage,
  RepositoryOwner: REPOSITORY.owner,
  RepositoryName: REPOSITORY.name,
  RepositoryOwnerId: forms === "named" ? "" : REPOSITORY.ownerId,
  RepositoryId: forms === "named" ? "" : REPOSITORY.id,
  SubjectForms: forms,
});

/** The template without its references answered. */
export const bootstrapTemplate = (): Json => parse(readFileSync(BOOTSTRAP_FILE, "utf8"));

/** Properties of every resource that an account with these parameters gets, by logical id. */
export const bootstrapResources = (
  stage: DeployedStage,
  parameters: Readonly<Record<string, string>>,
): Record<string, Json> => {
  const template = bootstrapTemplate();
  const { account, region } = ACCOUNTS[stage];
  const partial = { id: account, region } as Account;
  const arn = (name: string): string => `arn:aws:iam::${account}:${name}`;
  const made = new Map(
    Object.entries({
      GitHubProvider: arn("oidc-provider/token.actions.githubusercontent.com"),
      DeployRole: arn(`role/bellwether-bootstrap-${stage}-deploy`),
      PlanRole: arn(`role/bellwether-bootstrap-${stage}-plan`),
      Boundary: arn(`policy/bellwether-bootstrap-${stage}-boundary`),
      Artifacts: `arn:aws:s3:::bellwether-bootstrap-${stage}-artifacts-${account}-${region}`,
      SigningKey: `arn:aws:kms:${region}:${account}:key/signing`,
    }).map(([name, ref]) => [name, { ref, attributes: { Arn: ref } }]),
  );
  const stackName = `bellwether-bootstrap-${stage}`;
  const scope = scopeOf({ account: partial, template, stackName, parameters, made });
  const resolve = resolveIn(scope);
  return Object.fromEntries(
    Object.entries(template.Resources as Record<string, Json>)
      .filter(([, { Condition }]) => Condition === undefined || scope.condition(Condition))
      .map(([logicalId, { Properties }]) => [logicalId, resolve(Properties)]),
  );
};

export type Door = { name: string; forms: SubjectForms; provider: Provider; policy: TrustPolicy };

/** Every role that GitHub's tokens could be for: three stages, two duties, by the forms of subject they take. */
export const doors = (): Door[] =>
  DEPLOYED_STAGES.flatMap((stage) =>
    SUBJECT_FORMS.flatMap((forms) => {
      const resources = bootstrapResources(stage, parametersFor(stage, forms));
      const { Url, ClientIdList } = resources.GitHubProvider;
      const provider = {
        arn: `arn:aws:iam::${ACCOUNTS[stage].account}:oidc-provider/token.actions.githubusercontent.com`,
        issuer: Url,
        audiences: ClientIdList,
      };
      return (["deploy", "plan"] as const).map((duty) => ({
        name: `${stage} ${duty}`,
        forms,
        provider,
        policy: resources[duty === "deploy" ? "DeployRole" : "PlanRole"].AssumeRolePolicyDocument,
      }));
    }),
  );
