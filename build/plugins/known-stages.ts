import { readStage, type StageFile } from "../stages.ts";

type Resource = { Type: string; Properties: Record<string, unknown> };

type Serverless = {
  getProvider(name: "aws"): { getStage(): string };
  serviceDir: string;
  classes: { Error: new (message: string, code: string) => Error };
  service: { provider: { compiledCloudFormationTemplate: { Resources: Record<string, Resource> } } };
};

/** Gives every role the boundary and every log group the key that the stage asks for, also those that Serverless made. */
const harden = (resources: Record<string, Resource>, stage: StageFile): void => {
  for (const { Type, Properties } of Object.values(resources)) {
    if (Type === "AWS::IAM::Role" && stage.permissionsBoundary !== undefined)
      Properties.PermissionsBoundary = stage.permissionsBoundary;
    if (Type === "AWS::Logs::LogGroup" && stage.logEncryption === "customer-key")
      Properties.KmsKeyId = { "Fn::GetAtt": ["LogKey", "Arn"] };
  }
};

/** Serverless plugin: refuses a stage that is not in the list or whose file is wrong, in one line, before anything else is read. */
export default function knownStages(serverless: Serverless, options: { stage?: string }) {
  let stage: StageFile;
  try {
    stage = readStage(options.stage ?? "dev", serverless.serviceDir);
  } catch (error) {
    throw new serverless.classes.Error(error instanceof Error ? error.message : String(error), "BAD_STAGE");
  }
  return {
    hooks: {
      "after:aws:package:finalize:mergeCustomProviderResources": () =>
        harden(serverless.service.provider.compiledCloudFormationTemplate.Resources, stage),
    },
  };
}
