/** The template of a folder that the Serverless Framework packaged. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Json } from "../account.ts";
import { StartError } from "../start-error.ts";

const TEMPLATE_FILE = "cloudformation-template-update-stack.json";
const STATE_FILE = "serverless-state.json";

export type TemplateResource = {
  Type: string;
  Properties?: Json;
  UpdatePolicy?: Json;
  DependsOn?: string | readonly string[];
  Condition?: string;
};
export type Template = {
  Parameters?: Record<string, { Type: string; Default?: Json }>;
  Mappings?: Json;
  Conditions?: Record<string, Json>;
  Resources: Record<string, TemplateResource>;
  Outputs?: Record<string, { Value: Json; Condition?: string }>;
};

const readJson = (file: string): Json => {
  try {
    return JSON.parse(readFileSync(file, "utf8"));
  } catch (error) {
    throw new StartError(`${file} is not JSON: ${error instanceof Error ? error.message : error}`);
  }
};

/** Throws StartError with one line when there is no template, or nothing in it. */
export const readTemplate = (packageDir: string): Template => {
  const file = join(packageDir, TEMPLATE_FILE);
  if (!existsSync(file))
    throw new StartError(`${packageDir} holds no ${TEMPLATE_FILE}: package the stack there first`);
  const template = readJson(file);
  if (Object.keys(template?.Resources ?? {}).length === 0) throw new StartError(`${file} has no Resources`);
  return template;
};

/** `<service>-<stage>`, as the Serverless Framework names its stacks. */
export const stackNameOf = (packageDir: string, stage: string): string => {
  const file = join(packageDir, STATE_FILE);
  const service = existsSync(file) ? readJson(file)?.service?.service : undefined;
  return `${typeof service === "string" ? service : "stack"}-${stage}`;
};
