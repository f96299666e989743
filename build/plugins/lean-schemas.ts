import { readFile } from "node:fs/promises";
import type { Plugin } from "esbuild";

const SCHEMAS = /@aws-sdk[/\\]client-[a-z]+[/\\]dist-es[/\\]schemas[/\\]schemas_0\.js$/;

/**
 * Clients whose errors are told apart by name alone. Not DynamoDB, whose errors carry items that only their schema can
 * read; not CloudWatch nor SNS, whose error names are looked up in their schemas (the query protocol's error codes).
 */
const ERRORS_BY_NAME = /client-(codedeploy|lambda|ssm)[/\\]/;

const CONSTANT = /^const (_\w+) = ("[^"]*");$/gm;
const COMPUTED_KEY = /\[(_\w+)\]:/g;
const ERROR_REGISTRATION = /^n0_registry\.registerError\(.*\);$/gm;

/** Computed keys, which a bundler cannot prove to be free of side effects, become literal ones. */
export const withLiteralKeys = (schema: string): string => {
  const constants = new Map([...schema.matchAll(CONSTANT)].map(([, name = "", text = ""]) => [name, text]));
  return schema.replace(COMPUTED_KEY, (whole, name: string) =>
    constants.has(name) ? `${constants.get(name)}:` : whole,
  );
};

/**
 * Errors are not registered with their classes. The SDK then throws the service's base exception with the same `name`,
 * message and `$metadata`: such errors must be compared by `name`, never by `instanceof`.
 */
export const withoutErrorClasses = (schema: string): string => schema.replace(ERROR_REGISTRATION, "");

/**
 * Takes out of an SDK client's schemas what keeps every operation of the service in the bundle, so that tree shaking can
 * drop those nobody calls: five clients weigh 65 KB instead of 225. A schema written in another way passes unchanged.
 */
export const leanSchemas: Plugin = {
  name: "lean-schemas",
  setup(build) {
    build.onLoad({ filter: SCHEMAS }, async ({ path }) => {
      const schema = withLiteralKeys(await readFile(path, "utf8"));
      return { contents: ERRORS_BY_NAME.test(path) ? withoutErrorClasses(schema) : schema, loader: "js" };
    });
  },
};
