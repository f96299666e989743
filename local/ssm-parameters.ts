/** Parameters: what they must be, how they are shown, found and paged. */
import { AwsError, type Json } from "./account.ts";

const MAX_NAME_LENGTH = 1011;
/** Standard tier. */
const MAX_VALUE_BYTES = 4096;
const DEFAULT_PAGE = 10;
const MAX_PAGE = 50;
const TYPES = ["String", "StringList", "SecureString"];

export type Parameter = {
  name: string;
  arn: string;
  type: string;
  value: string;
  description?: string;
  version: number;
  changedAt: number;
  /** All versions, this one last, under the one name. */
  history: Parameter[];
};

export const withoutSlash = (name: string): string => name.replace(/^\//, "");

const invalid = (message: string): AwsError => new AwsError("ValidationException", message);

/** Throws ValidationException, UnsupportedParameterType or ParameterMaxVersionLimit's like as SSM does. */
export const checkParameter = (input: Json): void => {
  const { Name: name, Value: value, Type: type } = input;
  if (typeof name !== "string" || !/^[A-Za-z0-9_.\-/]+$/.test(name) || name.length > MAX_NAME_LENGTH)
    throw invalid(
      'Parameter name: can\'t be prefixed with "ssm" (case-insensitive). If formed as a path, it can consist of sub-paths divided by slash symbol; each sub-path can be formed as a mix of letters, numbers and the following 3 symbols .-_',
    );
  if (name.includes("/") && !name.startsWith("/"))
    throw invalid("Parameter name must be a fully qualified name.");
  if (typeof value !== "string" || value === "")
    throw invalid(
      "Value at 'value' failed to satisfy constraint: Member must have length greater than or equal to 1",
    );
  if (Buffer.byteLength(value) > MAX_VALUE_BYTES)
    throw invalid(
      `Standard tier parameters support a maximum parameter value of ${MAX_VALUE_BYTES} characters.`,
    );
  if (type !== undefined && !TYPES.includes(type))
    throw new AwsError("UnsupportedParameterType", "The parameter type is not supported.");
};

/** A secure string that is not to be decrypted is shown as what it would be: something unreadable. */
const shownValue = (parameter: Parameter, isDecrypted: boolean): string =>
  parameter.type === "SecureString" && !isDecrypted
    ? `kms:alias/aws/ssm:${Buffer.from(parameter.value).toString("base64")}`
    : parameter.value;

export const shapeOf = (parameter: Parameter, isDecrypted: boolean): Json => ({
  Name: parameter.name,
  Type: parameter.type,
  Value: shownValue(parameter, isDecrypted),
  Version: parameter.version,
  LastModifiedDate: parameter.changedAt / 1000,
  ARN: parameter.arn,
  DataType: "text",
});

const filterValue = (parameter: Parameter, key: string): string => {
  switch (key) {
    case "Name":
    case "Path":
      return parameter.name;
    case "Type":
      return parameter.type;
    default:
      throw new AwsError("InvalidFilterKey", `The filter key ${key} is not known here.`);
  }
};

const passes = (parameter: Parameter, filter: Json): boolean => {
  const value = filterValue(parameter, String(filter.Key));
  const values: string[] = filter.Values ?? [];
  if (filter.Key === "Path")
    return values.some((path) => value.startsWith(path.endsWith("/") ? path : `${path}/`));
  switch (filter.Option ?? "Equals") {
    case "Equals":
      return values.includes(value);
    case "BeginsWith":
      return values.some((start) => value.startsWith(start));
    case "Contains":
      return values.some((part) => value.includes(part));
    default:
      throw new AwsError("InvalidFilterOption", `The filter option ${filter.Option} is not known here.`);
  }
};

export const matchesFilters = (parameter: Parameter, filters: readonly Json[]): boolean =>
  filters.every((filter) => passes(parameter, filter));

/** The token is where the next page starts. */
export const pageOf = <T>(all: readonly T[], input: Json): { page: T[]; token: { NextToken?: string } } => {
  const size = Number(input.MaxResults ?? DEFAULT_PAGE);
  if (!(size >= 1 && size <= MAX_PAGE)) throw invalid(`MaxResults must be between 1 and ${MAX_PAGE}.`);
  const start = Number(input.NextToken ?? 0);
  if (!Number.isInteger(start) || start < 0)
    throw new AwsError("InvalidNextToken", "The token is not valid.");
  const end = start + size;
  return { page: all.slice(start, end), token: end < all.length ? { NextToken: String(end) } : {} };
};
