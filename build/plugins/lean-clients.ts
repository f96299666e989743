import { readFile } from "node:fs/promises";
import type { Plugin } from "esbuild";

const SCHEMAS = /@aws-sdk[/\\]client-[a-z0-9]+[/\\]dist-es[/\\]schemas[/\\]schemas_0\.js$/;

const MANIFEST = /@aws-sdk[/\\]client-[a-z0-9]+[/\\]package\.json$/;

/**
 * Clients whose errors are told apart by name alone. Not DynamoDB, whose errors carry items that only their schema can
 * read; not CloudWatch nor SNS, whose error names are looked up in their schemas (the query protocol's error codes).
 */
const ERRORS_BY_NAME = /client-(codedeploy|kms|lambda|ssm)[/\\]/;

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
 * Takes out of the SDK's clients what keeps every operation of a service in the bundle, so that tree shaking can drop those
 * nobody calls, and of their package.json all but the version: five clients weigh 55 KB instead of 225. What is written in
 * another way passes unchanged.
 */
export const leanClients: Plugin = {
  name: "lean-clients",
  setup(build) {
    build.onLoad({ filter: SCHEMAS }, async ({ path }) => {
      const schema = withLiteralKeys(await readFile(path, "utf8"));
      return { contents: ERRORS_BY_NAME.test(path) ? withoutErrorClasses(schema) : schema, loader: "js" };
    });
    build.onLoad({ filter: MANIFEST }, async ({ path }) => {
      const { version } = JSON.parse(await readFile(path, "utf8")) as { version: string };
      return { contents: JSON.stringify({ version }), loader: "json" };
    });
  },
};
