/**
 * The AppSpec of a Lambda deployment. CodeDeploy's guide spells its keys in lower case, its samples capitalised, and
 * CloudFormation writes `version` as text: keys are compared without case, the version is not looked at.
 */
import type { FunctionShift } from "../deployment/fact.ts";

export type AppSpec = { function: FunctionShift; hooks: { before?: string; after?: string } };

type Fields = ReadonlyMap<string, unknown>;

const fieldsOf = (value: unknown): Fields =>
  new Map(
    value !== null && typeof value === "object" && !Array.isArray(value)
      ? Object.entries(value).map(([key, field]) => [key.toLowerCase(), field])
      : [],
  );

const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);
const textIn = (fields: Fields, key: string): string => {
  const value = fields.get(key);
  return typeof value === "string" ? value : "";
};

/** Reads AppSpec JSON; undefined when it is not JSON (YAML is allowed too) or names no Lambda function. */
export const parseAppSpec = (content: string): AppSpec | undefined => {
  let root: Fields;
  try {
    root = fieldsOf(JSON.parse(content));
  } catch {
    return undefined;
  }
  const resource = [...fieldsOf(listOf(root.get("resources"))[0]).values()][0];
  const properties = fieldsOf(fieldsOf(resource).get("properties"));
  const shift = {
    name: textIn(properties, "name"),
    alias: textIn(properties, "alias"),
    from: textIn(properties, "currentversion"),
    to: textIn(properties, "targetversion"),
  };
  if (Object.values(shift).some((value) => value === "")) return undefined;
  const hooks = new Map(listOf(root.get("hooks")).flatMap((hook) => [...fieldsOf(hook)]));
  const [before, after] = [textIn(hooks, "beforeallowtraffic"), textIn(hooks, "afterallowtraffic")];
  return {
    function: { ...shift, name: functionNameOf(shift.name) },
    hooks: { ...(before !== "" && { before }), ...(after !== "" && { after }) },
  };
};

/** A function may be named or given by ARN: `arn:aws:lambda:region:account:function:name[:qualifier]`. */
const functionNameOf = (nameOrArn: string): string =>
  nameOrArn.startsWith("arn:") ? (nameOrArn.split(":")[6] ?? nameOrArn) : nameOrArn;

/** An AppSpec that moves an alias from one version to another, without hooks. */
export const appSpecFor = (shift: FunctionShift): string =>
  JSON.stringify({
    version: 0.0,
    Resources: [
      {
        [shift.name]: {
          Type: "AWS::Lambda::Function",
          Properties: {
            Name: shift.name,
            Alias: shift.alias,
            CurrentVersion: shift.from,
            TargetVersion: shift.to,
          },
        },
      },
    ],
  });
