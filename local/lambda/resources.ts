/** CloudFormation's Lambda resources. Making one that exists changes it, as a stack update does. */
import { readFileSync } from "node:fs";
import { strToU8, zipSync } from "fflate";
import { type Account, AwsError, type Json, type ResourceMaker } from "../account.ts";
import { physicalName } from "../physical-name.ts";
import { readEventInvoke } from "./alias-operations.ts";
import type { Aliases } from "./aliases.ts";
import { type Code, codeOf } from "./code-folder.ts";
import type { Functions } from "./functions.ts";
import type { Permissions } from "./permissions.ts";
import { type Fn, LATEST } from "./state.ts";
import { parseFunctionName, type Store } from "./store.ts";

const MAX_NAME_LENGTH = 64;
/** Zip knows no time before 1980; a fixed one keeps the digest that of the code. */
const WRITTEN_AT = new Date(1980, 0, 2);

type Parts = {
  account: Account;
  store: Store;
  functions: Functions;
  aliases: Aliases;
  permissions: Permissions;
  urlOf: (fn: Fn) => string;
};

/** A zip of the package, or the text of the one file `index.js`. */
const codeIn = (code: Json): Code => {
  if (typeof code?.LocalZip === "string") return codeOf(readFileSync(code.LocalZip));
  if (typeof code?.ZipFile === "string")
    return codeOf(zipSync({ "index.js": [strToU8(code.ZipFile), { mtime: WRITTEN_AT }] }));
  throw new AwsError("InvalidParameterValueException", "the function has no code in the package");
};

const tagsIn = (tags: Json): Record<string, string> =>
  Object.fromEntries((tags ?? []).map((tag: Json) => [tag.Key, tag.Value]));

/** CloudFormation has a list where the API has a map. */
const routingIn = (routing: Json): Json =>
  routing === undefined
    ? { AdditionalVersionWeights: {} }
    : {
        AdditionalVersionWeights: Object.fromEntries(
          (routing.AdditionalVersionWeights ?? []).map((one: Json) => [
            one.FunctionVersion,
            Number(one.FunctionWeight),
          ]),
        ),
      };

export const lambdaResources = (parts: Parts): Record<string, ResourceMaker> => {
  const { account, store, functions, aliases, permissions, urlOf } = parts;
  const functionOf = (text: Json): { fn: Fn; qualifier: string | undefined } => {
    const { name, qualifier } = parseFunctionName(String(text));
    return { fn: store.get(name), qualifier };
  };

  const makeFunction: ResourceMaker = (properties, context) => {
    const name = String(properties.FunctionName ?? physicalName(context, MAX_NAME_LENGTH));
    const input = { ...properties, Tags: tagsIn(properties.Tags) };
    const code = codeIn(properties.Code);
    const known = store.find(name);
    const fn = known ?? functions.create(name, input, code);
    if (known !== undefined) {
      functions.updateCode(known, code);
      functions.updateConfig(known, input);
    }
    if (properties.ReservedConcurrentExecutions !== undefined)
      fn.reserved = Number(properties.ReservedConcurrentExecutions);
    return { ref: name, attributes: { Arn: fn.arn } };
  };

  const makeAlias: ResourceMaker = (properties) => {
    const { fn } = functionOf(properties.FunctionName);
    const input = { ...properties, RoutingConfig: routingIn(properties.RoutingConfig) };
    const alias = fn.aliases.has(String(properties.Name))
      ? aliases.update(fn, input)
      : aliases.create(fn, input);
    const arn = store.arnOf(fn.name, alias.name);
    return { ref: arn, attributes: { AliasArn: arn } };
  };

  const makeUrl: ResourceMaker = (properties) => {
    const { fn, qualifier = properties.Qualifier } = functionOf(properties.TargetFunctionArn);
    fn.urls.set(qualifier ?? "", { authType: String(properties.AuthType), createdAt: account.world.now() });
    const arn = store.arnOf(fn.name, qualifier);
    return { ref: arn, attributes: { FunctionUrl: urlOf(fn), FunctionArn: arn } };
  };

  return {
    "AWS::Lambda::Function": makeFunction,
    "AWS::Lambda::Alias": makeAlias,
    "AWS::Lambda::Url": makeUrl,
    "AWS::Lambda::Version": (properties) => {
      const { fn } = functionOf(properties.FunctionName);
      const { version } = functions.publish(fn, properties);
      return {
        ref: store.arnOf(fn.name, version),
        attributes: { Version: version, FunctionArn: store.arnOf(fn.name, version) },
      };
    },
    "AWS::Lambda::Permission": (properties, context) => {
      const { fn, qualifier } = functionOf(properties.FunctionName);
      permissions.add(fn, qualifier, { ...properties, StatementId: physicalName(context) });
      return { ref: physicalName(context) };
    },
    "AWS::Lambda::EventInvokeConfig": (properties, context) => {
      const { fn } = functionOf(properties.FunctionName);
      fn.eventInvoke.set(String(properties.Qualifier ?? LATEST), readEventInvoke(account, properties));
      return { ref: physicalName(context) };
    },
  };
};
