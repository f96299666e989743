/** What a target is sent: the event, a part of it (InputPath), a constant (Input) or a filled template (InputTransformer). */
import { AwsError, type Json } from "../account.ts";

export const MAX_INPUT_PATHS = 100;
export const MAX_TEMPLATE_LENGTH = 8192;

const STEP = /\.([^.[\]]+)|\[(\d+)\]|\['([^']+)'\]/y;

/** `$`, `$.detail.state`, `$.resources[0]`, `$['detail-type']`; undefined where the event has nothing there. */
export const valueAtPath = (event: Json, path: string): Json => {
  if (!path.startsWith("$"))
    throw new AwsError("ValidationException", `InputPath ${path} is not a JSON path.`);
  let value = event;
  STEP.lastIndex = 1;
  while (STEP.lastIndex < path.length) {
    const step = STEP.exec(path);
    if (step === null) throw new AwsError("ValidationException", `InputPath ${path} is not a JSON path.`);
    value = value?.[step[1] ?? step[2] ?? step[3] ?? ""];
  }
  return value;
};

export type RuleFacts = { ruleArn: string; ruleName: string; ingestedAt: number };

const reserved = (event: Json, rule: RuleFacts): Record<string, Json> => ({
  "aws.events.rule-arn": rule.ruleArn,
  "aws.events.rule-name": rule.ruleName,
  "aws.events.event.ingestion-time": new Date(rule.ingestedAt).toISOString(),
  "aws.events.event": { ...event, detail: undefined },
  "aws.events.event.json": event,
});

/** Whether the position lies inside a JSON string of the template: an odd number of plain quotes stands before it. */
const isQuoted = (before: string): boolean => (before.match(/(?<!\\)"/g)?.length ?? 0) % 2 === 1;

const escaped = (text: string): string => JSON.stringify(text).slice(1, -1);

/** Inside quotes a value is written as text, outside as JSON. A value that is not there is written as nothing. */
const written = (value: Json, quoted: boolean): string => {
  if (value === undefined) return "";
  if (!quoted) return JSON.stringify(value);
  return typeof value === "string" ? escaped(value) : escaped(JSON.stringify(value));
};

const transform = (transformer: Json, event: Json, rule: RuleFacts): string => {
  const values = reserved(event, rule);
  for (const [name, path] of Object.entries(transformer.InputPathsMap ?? {}))
    values[name] = valueAtPath(event, String(path));
  const template = String(transformer.InputTemplate);
  return template.replace(/<([^<>\s]+)>/g, (whole, name: string, offset: number) =>
    name in values ? written(values[name], isQuoted(template.slice(0, offset))) : whole,
  );
};

/** The payload as text; JSON in all but the odd template. */
export const inputFor = (target: Json, event: Json, rule: RuleFacts): string => {
  if (target.Input !== undefined) return String(target.Input);
  if (target.InputPath !== undefined) return JSON.stringify(valueAtPath(event, target.InputPath) ?? null);
  if (target.InputTransformer !== undefined) return transform(target.InputTransformer, event, rule);
  return JSON.stringify(event);
};

/** Throws ValidationException for an input that cannot work. */
export const checkInput = (target: Json): void => {
  const given = ["Input", "InputPath", "InputTransformer"].filter((name) => target[name] !== undefined);
  if (given.length > 1)
    throw new AwsError(
      "ValidationException",
      `Only one of Input, InputPath, or InputTransformer must be provided for target ${target.Id}.`,
    );
  if (target.InputPath !== undefined) valueAtPath({}, target.InputPath);
  const { InputTransformer: transformer } = target;
  if (transformer === undefined) return;
  const paths = Object.values(transformer.InputPathsMap ?? {});
  if (paths.length > MAX_INPUT_PATHS || String(transformer.InputTemplate ?? "").length > MAX_TEMPLATE_LENGTH)
    throw new AwsError("ValidationException", `InputTransformer of target ${target.Id} is too large.`);
  for (const path of paths) valueAtPath({}, String(path));
};
