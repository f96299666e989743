/** Making, changing and reading functions. */
import { type Account, AwsError, type Json } from "../account.ts";
import { type Code, codeOf, filesOf } from "./code-folder.ts";
import { readConfig, shapeOf } from "./configuration.ts";
import { type Fn, type FunctionConfig, LATEST, type Version } from "./state.ts";
import type { Store } from "./store.ts";

const CONFLICT_STATUS = 409;
const PRECONDITION_STATUS = 412;

export type Functions = {
  /** Throws ResourceConflictException when there is one of this name. */
  create(name: string, input: Json, code: Code): Fn;
  updateCode(fn: Fn, code: Code, revisionId?: string): Version;
  updateConfig(fn: Fn, input: Json): Version;
  /** The version that holds what `$LATEST` holds: a new one, or the last one when nothing has changed since. */
  publish(fn: Fn, input: Json): Version;
};

/** Throws PreconditionFailedException. */
export const checkRevision = (given: Json, actual: string, call: string): void => {
  if (given === undefined || given === actual) return;
  throw new AwsError(
    "PreconditionFailedException",
    `The RevisionId provided does not match the latest RevisionId. Call the ${call} API to retrieve the latest RevisionId`,
    PRECONDITION_STATUS,
  );
};

/** The code in a request: a zip as base64. The local account has no buckets to take one from. */
export const codeIn = (code: Json): Code => {
  if (typeof code?.ZipFile !== "string")
    throw new AwsError(
      "InvalidParameterValueException",
      "Please provide a ZipFile: the local account has no S3.",
    );
  const zip = Buffer.from(code.ZipFile, "base64");
  filesOf(zip);
  return codeOf(zip);
};

const sameAs = (left: Version, right: Version): boolean =>
  left.code.sha256 === right.code.sha256 && JSON.stringify(left.config) === JSON.stringify(right.config);

export const createFunctions = (account: Account, store: Store): Functions => {
  const stamped = (config: FunctionConfig, code: Code): Version => ({
    version: LATEST,
    description: config.description,
    config,
    code,
    revisionId: store.newId(),
    modifiedAt: account.world.now(),
  });

  return {
    create: (name, input, code) => {
      if (store.find(name) !== undefined)
        throw new AwsError("ResourceConflictException", `Function already exist: ${name}`, CONFLICT_STATUS);
      const fn: Fn = {
        name,
        arn: store.arnOf(name),
        latest: stamped(readConfig(name, input), code),
        versions: new Map(),
        lastVersion: 0,
        aliases: new Map(),
        policies: new Map(),
        eventInvoke: new Map(),
        urls: new Map(),
        tags: { ...input.Tags },
      };
      store.put(fn);
      return fn;
    },
    updateCode: (fn, code, revisionId) => {
      checkRevision(revisionId, fn.latest.revisionId, "GetFunction/GetAlias");
      fn.latest = stamped(fn.latest.config, code);
      return fn.latest;
    },
    updateConfig: (fn, input) => {
      checkRevision(input.RevisionId, fn.latest.revisionId, "GetFunction/GetAlias");
      fn.latest = stamped(readConfig(fn.name, input, fn.latest.config), fn.latest.code);
      return fn.latest;
    },
    publish: (fn, input) => {
      checkRevision(input.RevisionId, fn.latest.revisionId, "GetFunction/GetAlias");
      if (input.CodeSha256 !== undefined && input.CodeSha256 !== fn.latest.code.sha256)
        throw new AwsError(
          "InvalidParameterValueException",
          `CodeSHA256 (${input.CodeSha256}) is different from current CodeSHA256 in $LATEST (${fn.latest.code.sha256}). Please try again with the CodeSHA256 in $LATEST.`,
        );
      const last = fn.versions.get(String(fn.lastVersion));
      if (last !== undefined && sameAs(last, fn.latest)) return last;
      fn.lastVersion += 1;
      const version: Version = {
        ...fn.latest,
        version: String(fn.lastVersion),
        description: String(input.Description ?? fn.latest.config.description),
        revisionId: store.newId(),
        modifiedAt: account.world.now(),
      };
      fn.versions.set(version.version, version);
      return version;
    },
  };
};

/** What GetFunction answers. */
export const functionShape = (fn: Fn, version: Version): Json => ({
  Configuration: shapeOf(fn, version),
  Code: { RepositoryType: "S3" },
  ...(Object.keys(fn.tags).length > 0 && { Tags: fn.tags }),
  ...(fn.reserved !== undefined && { Concurrency: { ReservedConcurrentExecutions: fn.reserved } }),
});
