/** Makes a packaged stack's resources in the account, in the order of their references, by the services' own makers. */
import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { basename, join, resolve as resolvePath } from "node:path";
import {
  type Account,
  AwsError,
  type Json,
  type Made,
  type ResourceMaker,
  type Service,
} from "../account.ts";
import { StartError } from "../start-error.ts";
import { resolveIn } from "./intrinsics.ts";
import { orderOf } from "./order.ts";
import { QUIET_TYPES } from "./quiet-types.ts";
import { scopeOf } from "./scope.ts";
import { readTemplate, stackNameOf, type Template, type TemplateResource } from "./template.ts";

const TABLE = "AWS::DynamoDB::Table";
const FUNCTION = "AWS::Lambda::Function";

type Makers = Readonly<Record<string, ResourceMaker>>;
type Resources = Readonly<Record<string, TemplateResource>>;

/** A resource that stands, and the properties it was made from. */
export type Standing = Made & { type: string; properties: Json };

export type Instantiated = {
  stackName: string;
  outputs: Readonly<Record<string, string>>;
  /** By logical id, in the order they were made. */
  resources: ReadonlyMap<string, Standing>;
};

/** A checked template whose resources can be made one by one. What stands already answers references. */
export type Plan = {
  stackName: string;
  /** Logical ids, each after those it depends on. */
  order: readonly string[];
  typeOf(logicalId: string): string;
  /** With every reference answered; what they refer to must stand. */
  propertiesOf(logicalId: string): Json;
  updatePolicyOf(logicalId: string): Json;
  /** Makes or changes one, from these properties. Throws StartError with one line that names what cannot be made. */
  makeOne(logicalId: string, properties: Json): Promise<Standing>;
  /** Notes that a resource stands. */
  stand(logicalId: string, resource: Standing): void;
  outputs(): Record<string, string>;
  make(): Promise<Instantiated>;
};

const checkTypes = (resources: Resources, makers: Makers): void => {
  const unknown = Object.entries(resources).filter(([, { Type }]) => !Object.hasOwn(makers, Type));
  if (unknown.length > 0) {
    const named = unknown.map(([logicalId, { Type }]) => `${logicalId} (${Type})`).join(", ");
    throw new StartError(`the local account cannot make ${named}`);
  }
  if (!Object.values(resources).some(({ Type }) => Type === TABLE))
    throw new StartError(`the template has no ${TABLE}: there is nowhere to keep a record`);
};

/** A function's code is the zip beside the template that bears its S3 key's name. */
const withLocalZip = (packageDir: string, logicalId: string, properties: Json): Json => {
  const key = properties.Code?.S3Key;
  if (typeof key !== "string") return properties;
  const zip = resolvePath(join(packageDir, basename(key)));
  if (!existsSync(zip))
    throw new StartError(`${logicalId} wants ${basename(key)}, which is not in ${packageDir}`);
  const sha256 = createHash("sha256").update(readFileSync(zip)).digest("hex");
  return { ...properties, Code: { LocalZip: zip, sha256 } };
};

const makersOf = (services: readonly Service[]): Makers =>
  Object.assign({ ...QUIET_TYPES }, ...services.map(({ resources }) => resources ?? {}));

/** Throws StartError with one line that names what cannot be made. */
const makeOne = async (
  maker: ResourceMaker,
  properties: Json,
  context: { logicalId: string; stackName: string; type: string },
): Promise<Made> => {
  try {
    return await maker(properties, context);
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    throw new StartError(
      `${context.logicalId} (${context.type}) cannot be made: ${error.code}: ${error.message}`,
    );
  }
};

const outputsOf = (
  template: Template,
  isWanted: (condition: string | undefined) => boolean,
  resolve: (value: Json) => Json,
): Record<string, string> =>
  Object.fromEntries(
    Object.entries(template.Outputs ?? {})
      .filter(([, output]) => isWanted(output.Condition))
      .map(([name, output]) => [name, String(resolve(output.Value))]),
  );

/**
 * Reads and checks a packaged stack. Throws StartError when the folder or its template will not do, before anything is made:
 * no template, no table, a type that nothing here makes, a circle of references.
 */
export const planStack = (
  account: Account,
  services: readonly Service[],
  options: { packageDir: string; stage: string; parameters?: Readonly<Record<string, string>> },
): Plan => {
  const { packageDir, stage, parameters = {} } = options;
  const template = readTemplate(packageDir);
  const stackName = stackNameOf(packageDir, stage);
  const made = new Map<string, Standing>();
  const scope = scopeOf({ account, template, stackName, parameters, made });
  const resolve = resolveIn(scope);
  const isWanted = (condition: string | undefined): boolean =>
    condition === undefined || scope.condition(condition);

  const resources: Resources = Object.fromEntries(
    Object.entries(template.Resources).filter(([, { Condition }]) => isWanted(Condition)),
  );
  const makers = makersOf(services);
  checkTypes(resources, makers);
  const order = orderOf(resources);
  const resource = (logicalId: string): TemplateResource => resources[logicalId] as TemplateResource;

  const plan: Plan = {
    stackName,
    order,
    typeOf: (logicalId) => resource(logicalId).Type,
    propertiesOf: (logicalId) => {
      const { Type, Properties = {} } = resource(logicalId);
      const resolved = resolve(Properties);
      return Type === FUNCTION ? withLocalZip(packageDir, logicalId, resolved) : resolved;
    },
    updatePolicyOf: (logicalId) => resolve(resource(logicalId).UpdatePolicy),
    makeOne: async (logicalId, properties) => {
      const type = resource(logicalId).Type;
      const one = await makeOne(makers[type] as ResourceMaker, properties, { logicalId, stackName, type });
      return { ...one, type, properties };
    },
    stand: (logicalId, standing) => made.set(logicalId, standing),
    outputs: () => outputsOf(template, isWanted, resolve),
    make: async () => {
      for (const logicalId of order)
        plan.stand(logicalId, await plan.makeOne(logicalId, plan.propertiesOf(logicalId)));
      return { stackName, outputs: plan.outputs(), resources: made };
    },
  };
  return plan;
};
