/**
 * The faces that the services of the local account show each other. Types only: each service lives in its own
 * file (or folder) and offers itself as `create…(account)`; `start.ts` puts them together.
 * Nothing here or below imports code from outside `local/`.
 */
import type { ActingService } from "./acting-service.ts";
import type { SpoilRule } from "./cloudwatch/spoiled.ts";
import type { AliasShift, ShiftState } from "./codedeploy/alias-shift.ts";
import type { MoveFault } from "./codedeploy/move-faults.ts";
import type { Dynamodb } from "./dynamodb/face.ts";
import type { Faults } from "./faults.ts";
import type { UrlAnswer, UrlRequest } from "./function-url.ts";
import type { Credentials } from "./iam/credentials.ts";
import type { Kms } from "./kms/face.ts";
import type { S3 } from "./s3/face.ts";
import type { SlackMessage, SlackMode } from "./slack-message.ts";
import type { TrafficModel } from "./traffic-model.ts";
import type { World } from "./world.ts";

/** JSON as it comes off the wire; every service checks what it uses. */
// biome-ignore lint/suspicious/noExplicitAny: request bodies are untyped until a service checks them
export type Json = any;

/** An error an AWS service answers with: `code` is the wire name, `status` the HTTP status. */
export class AwsError extends Error {
  override readonly name = "AwsError";
  readonly code: string;
  readonly status: number;
  /** Further fields of the error body, such as CancellationReasons. */
  readonly fields: Record<string, unknown>;
  constructor(code: string, message: string, status = 400, fields: Record<string, unknown> = {}) {
    super(message);
    this.code = code;
    this.status = status;
    this.fields = fields;
  }
}

/** Who makes a call. Unknown access keys are the account's owner (root), so that the AWS CLI just works. */
export type Caller = {
  principalArn: string;
  isRoot: boolean;
  /** Set when the call comes from a function's worker: its name and the invocation under way. */
  functionName?: string;
  invocationId?: string;
};

/** One thing a caller must be allowed to do, checked before `run`. */
export type Permission = { action: string; resource: string; context?: Record<string, string> };

/** An answer sent as it is, for operations whose body is no JSON document of named fields (lambda:Invoke). */
export type RawAnswer = { raw: string; headers: Record<string, string>; status: number };

export type Operation = {
  /** What the caller's policies must allow. An empty list needs no permission (sts:GetCallerIdentity). */
  needs(input: Json): readonly Permission[];
  run(input: Json, caller: Caller): Promise<Json> | Json;
};

export type MakeContext = { logicalId: string; stackName: string };
/** Makes one CloudFormation resource from its resolved properties. */
export type ResourceMaker = (properties: Json, context: MakeContext) => Promise<Made> | Made;
/** `ref` answers Ref, `attributes` answer Fn::GetAtt. */
export type Made = { ref: string; attributes?: Record<string, string> };

export type Service = {
  /** As in IAM actions and fault rules. */
  name: string;
  /** The service name inside the Authorization header's credential scope. */
  signingName: string;
  protocol: "json-1.0" | "json-1.1" | "rest-json" | "rest-xml" | "query";
  /** JSON protocols: the part of x-amz-target before the dot. Query: the API Version. */
  targetPrefix?: string;
  operations: Readonly<Record<string, Operation>>;
  /** Query only: the output fields that are maps; every other object is a structure. */
  mapFields?: readonly string[];
  /** rest-json only: how method + path become an operation and its input. */
  routes?: readonly Route[];
  /** CloudFormation resource types this service can make. */
  resources?: Readonly<Record<string, ResourceMaker>>;
};

/**
 * The operation's input holds the path's named parts, the query's parameters and the fields of a JSON body, merged; and
 * besides them `$body`, the body as text, and `$headers`, with names in lower case.
 */
export type Route = {
  method: "GET" | "PUT" | "POST" | "DELETE";
  /** Path with named parts: `/2015-03-31/functions/{FunctionName}/aliases/{Name}`. */
  path: string;
  operation: string;
  /** Answer status, 200 unless said. */
  status?: number;
};

export type Account = {
  readonly id: string;
  readonly region: string;
  /** `http://127.0.0.1:<port>`, known once the server listens. */
  endpoint: string;
  /** Set while time goes on by itself: calls from outside then wait until nothing else runs. */
  isLive?: boolean;
  readonly world: World;
  readonly faults: Faults;
  readonly iam: Iam;
  readonly kms: Kms;
  readonly s3: S3;
  readonly lambda: Lambda;
  readonly logs: Logs;
  readonly ssm: Ssm;
  readonly cloudwatch: CloudWatch;
  readonly events: Events;
  readonly sns: Sns;
  readonly sqs: Sqs;
  readonly codedeploy: CodeDeploy;
  readonly dynamodb: Dynamodb;
  readonly slack: Slack;
  readonly traffic: Traffic;
};

/** Every call that policies refused, in order: the list a test reads. */
export type Denied = { at: number; principalArn: string; action: string; resource: string };

export type Iam = {
  /** Makes credentials for a role; calls signed with them are evaluated against its policies. */
  credentialsFor(roleArn: string, functionName: string): Credentials;
  callerOf(accessKeyId: string | undefined): Caller;
  allows(principalArn: string, permission: Permission): boolean;
  /** The same, where the resource itself may let the caller: then only an explicit Deny refuses. */
  lets(caller: Caller, permission: Permission, isLetByResource: boolean): boolean;
  /** Throws AccessDenied(Exception) as AWS words it, and lists the refusal. Root passes. */
  check(caller: Caller, service: Service, permissions: readonly Permission[]): void;
  readonly denied: readonly Denied[];
  /** Every (function or role, action, resource) that was allowed, for least-privilege tests. */
  readonly used: ReadonlySet<string>;
};

export type AliasState = {
  functionName: string;
  name: string;
  version: string;
  weights: Readonly<Record<string, number>>;
  revisionId: string;
};

export type Invoked = {
  ok: boolean;
  /** The JSON text the function answered, or Lambda's error document. */
  payload: string;
  functionError?: "Unhandled" | "Handled";
  executedVersion: string;
  /** Account time the invocation took, init not included. */
  durationMs: number;
};

export type Lambda = {
  /** Synchronous. `qualifier` is a version, an alias or $LATEST. Counts metrics; never throws for a function error. */
  invoke(functionName: string, qualifier: string | undefined, payload: string): Promise<Invoked>;
  /** Queues an asynchronous invocation: two retries (1 and 2 minutes later), then the on-failure destination. */
  invokeAsync(functionArn: string, event: Json): void;
  /** Many calls through an alias in one go, each at its own instant, for traffic: same code, same metrics, one message to the worker. */
  callMany(
    functionName: string,
    alias: string,
    calls: readonly { at: number; payload: string }[],
  ): Promise<void>;
  alias(functionName: string, name: string): AliasState | undefined;
  /** Moves an alias; used by CodeDeploy after checking its service role. */
  moveAlias(
    functionName: string,
    name: string,
    to: { version: string; weights: Record<string, number> },
  ): void;
  /** Whether a resource-based policy lets this service principal invoke the function from this source. */
  permits(functionArn: string, servicePrincipal: string, sourceArn: string): boolean;
  has(functionName: string, version: string): boolean;
  /** The id of the innermost invocation that a function has under way, for callers known by their credentials. */
  running(functionName: string): string | undefined;
  /** Ends the worker that runs this invocation at once, as an instance that dies. */
  kill(invocationId: string): void;
  /** Answers a request to a function's URL; undefined when the function has none. */
  functionUrl?(functionName: string, request: UrlRequest): Promise<UrlAnswer | undefined>;
};

export type Logs = { write(logGroup: string, logStream: string, at: number, message: string): void };

export type Ssm = {
  get(name: string): string | undefined;
  onChange(listener: (name: string, value: string | undefined) => void): void;
};

/** One observation. `count` observations of the same value may be given at once. Visible to readers after the metric delay. */
export type CloudWatch = {
  record(
    series: { namespace: string; name: string; dimensions: Readonly<Record<string, string>> },
    at: number,
    value: number,
    count?: number,
  ): void;
  alarmState(name: string): "OK" | "ALARM" | "INSUFFICIENT_DATA" | undefined;
  spoil(rules: readonly SpoilRule[]): void;
};

export type Events = {
  /** Puts an AWS service's own event on the default bus; rules match, faults may drop, double, delay or reorder it. */
  emit(event: { source: string; detailType: string; resources: readonly string[]; detail: Json }): void;
};

export type Published = {
  at: number;
  topicArn: string;
  subject?: string;
  message: string;
  attributes: Record<string, string>;
};
export type Sns = {
  publish(
    topicArn: string,
    message: string,
    subject?: string,
    attributes?: Record<string, string>,
    actor?: ActingService,
  ): void;
  readonly published: readonly Published[];
};
export type Sqs = {
  send(queueArn: string, body: string, attributes?: Record<string, string>, actor?: ActingService): void;
  depth(queueArn: string): number;
};

export type CodeDeploy = {
  readonly name: "codedeploy";
  failMoves(fault: MoveFault): void;
  /** Starts what a stack update starts, and answers how to ask for its state. Throws as CreateDeployment does. */
  shiftAlias(shift: AliasShift): () => ShiftState;
};
export type Slack = {
  readonly messages: readonly SlackMessage[];
  listen(): void;
  /** How Slack behaves from now on. */
  behave(mode: SlackMode): void;
  handle(path: string, method: string, headers: Readonly<Record<string, string>>, body: string): UrlAnswer;
};
export type Traffic = {
  set(functionName: string, alias: string, model: TrafficModel | undefined): void;
  /** Makes all calls that fall before `at`; CodeDeploy calls it before it moves a weight. */
  settle(at: number): Promise<void>;
  /** Here and for Slack: follows its SSM parameters. Whoever fills the account calls it once `ssm` is there. */
  listen(): void;
};
