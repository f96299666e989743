/** Finds what would call a function itself and not its alias: such calls get the newest code at once, without any canary. */
import type { Json, Resource } from "./template.ts";

/** Types that name a function without calling it, or that belong to the function and not to a version. */
const QUIET: readonly string[] = [
  "AWS::CloudWatch::Alarm",
  "AWS::CloudWatch::CompositeAlarm",
  "AWS::CloudWatch::Dashboard",
  "AWS::IAM::ManagedPolicy",
  "AWS::IAM::Policy",
  "AWS::IAM::Role",
  "AWS::Lambda::Alias",
  "AWS::Lambda::Function",
  "AWS::Lambda::Version",
  "AWS::SSM::Parameter",
];
/** Names the function and, beside it, the alias. */
const QUALIFIED_BESIDE = "AWS::Lambda::EventInvokeConfig";

const isQualifiedJoin = (value: Json, alias: string): boolean => {
  const [separator, parts] = value["Fn::Join"] ?? [];
  return separator === ":" && Array.isArray(parts) && parts.length === 2 && parts[1] === alias;
};

const isBareSub = (text: string, functionId: string, alias: string): boolean =>
  text
    .replaceAll(`\${${functionId}.Arn}:${alias}`, "")
    .replaceAll(`\${${functionId}}:${alias}`, "")
    .match(new RegExp(`\\$\\{${functionId}(\\.Arn)?\\}`)) !== null;

const isBare = (value: Json, functionId: string, alias: string): boolean => {
  if (Array.isArray(value)) return value.some((one) => isBare(one, functionId, alias));
  if (typeof value !== "object" || value === null) return false;
  if (isQualifiedJoin(value, alias)) return false;
  if (value.Ref === functionId) return true;
  if (Array.isArray(value["Fn::GetAtt"])) return value["Fn::GetAtt"][0] === functionId;
  const sub = value["Fn::Sub"];
  const text = Array.isArray(sub) ? sub[0] : sub;
  if (typeof text === "string" && isBareSub(text, functionId, alias)) return true;
  return Object.values(value).some((inner) => isBare(inner, functionId, alias));
};

/** Logical ids of the resources that would call the function past its alias. */
export const bareMentions = (
  resources: Readonly<Record<string, Resource>>,
  functionId: string,
  alias: string,
): string[] =>
  Object.entries(resources)
    .filter(([, { Type, Properties }]) => {
      if (QUIET.includes(Type)) return false;
      if (Type === QUALIFIED_BESIDE && Properties.Qualifier === alias) return false;
      return isBare(Properties, functionId, alias);
    })
    .map(([logicalId]) => logicalId);
