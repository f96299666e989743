/** A function's settings: as callers send them, as Lambda shows them, and as the worker needs them. */
import { AwsError, type Json } from "../account.ts";
import type { Fn, FunctionConfig, Version } from "./state.ts";
import { LATEST } from "./state.ts";

const DEFAULT_TIMEOUT_SECONDS = 3;
const MAX_TIMEOUT_SECONDS = 900;
const DEFAULT_MEMORY_MB = 128;
const MAX_MEMORY_MB = 10_240;
const RUNTIME = /^nodejs\d+\.x$/;
const ROLE = /^arn:aws[a-z-]*:iam::\d{12}:role\/[\w+=,.@/-]+$/;

const invalid = (message: string): AwsError => new AwsError("InvalidParameterValueException", message);

const wholeNumber = (value: Json, name: string, least: number, most: number): number => {
  const number = Number(value);
  if (!Number.isInteger(number) || number < least || number > most)
    throw new AwsError(
      "ValidationException",
      `1 validation error detected: Value '${value}' at '${name}' must be between ${least} and ${most}`,
    );
  return number;
};

const texts = (values: Json): Record<string, string> =>
  Object.fromEntries(Object.entries(values ?? {}).map(([name, value]) => [name, String(value)]));

/** What CreateFunction, UpdateFunctionConfiguration and CloudFormation call alike; `base` is what is not said anew. */
export const readConfig = (name: string, input: Json, base?: FunctionConfig): FunctionConfig => {
  const config: FunctionConfig = {
    handler: String(input.Handler ?? base?.handler ?? ""),
    runtime: String(input.Runtime ?? base?.runtime ?? ""),
    role: String(input.Role ?? base?.role ?? ""),
    description: String(input.Description ?? base?.description ?? ""),
    timeoutSeconds: wholeNumber(
      input.Timeout ?? base?.timeoutSeconds ?? DEFAULT_TIMEOUT_SECONDS,
      "timeout",
      1,
      MAX_TIMEOUT_SECONDS,
    ),
    memorySizeMb: wholeNumber(
      input.MemorySize ?? base?.memorySizeMb ?? DEFAULT_MEMORY_MB,
      "memorySize",
      DEFAULT_MEMORY_MB,
      MAX_MEMORY_MB,
    ),
    architecture: String(input.Architectures?.[0] ?? base?.architecture ?? "x86_64"),
    environment:
      input.Environment === undefined ? (base?.environment ?? {}) : texts(input.Environment.Variables),
    logFormat: (input.LoggingConfig?.LogFormat ?? base?.logFormat) === "JSON" ? "JSON" : "Text",
    logGroup: String(input.LoggingConfig?.LogGroup ?? base?.logGroup ?? `/aws/lambda/${name}`),
  };
  const deadLetterArn = input.DeadLetterConfig?.TargetArn ?? base?.deadLetterArn;
  if (deadLetterArn) config.deadLetterArn = String(deadLetterArn);
  if (config.handler === "")
    throw invalid(
      "Runtime and Handler are mandatory parameters for functions created with deployment packages.",
    );
  if (!RUNTIME.test(config.runtime))
    throw invalid(
      `Value ${config.runtime} at 'runtime' is not a Node.js runtime: the local account runs no other.`,
    );
  if (!ROLE.test(config.role)) throw invalid(`Value '${config.role}' at 'role' is not the ARN of a role.`);
  return config;
};

/** `2026-01-05T12:00:00.250+0000` */
const lambdaTime = (at: number): string => new Date(at).toISOString().replace("Z", "+0000");

/** FunctionConfiguration, as most operations answer it. */
export const shapeOf = (fn: Fn, version: Version): Json => {
  const { config, code } = version;
  const isLatest = version.version === LATEST;
  return {
    FunctionName: fn.name,
    FunctionArn: isLatest ? fn.arn : `${fn.arn}:${version.version}`,
    Runtime: config.runtime,
    Role: config.role,
    Handler: config.handler,
    CodeSize: code.bytes,
    Description: isLatest ? config.description : version.description,
    Timeout: config.timeoutSeconds,
    MemorySize: config.memorySizeMb,
    LastModified: lambdaTime(version.modifiedAt),
    CodeSha256: code.sha256,
    Version: version.version,
    ...(Object.keys(config.environment).length > 0 && { Environment: { Variables: config.environment } }),
    ...(config.deadLetterArn !== undefined && { DeadLetterConfig: { TargetArn: config.deadLetterArn } }),
    TracingConfig: { Mode: "PassThrough" },
    RevisionId: version.revisionId,
    State: "Active",
    LastUpdateStatus: "Successful",
    PackageType: "Zip",
    Architectures: [config.architecture],
    EphemeralStorage: { Size: 512 },
    SnapStart: { ApplyOn: "None", OptimizationStatus: "Off" },
    LoggingConfig: { LogFormat: config.logFormat, LogGroup: config.logGroup },
  };
};
