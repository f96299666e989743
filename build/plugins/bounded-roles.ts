type Role = { Type: string; Properties: { PermissionsBoundary?: unknown } };
type Serverless = {
  getProvider(name: "aws"): { getStage(): string };
  service: { provider: { compiledCloudFormationTemplate: { Resources: Record<string, Role> } } };
};

/**
 * Serverless plugin: every role of the stack bears the boundary that `bellwether bootstrap` made in the account. The deploy role
 * can make no other. The local account has no bootstrap.
 */
export default function boundedRoles(serverless: Serverless) {
  return {
    hooks: {
      "after:aws:package:finalize:mergeCustomProviderResources": () => {
        const stage = serverless.getProvider("aws").getStage();
        if (stage === "local") return;
        const { Resources } = serverless.service.provider.compiledCloudFormationTemplate;
        for (const { Type, Properties } of Object.values(Resources))
          if (Type === "AWS::IAM::Role")
            Properties.PermissionsBoundary ??= {
              "Fn::Sub": `arn:\${AWS::Partition}:iam::\${AWS::AccountId}:policy/bellwether-bootstrap-${stage}-boundary`,
            };
      },
    },
  };
}
