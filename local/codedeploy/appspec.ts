/** The AppSpec of a Lambda deployment, as JSON. Keys may be in any case: the documentation itself spells them both ways. */
import type { Json } from "../account.ts";
import { refusal } from "./state.ts";

export type AppSpec = {
  functionName: string;
  alias: string;
  currentVersion: string;
  targetVersion: string;
  /** Function names or ARNs. */
  hooks: { BeforeAllowTraffic?: string; AfterAllowTraffic?: string };
};

const MISSING = "The AppSpec file is missing or has an invalid configuration";

const invalid = (what: string) => refusal("InvalidRevision", `${MISSING}: ${what}`);

const lowered = (value: Json): Record<string, Json> =>
  typeof value === "object" && value !== null && !Array.isArray(value)
    ? Object.fromEntries(Object.entries(value).map(([key, inner]) => [key.toLowerCase(), inner]))
    : {};

const textOf = (properties: Record<string, Json>, key: string): string => {
  const value = properties[key.toLowerCase()];
  if (typeof value !== "string" && typeof value !== "number") throw invalid(`${key} is required`);
  return String(value);
};

const hooksOf = (list: Json): AppSpec["hooks"] => {
  if (list === undefined) return {};
  if (!Array.isArray(list)) throw invalid("Hooks must be a list");
  const hooks: AppSpec["hooks"] = {};
  for (const [name, value] of list.flatMap((entry) => Object.entries(lowered(entry)))) {
    if (name === "beforeallowtraffic") hooks.BeforeAllowTraffic = String(value);
    else if (name === "afterallowtraffic") hooks.AfterAllowTraffic = String(value);
    else throw invalid(`${name} is no hook of a Lambda deployment`);
  }
  return hooks;
};

const parseJson = (content: string): Json => {
  try {
    return JSON.parse(content);
  } catch {
    throw invalid("it is not JSON");
  }
};

/** Throws InvalidRevisionException. */
export const parseAppSpec = (content: string): AppSpec => {
  const whole = lowered(parseJson(content));
  if (whole.version !== 0 && whole.version !== "0.0") throw invalid("version must be 0.0");
  if (!Array.isArray(whole.resources) || whole.resources.length !== 1)
    throw invalid("one resource is required");
  const resources = Object.values(whole.resources[0] ?? {}).map(lowered);
  const [resource] = resources;
  if (resources.length !== 1 || resource?.type !== "AWS::Lambda::Function")
    throw invalid("the resource must be one AWS::Lambda::Function");
  const properties = lowered(resource.properties);
  const spec: AppSpec = {
    functionName: textOf(properties, "Name").split(":function:").at(-1)?.split(":")[0] ?? "",
    alias: textOf(properties, "Alias"),
    currentVersion: textOf(properties, "CurrentVersion"),
    targetVersion: textOf(properties, "TargetVersion"),
    hooks: hooksOf(whole.hooks),
  };
  if (spec.currentVersion === spec.targetVersion)
    throw invalid("CurrentVersion and TargetVersion must differ");
  return spec;
};

/** The AppSpec, without hooks, that takes an alias from one version to another. */
export const writeAppSpec = (spec: Omit<AppSpec, "hooks">): string =>
  JSON.stringify({
    version: 0.0,
    Resources: [
      {
        [spec.functionName]: {
          Type: "AWS::Lambda::Function",
          Properties: {
            Name: spec.functionName,
            Alias: spec.alias,
            CurrentVersion: spec.currentVersion,
            TargetVersion: spec.targetVersion,
          },
        },
      },
    ],
  });
