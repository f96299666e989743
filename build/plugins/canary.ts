import {
  type CanarySettings,
  FUNCTION_SCHEMA,
  type FunctionCanary,
  isCanaried,
  SETTINGS_SCHEMA,
  shiftOf,
} from "../canary/settings.ts";
import { type Template, withCanaries } from "../canary/template.ts";

type ServiceFunction = {
  name: string;
  canary?: FunctionCanary;
  /** Set here, read by the framework: it publishes a version whose logical id holds a hash of code and configuration … */
  versionFunction?: boolean;
  /** … which it notes down here, and points every trigger at the alias. */
  versionLogicalId?: string;
  targetAlias?: { name: string; logicalId: string };
};

type Serverless = {
  service: {
    custom: { canary?: CanarySettings };
    functions: Record<string, ServiceFunction>;
    provider: { compiledCloudFormationTemplate: Template };
  };
  getProvider(name: "aws"): { naming: { getLambdaLogicalId(functionName: string): string } };
  configSchemaHandler: {
    defineCustomProperties(schema: object): void;
    defineFunctionProperties(provider: "aws", schema: object): void;
  };
  classes: { Error: new (message: string, code: string) => Error };
};

/**
 * Serverless plugin: ships functions by CodeDeploy's canary, as `custom.canary` says (build/canary/settings.ts).
 * Every function but the hooks shifts; a function's own `canary` says otherwise. The framework versions the functions and
 * points their triggers at the aliases; this adds the aliases, and CodeDeploy's application, groups and role.
 */
export default function canary(serverless: Serverless) {
  serverless.configSchemaHandler.defineCustomProperties({
    type: "object",
    properties: { canary: SETTINGS_SCHEMA },
  });
  serverless.configSchemaHandler.defineFunctionProperties("aws", {
    type: "object",
    properties: { canary: FUNCTION_SCHEMA },
  });

  const idOf = (key: string): string => serverless.getProvider("aws").naming.getLambdaLogicalId(key);

  const refuse = (message: string): never => {
    throw new serverless.classes.Error(`custom.canary: ${message}`, "CANARY");
  };

  const hookIdOf = (key: string | undefined): string | undefined => {
    if (key === undefined) return undefined;
    return key in serverless.service.functions ? idOf(key) : refuse(`no function is called "${key}"`);
  };

  const canaried = (settings: CanarySettings): [string, ServiceFunction][] =>
    Object.entries(serverless.service.functions).filter(([key, lambda]) =>
      isCanaried(settings, key, lambda.canary),
    );

  const aimAtAliases = (): void => {
    const settings = serverless.service.custom.canary;
    if (settings === undefined) return;
    for (const [key, lambda] of canaried(settings)) {
      lambda.versionFunction = true;
      lambda.targetAlias = { name: settings.alias, logicalId: `${idOf(key)}Alias` };
    }
  };

  /** The framework compiles versioned functions side by side: without an order of ours, every run would have another. */
  const putInOrder = (): void => {
    const template = serverless.service.provider.compiledCloudFormationTemplate;
    const byName = Object.entries(template.Resources).sort(([left], [right]) => (left < right ? -1 : 1));
    template.Resources = Object.fromEntries(byName);
  };

  const addCanaries = (): void => {
    const settings = serverless.service.custom.canary;
    if (settings === undefined) return;
    const { provider } = serverless.service;
    const functions = canaried(settings).map(([key, { name, canary: own, versionLogicalId }]) => ({
      name,
      functionId: idOf(key),
      versionId: versionLogicalId ?? refuse(`function "${key}" was given no version`),
      aliasId: `${idOf(key)}Alias`,
      ...shiftOf(settings, own),
    }));
    const before = hookIdOf(settings.hooks?.before);
    const after = hookIdOf(settings.hooks?.after);
    const hooks = { ...(before !== undefined && { before }), ...(after !== undefined && { after }) };
    try {
      provider.compiledCloudFormationTemplate = withCanaries(
        provider.compiledCloudFormationTemplate,
        settings,
        functions,
        hooks,
      );
    } catch (error) {
      refuse((error as Error).message);
    }
  };

  return {
    hooks: {
      "before:package:compileFunctions": aimAtAliases,
      "after:package:compileFunctions": putInOrder,
      "after:aws:package:finalize:mergeCustomProviderResources": addCanaries,
    },
  };
}
