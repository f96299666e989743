/** What a template's references answer: parameters, pseudo parameters, mappings, conditions, and the resources made so far. */
import type { Account, Json, Made } from "../account.ts";
import { StartError } from "../start-error.ts";
import { NO_VALUE, resolveConditionIn, type Scope } from "./intrinsics.ts";
import type { Template } from "./template.ts";

export type StackScope = {
  account: Account;
  template: Template;
  stackName: string;
  parameters: Readonly<Record<string, string>>;
  made: ReadonlyMap<string, Made>;
};

const pseudoOf = ({ account, stackName }: StackScope): Readonly<Record<string, Json>> => ({
  "AWS::AccountId": account.id,
  "AWS::Region": account.region,
  "AWS::Partition": "aws",
  "AWS::URLSuffix": "amazonaws.com",
  "AWS::StackName": stackName,
  "AWS::StackId": `arn:aws:cloudformation:${account.region}:${account.id}:stack/${stackName}/00000000-0000-4000-8000-000000000000`,
  "AWS::NotificationARNs": [],
  "AWS::NoValue": NO_VALUE,
});

/** Throws StartError for a parameter that nobody gave a value. */
const parameterValue = (stack: StackScope, name: string): Json => {
  const declared = stack.template.Parameters?.[name];
  const given = stack.parameters[name] ?? declared?.Default;
  if (given === undefined) throw new StartError(`the template's parameter ${name} has no value`);
  const type = declared?.Type ?? "String";
  if (type.startsWith("AWS::SSM::Parameter::Value")) {
    const value = stack.account.ssm.get(String(given));
    if (value === undefined)
      throw new StartError(`the template's parameter ${name} wants ${given}, which is not there`);
    return value;
  }
  return /List/.test(type)
    ? String(given)
        .split(",")
        .map((item) => item.trim())
    : String(given);
};

export const scopeOf = (stack: StackScope): Scope => {
  const { template, made } = stack;
  const pseudo = pseudoOf(stack);
  const known = new Map<string, boolean>();
  const asked: string[] = [];

  const madeOf = (logicalId: string): Made => {
    const found = made.get(logicalId);
    if (found === undefined)
      throw new StartError(
        `nothing in the template is called ${logicalId}, or it is left out by its condition`,
      );
    return found;
  };

  const condition = (name: string): boolean => {
    const earlier = known.get(name);
    if (earlier !== undefined) return earlier;
    const definition = template.Conditions?.[name];
    if (definition === undefined) throw new StartError(`the template has no condition ${name}`);
    if (asked.includes(name)) throw new StartError(`the condition ${name} refers to itself`);
    asked.push(name);
    const answer = resolveConditionIn(scope)(definition) === true;
    asked.pop();
    known.set(name, answer);
    return answer;
  };

  const scope: Scope = {
    ref: (name) => {
      if (Object.hasOwn(pseudo, name)) return pseudo[name];
      if (template.Parameters?.[name] !== undefined) return parameterValue(stack, name);
      return madeOf(name).ref;
    },
    attribute: (logicalId, name) => {
      const value = madeOf(logicalId).attributes?.[name];
      if (value === undefined) throw new StartError(`${logicalId} has no attribute ${name} here`);
      return value;
    },
    condition,
    mapping: (map, top, second) => {
      const value = template.Mappings?.[map]?.[top]?.[second];
      if (value === undefined) throw new StartError(`the template's mapping ${map} has no ${top}.${second}`);
      return value;
    },
  };
  return scope;
};
