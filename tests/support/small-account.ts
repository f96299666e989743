/**
 * A small account for tests of single services: the real CodeDeploy, CloudWatch, EventBridge, SNS, SQS, Slack and traffic
 * around a Lambda that only keeps aliases, decides versions by weight and notes what it is asked.
 */
import { type Account, AwsError, type Json, type Service } from "../../local/account.ts";
import { createCloudWatch } from "../../local/cloudwatch/service.ts";
import { createCodeDeploy } from "../../local/codedeploy/service.ts";
import { createEvents } from "../../local/events/service.ts";
import { createFaults } from "../../local/faults.ts";
import { createSlack } from "../../local/slack.ts";
import { createSns } from "../../local/sns.ts";
import { createSqs } from "../../local/sqs.ts";
import { createTraffic } from "../../local/traffic.ts";
import { createWorld } from "../../local/world.ts";
import { createSmallLambda, type SmallLambda } from "./small-lambda.ts";

export const START_AT = Date.UTC(2026, 7, 16, 11, 56, 0);
export const ROLE = "arn:aws:iam::111122223333:role/codedeploy";

export type SmallAccount = Account & {
  lambda: SmallLambda;
  /** `action resource` pairs, as prefixes, that no role may use. */
  denied: Set<string>;
  parameters: Map<string, string>;
  logLines: string[];
  services: readonly Service[];
  putParameter(name: string, value: string | undefined): void;
  /** Runs an operation as the account's owner. */
  call(service: string, operation: string, input?: Json): Promise<Json>;
  /** What a caller of the operation must be allowed, as `action resource`. */
  needs(service: string, operation: string, input?: Json): string[];
  /** The code of the error that the operation answers with. */
  refused(service: string, operation: string, input?: Json): Promise<string>;
  make(type: string, properties: Json, logicalId?: string): Promise<Json>;
  /** Moves the clock on. */
  pass(ms: number): Promise<void>;
};

const RIGHTS: Pick<Account["iam"], "credentialsFor" | "callerOf" | "check" | "denied" | "used"> = {
  credentialsFor: () => ({ accessKeyId: "A", secretAccessKey: "S", sessionToken: "T" }),
  callerOf: () => ({ principalArn: "arn:aws:iam::111122223333:root", isRoot: true }),
  check: () => {},
  denied: [],
  used: new Set(),
};

export const createSmallAccount = (options: { seed?: number; metricDelayMs?: number } = {}): SmallAccount => {
  const world = createWorld({ seed: options.seed ?? 1, startAt: START_AT });
  const denied = new Set<string>();
  const parameters = new Map<string, string>();
  const listeners: ((name: string, value: string | undefined) => void)[] = [];
  const logLines: string[] = [];
  const account = {
    id: "111122223333",
    region: "eu-west-1",
    endpoint: "http://127.0.0.1:4566",
    world,
    faults: createFaults(world),
    iam: {
      ...RIGHTS,
      allows: (_principal: string, { action, resource }: { action: string; resource: string }) =>
        ![...denied].some((entry) => `${action} ${resource}`.startsWith(entry)),
    },
    logs: { write: (_group: string, _stream: string, _at: number, line: string) => logLines.push(line) },
    ssm: {
      get: (name: string) => parameters.get(name),
      onChange: (listener: (name: string, value: string | undefined) => void) => listeners.push(listener),
    },
    denied,
    parameters,
    logLines,
  } as unknown as SmallAccount;

  const services: Service[] = [];
  const add = <T extends { service: Service }>(made: T): T => {
    services.push(made.service);
    return made;
  };
  const traffic = createTraffic(account);
  const slack = createSlack(account);
  Object.assign(account, {
    lambda: createSmallLambda(account),
    cloudwatch: add(createCloudWatch(account, options)),
    events: add(createEvents(account)),
    sns: add(createSns(account)),
    sqs: add(createSqs(account)),
    codedeploy: add(createCodeDeploy(account)),
    slack,
    traffic,
    services,
    putParameter: (name: string, value: string | undefined) => {
      if (value === undefined) parameters.delete(name);
      else parameters.set(name, value);
      for (const listener of listeners) listener(name, value);
    },
    needs: (serviceName: string, operation: string, input: Json = {}) =>
      (services.find(({ name }) => name === serviceName)?.operations[operation]?.needs(input) ?? []).map(
        ({ action, resource }) => `${action} ${resource}`,
      ),
    call: async (serviceName: string, operation: string, input: Json = {}) => {
      const service = services.find(({ name }) => name === serviceName);
      const found = service?.operations[operation];
      if (found === undefined) throw new Error(`no operation ${serviceName}.${operation}`);
      found.needs(input);
      const caller = account.iam.callerOf(undefined);
      return JSON.parse(JSON.stringify(await found.run(JSON.parse(JSON.stringify(input)), caller)));
    },
    refused: async (serviceName: string, operation: string, input: Json = {}) => {
      try {
        await account.call(serviceName, operation, input);
      } catch (error) {
        if (error instanceof AwsError) return error.code;
        throw error;
      }
      throw new Error(`${serviceName}.${operation} was not refused`);
    },
    make: async (type: string, properties: Json, logicalId = "Thing") => {
      const maker = services.map(({ resources }) => resources?.[type]).find((one) => one !== undefined);
      if (maker === undefined) throw new Error(`no maker for ${type}`);
      return maker(JSON.parse(JSON.stringify(properties)), { logicalId, stackName: "stack" });
    },
    pass: (ms: number) => world.advanceTo(world.now() + ms),
  });
  traffic.listen();
  slack.listen();
  return account;
};
