/** Aliases: which version they mean, which share of calls goes to a second one, and who changed them last. */
import { AwsError, type Json } from "../account.ts";
import { checkRevision } from "./functions.ts";
import { type Alias, type Fn, LATEST } from "./state.ts";
import type { Store } from "./store.ts";

const CONFLICT_STATUS = 409;
const NAME = /^(?!^[0-9]+$)([a-zA-Z0-9-_]{1,128})$/;

export type Aliases = {
  create(fn: Fn, input: Json): Alias;
  update(fn: Fn, input: Json): Alias;
  /** Without any condition, as CodeDeploy moves them. */
  move(fn: Fn, name: string, to: { version: string; weights: Readonly<Record<string, number>> }): void;
};

const invalid = (message: string): AwsError => new AwsError("InvalidParameterValueException", message);

export const aliasShape = (fn: Fn, alias: Alias): Json => ({
  AliasArn: `${fn.arn}:${alias.name}`,
  Name: alias.name,
  FunctionVersion: alias.version,
  Description: alias.description,
  ...(Object.keys(alias.weights).length > 0 && {
    RoutingConfig: { AdditionalVersionWeights: alias.weights },
  }),
  RevisionId: alias.revisionId,
});

/** Left out, routing stays as it is; an empty map ends it. */
const weightsIn = (
  input: Json,
  before: Readonly<Record<string, number>>,
): Readonly<Record<string, number>> =>
  input.RoutingConfig === undefined || input.RoutingConfig === null
    ? before
    : { ...input.RoutingConfig.AdditionalVersionWeights };

export const createAliases = (store: Store): Aliases => {
  const checkSecond = (fn: Fn, primary: string, second: string, weight: number): void => {
    if (primary === LATEST || second === LATEST)
      throw invalid("$LATEST is not supported for an alias pointing to more than 1 version");
    if (second === primary)
      throw invalid(
        `Invalid function version ${second}. Function version ${second} is already included in routing configuration.`,
      );
    if (!Number.isFinite(weight) || weight < 0 || weight > 1)
      throw invalid(`The weight ${weight} of version ${second} is not between 0 and 1.`);
    const [one, two] = [store.version(fn, primary).config, store.version(fn, second).config];
    if (one.role !== two.role)
      throw invalid("Versions that share an alias must have the same execution role.");
    if (one.deadLetterArn !== two.deadLetterArn)
      throw invalid("Versions that share an alias must have the same dead-letter queue.");
  };

  const check = (fn: Fn, version: string, weights: Readonly<Record<string, number>>): void => {
    store.version(fn, version);
    const seconds = Object.entries(weights);
    if (seconds.length > 1)
      throw invalid("Number of items in AdditionalVersionWeights cannot be greater than 1");
    for (const [second, weight] of seconds) checkSecond(fn, version, second, Number(weight));
  };

  const keep = (fn: Fn, alias: Omit<Alias, "revisionId">): Alias => {
    const kept = { ...alias, revisionId: store.newId() };
    fn.aliases.set(alias.name, kept);
    return kept;
  };

  return {
    create: (fn, input) => {
      const name = String(input.Name);
      if (!NAME.test(name))
        throw new AwsError(
          "ValidationException",
          `1 validation error detected: Value '${name}' at 'name' is not valid`,
        );
      if (fn.aliases.has(name))
        throw new AwsError(
          "ResourceConflictException",
          `Alias already exists: ${store.arnOf(fn.name, name)}`,
          CONFLICT_STATUS,
        );
      const version = String(input.FunctionVersion);
      const weights = weightsIn(input, {});
      check(fn, version, weights);
      return keep(fn, { name, version, weights, description: String(input.Description ?? "") });
    },
    update: (fn, input) => {
      const alias = store.alias(fn, String(input.Name));
      checkRevision(input.RevisionId, alias.revisionId, "GetFunction/GetAlias");
      const version = String(input.FunctionVersion ?? alias.version);
      const weights = weightsIn(input, alias.weights);
      check(fn, version, weights);
      return keep(fn, {
        ...alias,
        version,
        weights,
        description: String(input.Description ?? alias.description),
      });
    },
    move: (fn, name, { version, weights }) => {
      keep(fn, { ...store.alias(fn, name), version, weights: { ...weights } });
    },
  };
};
