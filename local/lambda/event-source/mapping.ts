/** An event source mapping: from a table's stream to a function. Settings, their limits and how Lambda shows them. */
import { type Account, AwsError, type Json } from "../../account.ts";
import { parsePattern } from "../../events/pattern-check.ts";

const MAX_BATCH_SIZE = 10_000;
const DEFAULT_BATCH_SIZE = 100;
const MAX_WINDOW_SECONDS = 300;
const MAX_RETRIES = 10_000;
const MAX_AGE_SECONDS = 604_800;
const MIN_AGE_SECONDS = 60;
const MAX_FILTERS = 10;
/** Retries, or record age, without a limit. */
export const UNLIMITED = -1;

export type Settings = {
  batchSize: number;
  windowSeconds: number;
  /** Each a checked event pattern; a record that matches any of them is taken. None: every record is. */
  filters: readonly { text: string; pattern: Json }[];
  isBisecting: boolean;
  /** UNLIMITED or the most retries after a function's error. */
  retriesMax: number;
  /** UNLIMITED or the age at which a record is given up. */
  ageMaxSeconds: number;
  reportsItems: boolean;
  onFailureArn?: string;
  isEnabled: boolean;
};

export type Mapping = {
  id: string;
  streamArn: string;
  functionArn: string;
  isFromStart: boolean;
  modifiedAt: number;
  lastResult: string;
  settings: Settings;
};

const invalid = (message: string): AwsError => new AwsError("InvalidParameterValueException", message);

const numberIn = (name: string, value: Json, low: number, high: number, fallback: number): number => {
  if (value === undefined) return fallback;
  const number = Number(value);
  const isLegal = Number.isInteger(number) && ((number >= low && number <= high) || number === fallback);
  if (!isLegal) throw invalid(`${name} must be between ${low} and ${high}.`);
  return number;
};

const filtersOf = (criteria: Json): Settings["filters"] => {
  const filters: Json[] = criteria?.Filters ?? [];
  if (filters.length > MAX_FILTERS) throw invalid(`There may be no more than ${MAX_FILTERS} filters.`);
  return filters.map(({ Pattern }) => {
    const text = typeof Pattern === "string" ? Pattern : JSON.stringify(Pattern);
    try {
      return { text, pattern: parsePattern(text) };
    } catch {
      throw invalid("Invalid filter pattern definition.");
    }
  });
};

const isTrue = (value: Json): boolean => value === true || value === "true";

/** Reads what a request gives; what it leaves out stays as in `base`. Throws InvalidParameterValueException. */
export const readSettings = (input: Json, base?: Settings): Settings => {
  const onFailureArn =
    input.DestinationConfig === undefined
      ? base?.onFailureArn
      : input.DestinationConfig.OnFailure?.Destination;
  return {
    batchSize: numberIn(
      "BatchSize",
      input.BatchSize,
      1,
      MAX_BATCH_SIZE,
      base?.batchSize ?? DEFAULT_BATCH_SIZE,
    ),
    windowSeconds: numberIn(
      "MaximumBatchingWindowInSeconds",
      input.MaximumBatchingWindowInSeconds,
      0,
      MAX_WINDOW_SECONDS,
      base?.windowSeconds ?? 0,
    ),
    filters: input.FilterCriteria === undefined ? (base?.filters ?? []) : filtersOf(input.FilterCriteria),
    isBisecting:
      input.BisectBatchOnFunctionError === undefined
        ? (base?.isBisecting ?? false)
        : isTrue(input.BisectBatchOnFunctionError),
    retriesMax: numberIn(
      "MaximumRetryAttempts",
      input.MaximumRetryAttempts ?? base?.retriesMax,
      0,
      MAX_RETRIES,
      UNLIMITED,
    ),
    ageMaxSeconds: numberIn(
      "MaximumRecordAgeInSeconds",
      input.MaximumRecordAgeInSeconds ?? base?.ageMaxSeconds,
      MIN_AGE_SECONDS,
      MAX_AGE_SECONDS,
      UNLIMITED,
    ),
    reportsItems:
      input.FunctionResponseTypes === undefined
        ? (base?.reportsItems ?? false)
        : input.FunctionResponseTypes.includes("ReportBatchItemFailures"),
    ...(onFailureArn !== undefined && { onFailureArn }),
    isEnabled: input.Enabled === undefined ? (base?.isEnabled ?? true) : isTrue(input.Enabled),
  };
};

export const arnOfMapping = (account: Account, id: string): string =>
  `arn:aws:lambda:${account.region}:${account.id}:event-source-mapping:${id}`;

export const shapeOfMapping = (account: Account, mapping: Mapping): Json => {
  const { settings } = mapping;
  return {
    UUID: mapping.id,
    EventSourceMappingArn: arnOfMapping(account, mapping.id),
    EventSourceArn: mapping.streamArn,
    FunctionArn: mapping.functionArn,
    StartingPosition: mapping.isFromStart ? "TRIM_HORIZON" : "LATEST",
    BatchSize: settings.batchSize,
    MaximumBatchingWindowInSeconds: settings.windowSeconds,
    ParallelizationFactor: 1,
    ...(settings.filters.length > 0 && {
      FilterCriteria: { Filters: settings.filters.map(({ text }) => ({ Pattern: text })) },
    }),
    BisectBatchOnFunctionError: settings.isBisecting,
    MaximumRetryAttempts: settings.retriesMax,
    MaximumRecordAgeInSeconds: settings.ageMaxSeconds,
    FunctionResponseTypes: settings.reportsItems ? ["ReportBatchItemFailures"] : [],
    DestinationConfig:
      settings.onFailureArn === undefined ? {} : { OnFailure: { Destination: settings.onFailureArn } },
    State: settings.isEnabled ? "Enabled" : "Disabled",
    StateTransitionReason: "User action",
    LastModified: mapping.modifiedAt / 1000,
    LastProcessingResult: mapping.lastResult,
  };
};
