import { readStage, type StageFile } from "../stages.ts";

type Resource = { Type: string; Properties: Record<string, unknown> };

type Serverless = {
  getProvider(name: "aws"): { getStage(): string };
  serviceDir: string;
  classes: { Error: new (message: string, code: string) => Error };
  service: { provider: { compiledCloudFormationTemplate: { Resources: Record<string, Resource> } } };
};

const boundaryOf = (policy: string) => ({
  "Fn::Sub": `arn:\${AWS::Partition}:iam::\${AWS::AccountId}:policy/${policy}`,
});

/** Every role with the boundary and every log group with the key that the stage asks for, also those that Serverless made. */
export const hardened = (resources: Record<string, Resource>, stage: StageFile): Record<string, Resource> =>
  Object.fromEntries(
    Object.entries(resources).map(([logicalId, resource]) => {
      const { permissionsBoundary, logEncryption } = stage;
      const added = {
        ...(resource.Type === "AWS::IAM::Role" &&
          permissionsBoundary !== undefined && { PermissionsBoundary: boundaryOf(permissionsBoundary) }),
        ...(resource.Type === "AWS::Logs::LogGroup" &&
          logEncryption === "customer-key" && { KmsKeyId: { "Fn::GetAtt": ["LogKey", "Arn"] } }),
      };
      return [logicalId, { ...resource, Properties: { ...resource.Properties, ...added } }];
    }),
  );

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
      // After whatever other plugins add: their roles need the boundary too.
      "before:aws:package:finalize:saveServiceState": () => {
        const template = serverless.service.provider.compiledCloudFormationTemplate;
        template.Resources = hardened(template.Resources, stage);
      },
    },
  };
}
