/** In which order resources are made: after everything they refer to. */
import type { Json } from "../account.ts";
import { StartError } from "../start-error.ts";
import { attributePath, intrinsicOf, SUB_NAME } from "./intrinsics.ts";
import type { TemplateResource } from "./template.ts";

const subNames = (argument: Json): string[] => {
  const [text, given] = Array.isArray(argument) ? argument : [argument, {}];
  const named = [...String(text).matchAll(SUB_NAME)]
    .filter(([, literal]) => literal !== "!")
    .map(([, , name = ""]) => name.trim())
    .filter((name) => !Object.hasOwn(given, name));
  return [...named.map((name) => attributePath(name)[0]), ...namesIn(given)];
};

const namesIn = (value: Json): string[] => {
  if (Array.isArray(value)) return value.flatMap(namesIn);
  if (typeof value !== "object" || value === null) return [];
  const kind = intrinsicOf(value);
  if (kind === "Ref") return [String(value.Ref)];
  if (kind === "Fn::GetAtt") return [attributePath(value[kind])[0]];
  if (kind === "Fn::Sub") return subNames(value[kind]);
  return Object.values(value).flatMap(namesIn);
};

const listOf = (value: string | readonly string[] | undefined): readonly string[] =>
  value === undefined ? [] : typeof value === "string" ? [value] : value;

/** Logical ids, each after those it depends on; otherwise as in the template. Throws StartError for a circle. */
export const orderOf = (resources: Readonly<Record<string, TemplateResource>>): string[] => {
  const ordered: string[] = [];
  const done = new Set<string>();

  const visit = (logicalId: string, path: readonly string[]): void => {
    if (done.has(logicalId)) return;
    const start = path.indexOf(logicalId);
    if (start >= 0)
      throw new StartError(
        `resources refer to each other in a circle: ${[...path.slice(start), logicalId].join(" → ")}`,
      );
    const resource = resources[logicalId];
    if (resource === undefined) return;
    const needed = [
      ...listOf(resource.DependsOn),
      ...namesIn(resource.Properties),
      ...namesIn(resource.UpdatePolicy),
    ];
    for (const name of needed) if (name in resources) visit(name, [...path, logicalId]);
    done.add(logicalId);
    ordered.push(logicalId);
  };

  for (const logicalId of Object.keys(resources)) visit(logicalId, []);
  return ordered;
};
