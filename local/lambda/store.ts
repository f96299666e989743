/** Finds functions, versions and aliases by the names that callers use for them. */
import { type Account, AwsError } from "../account.ts";
import { randomUuid } from "../random-id.ts";
import { type Alias, type Fn, LATEST, type Version } from "./state.ts";

const NOT_FOUND_STATUS = 404;

/** `qualifier` is absent where the caller named the function alone. */
export type FunctionName = { name: string; qualifier?: string };

export type Store = {
  list(): readonly Fn[];
  find(name: string): Fn | undefined;
  /** Throws ResourceNotFoundException. */
  get(name: string): Fn;
  put(fn: Fn): void;
  delete(fn: Fn): void;
  /** Throws ResourceNotFoundException. `$LATEST` where no version is named. */
  version(fn: Fn, version: string | undefined): Version;
  alias(fn: Fn, name: string): Alias;
  arnOf(name: string, qualifier?: string): string;
  newId(): string;
};

const NAME =
  /^(?:(?:arn:aws[a-z-]*:lambda:[a-z0-9-]+:)?\d{12}:function:)?([a-zA-Z0-9-_]{1,64})(?::(\$LATEST|[a-zA-Z0-9-_]+))?$/;

/** Reads a name, a name with qualifier, a partial or a full ARN. Throws ValidationException. */
export const parseFunctionName = (text: string, qualifier?: string): FunctionName => {
  const [, name, inName] = NAME.exec(text) ?? [];
  if (name === undefined)
    throw new AwsError(
      "ValidationException",
      `1 validation error detected: Value '${text}' at 'functionName' is not valid`,
    );
  const named = qualifier ?? inName;
  if (qualifier !== undefined && inName !== undefined && qualifier !== inName)
    throw new AwsError(
      "InvalidParameterValueException",
      "The derived qualifier from the function name does not match the specified qualifier.",
    );
  return { name, ...(named !== undefined && { qualifier: named }) };
};

export const createStore = (account: Account): Store => {
  const functions = new Map<string, Fn>();
  const arnOf = (name: string, qualifier?: string): string =>
    `arn:aws:lambda:${account.region}:${account.id}:function:${name}${qualifier === undefined ? "" : `:${qualifier}`}`;
  const missing = (arn: string): AwsError =>
    new AwsError("ResourceNotFoundException", `Function not found: ${arn}`, NOT_FOUND_STATUS);

  return {
    list: () => [...functions.values()],
    find: (name) => functions.get(name),
    get: (name) => {
      const fn = functions.get(name);
      if (fn === undefined) throw missing(arnOf(name));
      return fn;
    },
    put: (fn) => {
      functions.set(fn.name, fn);
    },
    delete: (fn) => {
      functions.delete(fn.name);
    },
    version: (fn, version = LATEST) => {
      const found = version === LATEST ? fn.latest : fn.versions.get(version);
      if (found === undefined) throw missing(arnOf(fn.name, version));
      return found;
    },
    alias: (fn, name) => {
      const alias = fn.aliases.get(name);
      if (alias === undefined)
        throw new AwsError(
          "ResourceNotFoundException",
          `Cannot find alias arn: ${arnOf(fn.name, name)}`,
          NOT_FOUND_STATUS,
        );
      return alias;
    },
    arnOf,
    newId: () => randomUuid(account.world.random("lambda-ids")),
  };
};
