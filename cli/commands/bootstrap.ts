/** `bootstrap`: what an account needs before GitHub may deploy into it. Done once per stage, by a person. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Command } from "commander";
import { isAsOrdered, isThere, obstacleOf, type Raised, raiseStack } from "../../lib/app/raise-stack.ts";
import { InputError, unreachable } from "../../lib/kit/errors.ts";
import { SECOND_MS } from "../../lib/kit/time.ts";
import type { StackOrder } from "../../lib/ports/stacks.ts";
import { approve } from "../approve.ts";
import { type BootstrapOptions, orderOf, parametersOf, planLines, providerArnOf } from "../bootstrap-plan.ts";
import { EXIT, ExitError } from "../exit-code.ts";
import { paint, print, printJson, tell, write } from "../io.ts";
import type { BootstrapPorts } from "../parts.ts";
import { changing, ending, type Session } from "../session.ts";
import { stageOf } from "../stage.ts";
import { stagePlace } from "../stage-file.ts";
import { wholeNumber } from "../whole-number.ts";

const TEMPLATE_FILE = join(import.meta.dirname, "..", "..", "bootstrap", "bootstrap.yml");
const TIMEOUT_SECONDS_DEFAULT = 600;
const AUDIENCE = "sts.amazonaws.com";

type Options = BootstrapOptions & {
  template?: boolean;
  dryRun?: boolean;
  yes?: boolean;
  reason?: string;
  json?: boolean;
  timeout: number;
};

/** The provider to use instead of making one: as said, as before, or the one that the account has. */
const providerFor = async (
  ports: BootstrapPorts,
  stage: string,
  account: string,
  said: string | undefined,
): Promise<string> => {
  const before = await ports.stacks.read(`bellwether-bootstrap-${stage}`);
  if (said === undefined && isThere(before)) return before.parameters.ExistingProviderArn ?? "";
  const arn = said ?? providerArnOf(account);
  if (arn !== providerArnOf(account))
    throw new InputError(
      `--provider-arn must be ${providerArnOf(account)}, GitHub's provider in this account`,
    );
  const audiences = await ports.providers.audiences(arn);
  if (audiences === "none") {
    if (said !== undefined) throw new InputError(`account ${account} has no provider ${said}`);
    return "";
  }
  if (!audiences.includes(AUDIENCE))
    throw new InputError(
      `the account's OIDC provider does not take the audience ${AUDIENCE}: aws iam add-client-id-to-open-id-connect-provider --open-id-connect-provider-arn ${arn} --client-id ${AUDIENCE}`,
    );
  return arn;
};

const sayDone = async (
  session: Session,
  stage: string,
  outputs: Readonly<Record<string, string>>,
  asJson: boolean,
): Promise<void> => {
  const { io } = session;
  if (asJson) return printJson(io, outputs);
  for (const [name, value] of Object.entries(outputs)) await print(io, `${name.padEnd(16)} ${value}`);
  const variables = [
    ["DEPLOY_ROLE_ARN", ` --env ${stage}`, outputs.DeployRoleArn],
    ["ARTIFACT_BUCKET", ` --env ${stage}`, outputs.ArtifactBucket],
    [`PLAN_ROLE_ARN_${stage.toUpperCase()}`, "", outputs.PlanRoleArn],
  ] as const;
  const known = variables.filter(([, , value]) => value !== undefined);
  if (known.length === 0) return;
  await tell(io, "\nNow tell GitHub, once:");
  for (const [name, where, value] of known)
    await tell(io, `  gh variable set ${name}${where} --body ${value}`);
  await tell(
    io,
    `and protect the environment ${stage}: who may approve it, and that only the deploying branch may use it.`,
  );
};

const sayHowItEnded = async (
  session: Session,
  stage: string,
  raised: Raised,
  asJson: boolean,
): Promise<number> => {
  switch (raised.kind) {
    case "unchanged":
      await tell(session.io, "nothing to change");
      await sayDone(session, stage, raised.outputs, asJson);
      return EXIT.done;
    case "done":
      await sayDone(session, stage, raised.outputs, asJson);
      return EXIT.done;
    case "refused":
      throw new ExitError(EXIT.failed, `nothing was changed: ${raised.why}`);
    case "failed":
      throw new ExitError(EXIT.failed, `bootstrap ended as ${raised.status}: ${raised.why}`);
    case "running":
      throw new ExitError(
        EXIT.stillRunning,
        `still under way; CloudFormation goes on, look with: aws cloudformation describe-stacks --stack-name bellwether-bootstrap-${stage}`,
      );
    default:
      return unreachable(raised);
  }
};

const raise = (session: Session, ports: BootstrapPorts, order: StackOrder, timeoutMs: number) => {
  const { io } = session;
  const say = (line: string): void => void io.stderr.write(`${line}\n`);
  return changing(() =>
    raiseStack(
      ports,
      order,
      {
        changes: (changes) => {
          for (const { action, logicalId, type } of changes)
            say(`will ${action.toLowerCase()} ${logicalId} (${type})`);
        },
        event: ({ status, logicalId, reason }) => {
          const style = status.endsWith("_FAILED") ? "red" : "dim";
          say(
            `${paint(io, style, status.padEnd(20))} ${logicalId}${reason === undefined ? "" : `: ${reason}`}`,
          );
        },
      },
      ports.clock.now() + timeoutMs,
    ),
  );
};

const bootstrap = async (session: Session, options: Options): Promise<number> => {
  const { io } = session;
  const template = readFileSync(TEMPLATE_FILE, "utf8");
  if (options.template) {
    await write(io.stdout, template);
    return EXIT.done;
  }
  const stage = stageOf(session.common.stage, io.env);
  if (stage === "local")
    throw new InputError("stage local needs no bootstrap: nobody deploys into it from GitHub");
  const place = stagePlace(stage);
  const parameters = parametersOf(stage, options);
  const ports = await session.parts.connectBootstrap(place.region);
  const account = await ports.account();
  if (account !== place.account)
    throw new InputError(
      `your credentials are for account ${account}, but ${stage} is account ${place.account} (stages/${stage}.yml); nothing was changed`,
    );
  parameters.ExistingProviderArn = await providerFor(ports, stage, account, options.providerArn);
  const order = orderOf(parameters, template);
  const seen = await ports.stacks.read(order.name);
  if (isAsOrdered(seen, order))
    return sayHowItEnded(session, stage, { kind: "unchanged", outputs: seen.outputs }, options.json === true);
  const obstacle = obstacleOf(seen, order.name);
  if (obstacle !== undefined) return sayHowItEnded(session, stage, { kind: "refused", why: obstacle }, false);

  const plan = planLines(place, order, isThere(seen) ? seen : undefined, options.reason);
  const wish = {
    stageName: stage,
    isDryRun: options.dryRun === true,
    isYes: options.yes === true,
    reason: options.reason,
  };
  if (!(await approve(io, plan, wish))) return EXIT.done;
  session.goesOn = `CloudFormation goes on with ${order.name}; run the same command again to follow`;
  const raised = await raise(session, ports, order, options.timeout * SECOND_MS);
  return sayHowItEnded(session, stage, raised, options.json === true);
};

export const addBootstrap = (program: Command, session: Session): void => {
  program
    .command("bootstrap")
    .description(
      "make what an account needs before GitHub may deploy into it: roles, limits, bucket, signing key",
    )
    .option("--repository <owner/repo>", "whose workflows may enter, in the very case GitHub shows")
    .option("--owner-id <number>", "the owner's number: gh api /users/OWNER --jq .id")
    .option("--repository-id <number>", "the repository's number: gh api /repos/OWNER/REPO --jq .id")
    .option("--accept-named-subject", "take the subject without numbers too, while a repository changes over")
    .option("--workflow <file>", "the one workflow that may deploy", "deploy.yml")
    .option("--plan-workflow <file>", "the one workflow that may look, for pull requests", "plan.yml")
    .option("--ref <ref>", "the one git ref that may deploy", "refs/heads/main")
    .option("--provider-arn <arn>", "GitHub's OIDC provider, where the account has one (found by itself)")
    .option("--boundary-name <name>", "another name for the permission boundary")
    .option("--template", "print the CloudFormation template and do nothing")
    .option("--dry-run", "print the plan and change nothing")
    .option("--yes", "do not ask")
    .option("--reason <text>", "why; needed on prod without a terminal")
    .option("--timeout <seconds>", "how long to wait", wholeNumber(1, 3_600), TIMEOUT_SECONDS_DEFAULT)
    .option("--json", "print what was made as JSON")
    .addHelpText(
      "after",
      "\nRun by a person with administrator rights in the stage's account (stages/<stage>.yml names it). Running it again\n" +
        "brings the account up to the template, or says that there is nothing to change. Exits 3 when CloudFormation refused or\n" +
        "took it back, 5 when it is still under way, 6 when it was not approved.\n" +
        "\nExamples:\n  $ bellwether bootstrap --stage prod --repository acme/bellwether --owner-id 1001 --repository-id 2002 --dry-run\n" +
        "  $ bellwether bootstrap --template > bootstrap.yml",
    )
    .action(ending(session, (options: Options) => bootstrap(session, options)));
};
