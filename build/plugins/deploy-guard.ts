import { awsCloud, type ClientConfig } from "../aws-cloud.ts";
import { type Checked, type Cloud, checkDeploy, checkRemoval, type Intent } from "../deploy-check.ts";
import { readStage } from "../stages.ts";

type Serverless = {
  getProvider(name: "aws"): {
    getStage(): string;
    getRegion(): string;
    getAwsSdkV3Config(): Promise<ClientConfig>;
  };
  serviceDir: string;
  processedInput: { commands: readonly string[] };
  classes: { Error: new (message: string, code: string) => Error };
};
type Utils = { log: { warning(line: string): void } };

/** What changes an account, by the first word of the command. */
const CHECKS: Readonly<Record<string, (cloud: Cloud, intent: Intent) => Promise<Checked>>> = {
  deploy: checkDeploy,
  rollback: checkRemoval,
  remove: checkRemoval,
};

/** The value of `--param="approvedBy=…"`. */
const approverIn = (params: readonly string[] = []): string | undefined =>
  params.find((param) => param.startsWith("approvedBy="))?.slice("approvedBy=".length);

/** Serverless plugin: looks before `deploy`, `rollback` and `remove` change anything, and refuses in one line. */
export default function deployGuard(
  serverless: Serverless,
  options: { param?: readonly string[] },
  { log }: Utils,
) {
  const look = async (): Promise<void> => {
    const [command = "", sub] = serverless.processedInput.commands;
    const check = sub === "list" ? undefined : CHECKS[command];
    if (check === undefined) return;
    const provider = serverless.getProvider("aws");
    const stage = provider.getStage();
    const approvedBy = approverIn(options.param);
    const { refusal, warnings } = await check(awsCloud(await provider.getAwsSdkV3Config()), {
      stage,
      file: readStage(stage, serverless.serviceDir),
      region: provider.getRegion(),
      ...(approvedBy !== undefined && { approvedBy }),
    });
    if (refusal !== undefined) throw new serverless.classes.Error(refusal, "DEPLOY_REFUSED");
    for (const line of warnings) log.warning(line);
  };
  return { hooks: { initialize: look } };
}
