/** What the account keeps of its functions. */
import type { Json } from "../account.ts";
import type { Code } from "./code-folder.ts";

export type FunctionConfig = {
  handler: string;
  runtime: string;
  role: string;
  description: string;
  timeoutSeconds: number;
  memorySizeMb: number;
  architecture: string;
  environment: Readonly<Record<string, string>>;
  logFormat: "Text" | "JSON";
  logGroup: string;
  deadLetterArn?: string;
};

/** `$LATEST` or a published version, which never changes. */
export type Version = {
  version: string;
  description: string;
  config: FunctionConfig;
  code: Code;
  revisionId: string;
  modifiedAt: number;
};

export type Alias = {
  name: string;
  description: string;
  version: string;
  /** Shares, 0–1, of versions besides `version`. */
  weights: Readonly<Record<string, number>>;
  revisionId: string;
};

export type EventInvokeConfig = {
  retriesMax: number;
  eventAgeMaxSeconds: number;
  onFailureArn?: string;
  onSuccessArn?: string;
  modifiedAt: number;
};

export type UrlConfig = { authType: string; createdAt: number };

export type Fn = {
  name: string;
  arn: string;
  latest: Version;
  /** Published ones, in order of their numbers. */
  versions: Map<string, Version>;
  lastVersion: number;
  aliases: Map<string, Alias>;
  /** Statements of resource-based policies, by qualifier; "" is the function itself. */
  policies: Map<string, Json[]>;
  /** By qualifier. */
  eventInvoke: Map<string, EventInvokeConfig>;
  urls: Map<string, UrlConfig>;
  /** The most instances at once; undefined is the account's share. */
  reserved?: number;
  tags: Record<string, string>;
};

export const LATEST = "$LATEST";
