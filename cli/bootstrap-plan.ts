/** What `bootstrap` orders of CloudFormation, and how it says so in plain words. */
import { InputError } from "../lib/kit/errors.ts";
import type { StackOrder, StackSeen } from "../lib/ports/stacks.ts";
import type { StagePlace } from "./stage-file.ts";

export type BootstrapOptions = {
  repository?: string;
  ownerId?: string;
  repositoryId?: string;
  acceptNamedSubject?: boolean;
  workflow: string;
  planWorkflow: string;
  ref: string;
  providerArn?: string;
  boundaryName?: string;
};

// GitHub's own limits; the template holds the same.
const REPOSITORY = /^([A-Za-z0-9][A-Za-z0-9-]{0,38})\/([A-Za-z0-9._-]{1,100})$/;
const NUMBER = /^[1-9]\d{0,19}$/;
const FILE = /^[A-Za-z0-9._-]+\.ya?ml$/;
const REF = /^refs\/(heads|tags)\/[A-Za-z0-9._/-]+$/;
const PROVIDER_PATH = "oidc-provider/token.actions.githubusercontent.com";

/** GitHub's OIDC provider, which an account can have once. */
export const providerArnOf = (account: string): string => `arn:aws:iam::${account}:${PROVIDER_PATH}`;

const checked = (option: string, value: string, pattern: RegExp, what: string): string => {
  if (!pattern.test(value)) throw new InputError(`${option} ${JSON.stringify(value)} is not ${what}`);
  return value;
};

const subjectFormsOf = (options: BootstrapOptions): "immutable" | "named" | "both" => {
  if (options.ownerId === undefined) return "named";
  return options.acceptNamedSubject ? "both" : "immutable";
};

/** The template's parameters, every one of them. Throws InputError for an option that will not do. */
export const parametersOf = (stage: string, options: BootstrapOptions): Record<string, string> => {
  if (options.repository === undefined)
    throw new InputError("say whose workflows may enter: --repository OWNER/REPO");
  const [, owner = "", name = ""] =
    REPOSITORY.exec(checked("--repository", options.repository, REPOSITORY, "OWNER/REPO")) ?? [];
  if ((options.ownerId === undefined) !== (options.repositoryId === undefined))
    throw new InputError("--owner-id and --repository-id belong together: say both or neither");
  if (options.acceptNamedSubject && options.ownerId === undefined)
    throw new InputError(
      "--accept-named-subject is for an account that also knows --owner-id and --repository-id",
    );
  const numberOf = (option: string, value: string | undefined): string =>
    value === undefined ? "" : checked(option, value, NUMBER, "a number of GitHub's");
  return {
    Stage: stage,
    RepositoryOwner: owner,
    RepositoryName: name,
    RepositoryOwnerId: numberOf("--owner-id", options.ownerId),
    RepositoryId: numberOf("--repository-id", options.repositoryId),
    SubjectForms: subjectFormsOf(options),
    DeployWorkflow: checked("--workflow", options.workflow, FILE, "a file in .github/workflows"),
    PlanWorkflow: checked("--plan-workflow", options.planWorkflow, FILE, "a file in .github/workflows"),
    DeployRef: checked("--ref", options.ref, REF, "refs/heads/… or refs/tags/…"),
    ExistingProviderArn: options.providerArn ?? "",
    BoundaryName: options.boundaryName ?? "",
  };
};

export const orderOf = (parameters: Readonly<Record<string, string>>, template: string): StackOrder => ({
  name: `bellwether-bootstrap-${parameters.Stage}`,
  template,
  parameters,
  tags: { service: "bellwether-bootstrap", stage: parameters.Stage ?? "" },
});

/** The subjects that may deploy, as GitHub writes them. */
const subjectsOf = (given: Readonly<Record<string, string>>, suffix: string): string[] => {
  const named = `repo:${given.RepositoryOwner}/${given.RepositoryName}:${suffix}`;
  const immutable = `repo:${given.RepositoryOwner}@${given.RepositoryOwnerId}/${given.RepositoryName}@${given.RepositoryId}:${suffix}`;
  if (given.SubjectForms === "named") return [named];
  return given.SubjectForms === "both" ? [immutable, named] : [immutable];
};

const differencesOf = (seen: StackSeen, order: StackOrder): string[] => [
  ...(seen.template === order.template ? [] : ["the template"]),
  ...Object.entries(order.parameters)
    .filter(([name, value]) => (seen.parameters[name] ?? "") !== value)
    .map(([name, value]) => `${name} from "${seen.parameters[name] ?? ""}" to "${value}"`),
];

const BEWARE =
  "  beware     without --owner-id and --repository-id, a repository of the same name that is made anew may enter too";

/** The plan, a line each. `seen` is the stack that is there, if any. */
export const planLines = (
  place: StagePlace,
  order: StackOrder,
  seen: StackSeen | undefined,
  reason: string | undefined,
): string[] => {
  const given = order.parameters;
  const stage = given.Stage ?? "";
  const repository = `${given.RepositoryOwner}/${given.RepositoryName}`;
  const prefix = `bellwether-bootstrap-${stage}`;
  const { account, region } = place;
  const provider =
    given.ExistingProviderArn === ""
      ? "GitHub's OIDC provider"
      : "(uses the OIDC provider that the account has)";
  return [
    `bootstrap of ${stage}: account ${account}, ${region}`,
    `  stack      ${order.name}, ${seen === undefined ? "made anew" : `there as ${seen.status}`}`,
    ...(seen === undefined ? [] : differencesOf(seen, order).map((what) => `  changes    ${what}`)),
    `  makes      ${provider}`,
    `             roles ${prefix}-deploy and ${prefix}-plan`,
    `             permission boundary ${given.BoundaryName || `${prefix}-boundary`}, for every role of bellwether-${stage}`,
    `             bucket ${prefix}-artifacts-${account}-${region}`,
    `             key alias/bellwether-${stage}-signing, which only the deploy role can sign with`,
    `  deploys    jobs of ${repository}/.github/workflows/${given.DeployWorkflow}@${given.DeployRef}`,
    `             in GitHub environment ${stage}, and nobody else:`,
    ...subjectsOf(given, `environment:${stage}`).map((subject) => `             ${subject}`),
    `  looks      jobs of ${given.PlanWorkflow} for pull requests: what the stack is made of, no data, no secret, no change`,
    ...subjectsOf(given, "pull_request").map((subject) => `             ${subject}`),
    ...(given.SubjectForms === "named" ? [BEWARE] : []),
    ...(reason === undefined ? [] : [`  why        ${reason}`]),
  ];
};
