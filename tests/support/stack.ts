/** The packaged stack as tests look at it: one template per stage, its resources by type, its intrinsics as readable text. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { ensurePackage } from "../../build/package.ts";

export const STAGES = ["local", "dev", "sit", "prod"] as const;
export type Stage = (typeof STAGES)[number];

// biome-ignore lint/suspicious/noExplicitAny: a template is JSON of many shapes; tests compare what they read
export type Json = any;
export type Resource = { logicalId: string; Type: string; DeletionPolicy?: string; Properties: Json };
export type Template = { Resources: Record<string, Resource>; Outputs: Record<string, { Value: Json }> };

export const templateOf = async (stage: Stage): Promise<Template> => {
  const { dir } = await ensurePackage(stage);
  return JSON.parse(readFileSync(join(dir, "cloudformation-template-update-stack.json"), "utf8"));
};

export const resourcesOf = (template: Template, type: string): Resource[] =>
  Object.entries(template.Resources)
    .filter(([, resource]) => resource.Type === type)
    .map(([logicalId, resource]) => ({ ...resource, logicalId }));

const PSEUDO: Record<string, string> = {
  "AWS::Partition": "aws",
  "AWS::Region": "eu-west-1",
  "AWS::AccountId": "000000000000",
};

/** An intrinsic as text: `{Ref: X}` is `X`, `{Fn::GetAtt: [X, Arn]}` is `X.Arn`, pseudo parameters have values. */
export const textOf = (value: Json): string => {
  if (typeof value !== "object" || value === null) return String(value);
  const [[kind, content]] = Object.entries(value) as [[string, Json]];
  switch (kind) {
    case "Ref":
      return PSEUDO[content] ?? content;
    case "Fn::GetAtt":
      return content.join(".");
    case "Fn::Sub":
      return content.replace(/\$\{([^}]+)\}/g, (_whole: string, name: string) => PSEUDO[name] ?? name);
    case "Fn::Join":
      return content[1].map(textOf).join(content[0]);
    default:
      throw new Error(`no text for ${kind}`);
  }
};

export const listOf = (value: Json): Json[] => (Array.isArray(value) ? value : [value]);

/** The same value with every intrinsic in it as text. */
export const resolved = (value: Json): Json => {
  if (Array.isArray(value)) return value.map(resolved);
  if (typeof value !== "object" || value === null) return value;
  const keys = Object.keys(value);
  if (keys.length === 1 && /^(Ref|Fn::.+)$/.test(keys[0] ?? "")) return textOf(value);
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, resolved(inner)]));
};
